import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readDataset } from "../../src/rollout/task.ts";
import { collected } from "./collected.ts";

const PARQUET = fileURLToPath(new URL("../fixtures/parquet", import.meta.url));
const Row = z.object({ q: z.string(), n: z.int() });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rlvr-dataset-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(path: string | URL): Promise<z.infer<typeof Row>[]> {
  return collected(readDataset(path, { schema: Row, expected: "a file from there" }));
}

describe("JSONL", () => {
  test("one row a line; blank lines, CRLF, a byte-order mark and a missing last newline are fine", async () => {
    const path = write("rows.jsonl", '\ufeff{"q":"a","n":1}\r\n\n  \n{"q":"b","n":2,"extra":true}\n{"q":"c","n":3}');
    expect(await read(path)).toEqual([
      { q: "a", n: 1 },
      { q: "b", n: 2 },
      { q: "c", n: 3 },
    ]);
    expect(await read(pathToFileURL(path))).toHaveLength(3);
  });

  test("U+2028 and other separators inside a text end no line", async () => {
    const path = write("separators.jsonl", '{"q":"a\u2028b\u2029c\u0085d","n":1}\n');
    expect(await read(path)).toEqual([{ q: "a\u2028b\u2029c\u0085d", n: 1 }]);
  });

  test("rows longer than what is read at a time, with characters of several bytes across the seam", async () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({ q: "é🧮漢".repeat(1000 * (n % 7)), n }));
    const path = write("long.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    expect(await read(path)).toEqual(rows);
  });

  test("a line that is not JSON, by its number", async () => {
    const path = write("bad.jsonl", '{"q":"a","n":1}\n\n{"q":"b" "n":2}\n{"q":"c","n":3}\n');
    await expect(read(path)).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringContaining(`${path}:3 is not JSON`),
    });
  });

  test("a last line that is torn says so", async () => {
    const path = write("torn.jsonl", '{"q":"a","n":1}\n{"q":"b","n');
    await expect(read(path)).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/torn\.jsonl:2, the last line, is torn: it ends in the middle of a row/),
      hint: expect.stringContaining("cut off"),
    });
  });

  test("a row that does not fit, by its line; rows before it come", async () => {
    const path = write("misfit.jsonl", '{"q":"a","n":1}\n{"q":"b","n":"2"}\n');
    const rows = readDataset(path, { schema: Row });
    expect((await rows.next()).value).toEqual({ q: "a", n: 1 });
    await expect(rows.next()).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/misfit\.jsonl:2 does not fit: .*at n$/s),
      hint: expect.stringContaining('{"q":"b","n":"2"}'),
    });
  });

  test("a schema transforms; without one rows are what the file says", async () => {
    const path = write("raw.jsonl", '{"q":"a","n":1}\n7\n');
    expect(await collected(readDataset(path))).toEqual([{ q: "a", n: 1 }, 7]);
    const schema = z.unknown().transform((value) => JSON.stringify(value));
    expect(await collected(readDataset(path, { schema }))).toEqual(['{"q":"a","n":1}', "7"]);
  });

  test("an empty file has no rows", async () => {
    expect(await read(write("empty.jsonl", ""))).toEqual([]);
    expect(await read(write("blank.jsonl", "\n\n"))).toEqual([]);
  });
});

describe("JSON", () => {
  test("an array of rows, or one row", async () => {
    expect(await read(write("rows.json", '[{"q":"a","n":1},{"q":"b","n":2}]'))).toEqual([
      { q: "a", n: 1 },
      { q: "b", n: 2 },
    ]);
    expect(await read(write("row.json", '{"q":"a","n":1}'))).toEqual([{ q: "a", n: 1 }]);
  });

  test("what is wrong is said with its place", async () => {
    await expect(read(write("misfit.json", '[{"q":"a","n":1},{"q":"b"}]'))).rejects.toMatchObject({
      message: expect.stringMatching(/^row 2 of .*misfit\.json does not fit/),
    });
    await expect(read(write("lines.json", '{"q":"a","n":1}\n{"q":"b","n":2}\n'))).rejects.toMatchObject({
      code: "E_TASK_DATA",
      hint: expect.stringContaining(".jsonl"),
    });
  });
});

describe("Parquet, written by Apache Arrow", () => {
  const ROWS = [
    { problem: "What is 1 + 1?", answer: "2", level: 1, big: 1, note: "a", tags: ["x", "y"] },
    { problem: "¿2 · 3?", answer: "6", level: 2, big: 2, note: null, tags: [] },
    { problem: "3", answer: "3", level: 3, big: 3, note: "c", tags: ["z"] },
    { problem: "four", answer: "4", level: 4, big: 4, note: "d", tags: ["x"] },
    { problem: "five 🧮", answer: "5", level: 5, big: 2n ** 60n + 1n, note: "e", tags: ["y"] },
  ];

  test.each(["none", "snappy", "gzip", "zstd", "brotli"])("%s: all rows of all row groups", async (codec) => {
    expect(await collected(readDataset(join(PARQUET, `${codec}.parquet`)))).toEqual(ROWS);
  });

  test("another codec is named, with the package that reads it", async () => {
    await expect(collected(readDataset(join(PARQUET, "lz4.parquet")))).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/is compressed with LZ4(_RAW)?, expected one of UNCOMPRESSED, SNAPPY, GZIP/),
      hint: expect.stringContaining("hyparquet-compressors"),
    });
  });

  test("a row that does not fit, by its number", async () => {
    const schema = z.object({ level: z.int().max(2) });
    await expect(collected(readDataset(join(PARQUET, "snappy.parquet"), { schema }))).rejects.toMatchObject({
      message: expect.stringMatching(/^row 3 of .*snappy\.parquet does not fit/),
    });
  });

  test("a file that is no Parquet, or cut off", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    for (const path of [
      write("pointer.parquet", pointer),
      write("empty.parquet", ""),
      write("short.parquet", "PAR1"),
    ]) {
      await expect(read(path)).rejects.toMatchObject({
        code: "E_TASK_DATA",
        message: expect.stringContaining("cannot be read as Parquet"),
        hint: expect.stringContaining("Git LFS"),
      });
    }
  });
});

test("a missing file is an error that says what is expected, an unknown ending one with the known endings", async () => {
  await expect(read(join(folder, "nowhere.jsonl"))).rejects.toMatchObject({
    code: "E_TASK_DATA",
    message: expect.stringMatching(/^there is no file .*nowhere\.jsonl, expected a file from there$/),
  });
  for (const name of ["rows.csv", "rows", "rows.constructor"]) {
    await expect(read(write(name, "q,n\n"))).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringContaining("expected .jsonl, .json, .parquet"),
    });
  }
});
