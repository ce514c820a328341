import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModel, loadTensors, loadTensorsInto, saveModel, saveTensors } from "../../src/policy/checkpoint.ts";
import { openSafetensors } from "../../src/policy/safetensors.ts";
import { writeSafetensors } from "../../src/policy/safetensors-writer.ts";
import { writeFolder } from "../../src/policy/write-folder.ts";

/** Written by transformers: test/fixtures/make_llama_fixtures.py. */
const FIXTURES = join(import.meta.dirname, "../fixtures");
const MODELS = ["llama-tiny", "qwen2-tiny", "qwen3-tiny"];

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rlvr-checkpoint-"));
});
afterAll(() => rm(scratch, { recursive: true }));

/** All tensors of a small F32 file, read the short way. */
async function rawTensors(path: string): Promise<Map<string, { shape: number[]; values: Float32Array }>> {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE());
  const { __metadata__, ...header } = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  const entries = header as Record<string, { shape: number[]; data_offsets: [number, number] }>;
  return new Map(
    Object.entries(entries).map(([name, { shape, data_offsets }]) => {
      const slice = bytes.subarray(8 + length + data_offsets[0], 8 + length + data_offsets[1]);
      return [name, { shape, values: new Float32Array(Uint8Array.from(slice).buffer) }];
    }),
  );
}

describe("saveModel", () => {
  test.each(MODELS)("gives back the bytes of %s that transformers wrote", async (name) => {
    const saved = join(scratch, `saved-${name}`);
    await saveModel(saved, await loadModel(join(FIXTURES, name)));
    for (const file of ["model.safetensors", "tokenizer.json", "tokenizer_config.json"]) {
      expect(await readFile(join(saved, file)), file).toEqual(await readFile(join(FIXTURES, name, file)));
    }
    expect((await loadModel(saved)).config).toEqual((await loadModel(join(FIXTURES, name))).config);
  });

  test("leaves nothing but the files of a model", async () => {
    const saved = join(scratch, "only-a-model");
    await saveModel(saved, await loadModel(join(FIXTURES, "llama-tiny")));
    expect((await readdir(saved)).sort()).toEqual([
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect((await readdir(scratch)).filter((file) => file.endsWith(".partial"))).toEqual([]);
  });

  test("replaces the model of an existing folder and keeps other files", async () => {
    const saved = join(scratch, "existing");
    const model = await loadModel(join(FIXTURES, "llama-tiny"));
    await saveModel(saved, model);
    await writeFile(join(saved, "README.md"), "mine");
    model.weights.views["model.norm.weight"]![0] = 42;
    await saveModel(saved, model);
    expect((await loadModel(saved)).weights.views["model.norm.weight"]![0]).toBe(42);
    expect(await readFile(join(saved, "README.md"), "utf8")).toBe("mine");
  });

  test("rounds to BF16 where asked to", async () => {
    const saved = join(scratch, "rounded");
    const model = await loadModel(join(FIXTURES, "llama-tiny"));
    model.weights.views["model.norm.weight"]![0] = 1.01; // BF16 has 8 significant bits: 1.0078125 is the nearest
    await saveModel(saved, model, { format: "BF16" });
    expect((await loadModel(saved)).weights.views["model.norm.weight"]![0]).toBe(1.0078125);
  });
});

describe("loadModel", () => {
  test.each(MODELS)("reads every tensor of %s under its name", async (name) => {
    const { weights } = await loadModel(join(FIXTURES, name));
    const raw = await rawTensors(join(FIXTURES, name, "model.safetensors"));
    expect(Object.keys(weights.views).sort()).toEqual([...raw.keys()].sort());
    for (const [tensor, { values }] of raw) expect([...weights.views[tensor]!], tensor).toEqual([...values]);
    for (const { name: tensor, shape } of weights.specs) expect(shape, tensor).toEqual(raw.get(tensor)!.shape);
  });

  test("reads what config.json says: norms of queries and keys, heads wider than D / H", async () => {
    const { config } = await loadModel(join(FIXTURES, "qwen3-tiny"));
    expect(config).toMatchObject({ qkNorm: true, qkvBias: false, headDim: 16, tieEmbeddings: true, ropeTheta: 1e6 });
  });

  test("names tensors that are missing, misshapen or unknown", async () => {
    const folder = join(scratch, "misfit");
    await cp(join(FIXTURES, "llama-tiny"), folder, { recursive: true });
    const raw = await rawTensors(join(folder, "model.safetensors"));
    const norm = raw.get("model.norm.weight")!;
    raw.set("model.norm.weight", { shape: [31], values: norm.values.slice(0, 31) });
    raw.delete("model.layers.0.mlp.up_proj.weight");
    raw.set("model.layers.0.self_attn.q_proj.bias", norm);
    raw.set("model.layers.0.self_attn.rotary_emb.inv_freq", norm); // old checkpoints have it; nobody needs it
    const sources = [...raw].map(([name, { shape, values }]) => ({
      name,
      shape,
      fill: (into: Float32Array, row: number) =>
        into.set(values.subarray(row * (shape[1] ?? 1)).subarray(0, into.length)),
    }));
    await writeSafetensors(join(folder, "model.safetensors"), sources);
    const error = await loadModel(folder).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "E_CHECKPOINT" });
    const { message } = error as Error;
    expect(message).toContain("tensor model.layers.0.mlp.up_proj.weight [64, 32] is missing");
    expect(message).toContain("tensor model.norm.weight has shape [31], expected [32]");
    expect(message).toContain("tensor model.layers.0.self_attn.q_proj.bias is not expected");
    expect(message).not.toContain("inv_freq");
  });

  test("refuses a tokenizer that is larger than the embedding", async () => {
    const folder = join(scratch, "large-tokenizer");
    await cp(join(FIXTURES, "llama-tiny"), folder, { recursive: true });
    const tokenizer = JSON.parse(await readFile(join(folder, "tokenizer.json"), "utf8"));
    tokenizer.added_tokens.push({ ...tokenizer.added_tokens[0], id: 58, content: "<more>" });
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
    await expect(loadModel(folder)).rejects.toThrow("has 59 tokens, expected at most the model's 58");
  });

  test("says which file a folder lacks", async () => {
    const folder = join(scratch, "lacking");
    await writeFolder(folder, async (aside) => {
      for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
        await copyFile(join(FIXTURES, "llama-tiny", file), join(aside, file));
      }
    });
    await expect(loadModel(folder)).rejects.toThrow("has neither model.safetensors nor model.safetensors.index.json");
    await rm(join(folder, "tokenizer.json"));
    await expect(loadModel(folder)).rejects.toThrow("tokenizer.json does not exist");
    await expect(loadModel(join(scratch, "nowhere"))).rejects.toMatchObject({ code: "E_CHECKPOINT" });
  });
});

