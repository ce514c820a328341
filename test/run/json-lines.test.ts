import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { JsonLines, readJsonLines } from "../../src/run/json-lines.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
const Row = z.strictObject({ n: z.int() });

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const found: Value[] = [];
  for await (const value of values) found.push(value);
  return found;
}

describe("JsonLines", () => {
  test("appends one line a row and reports its size in bytes", () => {
    const lines = new JsonLines(join(folder, "a.jsonl"));
    lines.append([{ n: 1 }, { text: "é" }]);
    expect(readFileSync(lines.path, "utf8")).toBe('{"n":1}\n{"text":"é"}\n');
    expect(lines.size).toBe(8 + 14);
    lines.close();
  });

  test.each([
    ["a torn last line", '{"n":1}\n{"n":', '{"n":1}\n'],
    ["a torn only line", '{"n":', ""],
    ["a torn line longer than one read", `{"n":1}\n{"text":"${"x".repeat(200_000)}`, '{"n":1}\n'],
    ["a whole line without its newline", '{"n":1}\n{"n":2}', '{"n":1}\n'],
    ["nothing where all is whole", '{"n":1}\n{"n":2}\n', '{"n":1}\n{"n":2}\n'],
  ])("opening drops %s", (_, before, after) => {
    const path = join(folder, "torn.jsonl");
    writeFileSync(path, before);
    new JsonLines(path).close();
    expect(readFileSync(path, "utf8")).toBe(after);
  });

  test("truncates at the end of a line, and nowhere else", () => {
    const path = join(folder, "cut.jsonl");
    writeFileSync(path, '{"n":1}\n{"n":2}\n');
    const lines = new JsonLines(path);
    expect(() => lines.truncate(9)).toThrow("16 bytes, expected at least 9 that end with a whole line");
    expect(() => lines.truncate(24)).toThrow("16 bytes, expected at least 24");
    lines.truncate(8);
    lines.append([{ n: 3 }]);
    lines.close();
    expect(readFileSync(path, "utf8")).toBe('{"n":1}\n{"n":3}\n');
  });
});

describe("readJsonLines", () => {
  test("gives whole lines and skips a torn last one", async () => {
    const path = join(folder, "read.jsonl");
    writeFileSync(path, '{"n":1}\n{"n":2}\n{"n":');
    expect(await all(readJsonLines(path, Row))).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("does not split at U+2028, nor inside a character that two reads share", async () => {
    const path = join(folder, "separators.jsonl");
    const text = `\u2028\u2029\r${"é".repeat(70_000)}`;
    writeFileSync(path, `${JSON.stringify({ text })}\n`);
    expect(await all(readJsonLines(path, z.object({ text: z.string() })))).toEqual([{ text }]);
  });

  test("names file and line of what is no row", async () => {
    const path = join(folder, "bad.jsonl");
    writeFileSync(path, '{"n":1}\n');
    appendFileSync(path, '{"n":"two"}\n');
    await expect(all(readJsonLines(path, Row))).rejects.toThrow(`${path}:2 has an unexpected n: `);
    writeFileSync(path, "{n:1}\n");
    await expect(all(readJsonLines(path, Row))).rejects.toThrow(`${path}:1 is not JSON: "{n:1}"`);
  });

  test("has no rows where there is no file", async () => {
    expect(await all(readJsonLines(join(folder, "none.jsonl"), Row))).toEqual([]);
  });
});
