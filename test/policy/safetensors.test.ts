import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModel, loadTensors, saveModel } from "../../src/policy/checkpoint.ts";
import { fromFloat32, toFloat32 } from "../../src/policy/float-formats.ts";
import { openSafetensors } from "../../src/policy/safetensors.ts";
import { openModelTensors } from "../../src/policy/safetensors-shards.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rlvr-safetensors-"));
});
afterAll(() => rm(scratch, { recursive: true }));

/** A file of our own making; `headerLength` may lie. */
async function fileOf(header: unknown, dataBytes: number, headerLength?: number): Promise<string> {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(headerLength ?? json.length));
  const path = join(scratch, "made.safetensors");
  await writeFile(path, Buffer.concat([prefix, json, Buffer.alloc(dataBytes)]));
  return path;
}

const f32 = (shape: number[], begin: number, end: number) => ({ dtype: "F32", shape, data_offsets: [begin, end] });

describe("openSafetensors", () => {
  test("accepts tensors in any order of the header, scalars and empty tensors", async () => {
    const header = { b: f32([2], 4, 12), a: f32([], 0, 4), none: f32([0, 3], 12, 12), __metadata__: { any: "text" } };
    expect(await loadTensors(await fileOf(header, 12))).toEqual({
      a: Float32Array.of(0),
      b: Float32Array.of(0, 0),
      none: new Float32Array(0),
    });
  });

  test.each([
    ["a header longer than the file", {}, 0, 999, "the header's length is 999 bytes, expected at most 2"],
    ["a header that is not JSON", "{nonsense", 0, undefined, "the header is not JSON"],
    ["a header that is a list", [], 0, undefined, "expected record, received array"],
    ["an unknown dtype", { w: { ...f32([1], 0, 4), dtype: "F13" } }, 4, undefined, '"w" has dtype "F13", expected F32'],
    ["a negative size", { w: f32([-1], 0, 4) }, 4, undefined, 'tensor "w": ✖ Too small'],
    ["no offsets", { w: { dtype: "F32", shape: [1] } }, 4, undefined, "→ at data_offsets"],
    [
      "offsets that do not fit the shape",
      { w: f32([2, 3], 0, 20) },
      20,
      undefined,
      '"w" has data_offsets [0, 20], that is 20 bytes, expected 24 for F32 [2, 3]',
    ],
    [
      "tensors that overlap",
      { a: f32([2], 0, 8), b: f32([2], 4, 12) },
      12,
      undefined,
      'tensor "b" overlaps "a": it starts at byte 4 of the data, expected 8',
    ],
    ["two tensors at one place", { a: f32([1], 0, 4), b: f32([1], 0, 4) }, 8, undefined, 'tensor "b" overlaps "a"'],
    ["a gap", { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, undefined, 'tensor "b" leaves a gap after "a"'],
    ["data cut off", { w: f32([4], 0, 16) }, 10, undefined, /has 73 bytes, expected 79 \(up to "w"\)/],
    ["data left over", { w: f32([1], 0, 4) }, 9, undefined, "bytes, expected "],
  ])("refuses %s", async (_, header, dataBytes, headerLength, message) => {
    const path = await fileOf(header, dataBytes, headerLength);
    const error = await openSafetensors(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "E_CHECKPOINT" });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain("made.safetensors");
  });

  test("refuses a file shorter than the length of its header", async () => {
    const path = join(scratch, "short.safetensors");
    await writeFile(path, Buffer.alloc(5));
    await expect(openSafetensors(path)).rejects.toThrow("ends after 5 bytes, expected 8");
  });

  test("names a tensor that is not there", async () => {
    const store = await openSafetensors(await fileOf({ w: f32([1], 0, 4) }, 4));
    expect(() => store.read("v", () => {})).toThrow('has no tensor "v"');
    await store.close();
  });
});

describe("openModelTensors", () => {
  test("reads torch's BF16 shards as our own rounding of the exact weights", async () => {
    const rounded = join(scratch, "rounded");
    await saveModel(rounded, await loadModel(join(FIXTURES, "qwen3-tiny")), { format: "BF16" });
    const ours = await loadTensors(join(rounded, "model.safetensors"));
    const theirs = await openModelTensors(join(FIXTURES, "qwen3-tiny-bf16-shards"));
    expect([...theirs.tensors.keys()].sort()).toEqual(Object.keys(ours).sort());
    for (const [name, { rows, columns, format }] of theirs.tensors) {
      expect(format).toBe("BF16");
      const values = new Float32Array(rows * columns);
      await theirs.read(name, (chunk, row) => values.set(chunk, row * columns));
      expect(values, name).toEqual(ours[name]);
    }
    await theirs.close();
  });

  test("refuses an index that points outside its folder or at a tensor that is not there", async () => {
    const index = join(scratch, "model.safetensors.index.json");
    const write = (file: string) => writeFile(index, JSON.stringify({ weight_map: { w: file } }));
    await write("../elsewhere.safetensors");
    await expect(openModelTensors(scratch)).rejects.toThrow("expected a file of its own folder");
    await fileOf({ v: f32([1], 0, 4) }, 4);
    await write("made.safetensors");
    await expect(openModelTensors(scratch)).rejects.toThrow('made.safetensors has no tensor "w"');
  });
});

describe("number formats", () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

  // bit patterns by IEEE 754 (binary16) and by definition (bfloat16: the upper half of binary32); little-endian
  test.each([
    ["BF16", 1, "803f"],
    ["BF16", -2.5, "20c0"],
    ["BF16", 1 + 2 ** -8, "803f"], // a tie goes to the even neighbour, down
    ["BF16", 1 + 3 * 2 ** -8, "823f"], // and up
    ["BF16", 1 + 2 ** -8 + 2 ** -20, "813f"],
    ["BF16", 3.4e38, "807f"], // rounds to infinity
    ["F16", 1, "003c"],
    ["F16", 65504, "ff7b"],
    ["F16", 65520, "007c"],
    ["F16", 2 ** -24, "0100"], // the smallest subnormal
    ["F16", 1 + 2 ** -11, "003c"],
  ] as const)("%s of %f is %s", (format, value, bits) => {
    expect(hex(fromFloat32(Float32Array.of(value), format))).toBe(bits);
  });

  test("NaN stays NaN", () => {
    const lowPayload = new Float32Array(Uint32Array.of(0x7f800001).buffer);
    for (const format of ["BF16", "F16"] as const) {
      expect(toFloat32(fromFloat32(lowPayload, format), format)[0]).toBeNaN();
    }
  });

  test("every BF16 and F16 pattern survives the way through float32", () => {
    const patterns = new Uint8Array(Uint16Array.from({ length: 0x7c00 }, (_, i) => i).buffer); // finite, positive
    for (const format of ["BF16", "F16"] as const) {
      expect(hex(fromFloat32(toFloat32(patterns, format), format))).toBe(hex(patterns));
    }
  });
});

describe("writeSafetensors", () => {
  test("pads the header to 8 bytes with spaces", async () => {
    const bytes = await readFile(join(FIXTURES, "llama-tiny", "model.safetensors"));
    expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0); // the reference implementation does; ours equals it byte by byte
    const saved = join(scratch, "padded");
    const model = await loadModel(join(FIXTURES, "llama-tiny"));
    await saveModel(saved, model, { format: "F16" });
    const ours = await readFile(join(saved, "model.safetensors"));
    expect(Number(ours.readBigUInt64LE()) % 8).toBe(0);
    expect(ours.toString("utf8", 8, 41)).toBe('{"__metadata__":{"format":"pt"},"');
  });
});