describe("saveTensors", () => {
  const path = () => join(scratch, "optimizer.safetensors");
  const state = { firstMoment: Float32Array.of(1, -0.1, Number.MIN_VALUE, 3e38), step: Float32Array.of(7) };

  test("keeps every bit", async () => {
    await saveTensors(path(), state);
    expect(await loadTensors(path())).toEqual(state);
  });

  test("fills existing arrays, on shared memory too", async () => {
    await saveTensors(path(), state);
    const firstMoment = new Float32Array(new SharedArrayBuffer(16));
    const step = new Float32Array(1);
    await loadTensorsInto(path(), { firstMoment, step });
    expect([...firstMoment]).toEqual([...state.firstMoment]);
    expect(step[0]).toBe(7);
  });

  test("loads into nothing that does not fit", async () => {
    await saveTensors(path(), state);
    const wrong = { firstMoment: new Float32Array(3), secondMoment: new Float32Array(4) };
    const error = await loadTensorsInto(path(), wrong).catch((reason: Error) => reason);
    expect((error as Error).message).toContain("tensor firstMoment has shape [4], expected [3]");
    expect((error as Error).message).toContain("tensor secondMoment [4] is missing");
    expect((error as Error).message).toContain("tensor step is not expected");
  });

  test("writes more than one chunk", async () => {
    const size = 3 * 2 ** 20 + 5;
    const values = Float32Array.from({ length: size }, (_, i) => i);
    await saveTensors(path(), { values });
    const loaded = (await loadTensors(path())).values!;
    expect(loaded.length).toBe(size);
    expect(loaded.findIndex((value, i) => value !== i)).toBe(-1);
  });
});

describe("writeFolder", () => {
  test("leaves no folder where writing fails", async () => {
    const folder = join(scratch, "failed");
    const writing = writeFolder(folder, async (aside) => {
      await writeFile(join(aside, "half"), "");
      throw new Error("the disk is full");
    });
    await expect(writing).rejects.toThrow("the disk is full");
    expect(await readdir(scratch)).not.toContain("failed");
    await writeFolder(folder, (aside) => writeFile(join(aside, "whole"), ""));
    expect(await readdir(folder)).toEqual(["whole"]);
  });
});

describe("openSafetensors", () => {
  test("reads what torch rounded to F16", async () => {
    const exact = await rawTensors(join(FIXTURES, "qwen3-tiny", "model.safetensors"));
    const store = await openSafetensors(join(FIXTURES, "qwen3-tiny-f16", "model.safetensors"));
    let largest = 0;
    for (const [name, { values }] of exact) {
      await store.read(name, (rows, firstRow) => {
        const start = firstRow * store.tensors.get(name)!.columns;
        for (const [i, value] of rows.entries()) {
          // half a unit in the last of 11 places; below 2^-14 the spacing is 2^-24
          const allowed = Math.max(Math.abs(values[start + i]!) * 2 ** -11, 2 ** -25);
          largest = Math.max(largest, Math.abs(value - values[start + i]!) / allowed);
        }
      });
    }
    await store.close();
    expect(largest).toBeLessThanOrEqual(1);
    expect(largest).toBeGreaterThan(0.9);
  });
});
