import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { readSplit, type Split, splitByContent } from "../../src/rollout/task.ts";
import { collected } from "./collected.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rlvr-split-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const schema = z.object({ q: z.string() });
const options = { schema, expected: "letters from there", content: ({ q }: { q: string }) => q, skip: /socratic/ };

/** A file with one row for each letter. */
function write(path: string, letters: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  const rows = [...letters].map((q) => JSON.stringify({ q }));
  writeFileSync(join(folder, path), path.endsWith(".json") ? `[${rows.join()}]` : rows.join("\n"));
}

async function letters(split: Split, path = "."): Promise<string> {
  const rows = await collected(readSplit(join(folder, path), split, options));
  return rows.map(({ q }) => q).join("");
}

describe("a folder", () => {
  test("train.jsonl and test.jsonl; other files and other configurations are left out", async () => {
    write("train.jsonl", "ab");
    write("test.jsonl", "cd");
    write("train_socratic.jsonl", "xx");
    write("example_solutions.jsonl", "yy");
    write(".cache/train.jsonl", "zz");
    expect([await letters("train"), await letters("eval")]).toEqual(["ab", "cd"]);
  });

  test("shards in folders, in the order of their paths", async () => {
    write("main/train-00001-of-00002.jsonl", "c");
    write("main/train-00000-of-00002.jsonl", "ab");
    write("main/test-00000-of-00001.jsonl", "d");
    write("socratic/train-00000-of-00001.jsonl", "x");
    expect([await letters("train"), await letters("eval")]).toEqual(["abc", "d"]);
  });

  test("one file a row, in folders by subject", async () => {
    for (const [path, letter] of Object.entries({
      "train/algebra/1": "a",
      "train/geometry/7": "b",
      "test/algebra/2": "c",
    })) {
      write(`MATH/${path}.json`, letter);
    }
    expect([await letters("train"), await letters("eval")]).toEqual(["ab", "c"]);
  });

  test("the same rows in two formats are read once", async () => {
    write("train.jsonl", "ab");
    write("train.json", "ab");
    expect(await letters("train")).toBe("ab");
  });

  test("no file of the split is an error that says what is expected", async () => {
    write("test.jsonl", "c");
    expect(await letters("eval")).toBe("c");
    await expect(letters("train")).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/has no file of the train split, expected letters from there$/),
    });
    await expect(letters("train", "nowhere")).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/^there is no file or folder .*nowhere, expected letters from there$/),
    });
  });
});

describe("a file", () => {
  test("is the split that its name says", async () => {
    write("test.jsonl", "abc");
    expect(await letters("eval", "test.jsonl")).toBe("abc");
    await expect(letters("train", "test.jsonl")).rejects.toMatchObject({ code: "E_TASK_DATA" });
  });

  test("without a split in its name is divided by content, whole and without overlap", async () => {
    const all = "abcdefghijklmnopqrstuvwxyz0123456789";
    write("problems.jsonl", all);
    const [train, evaluation] = [await letters("train", "problems.jsonl"), await letters("eval", "problems.jsonl")];
    expect([...train, ...evaluation].sort().join("")).toBe([...all].sort().join(""));
    expect([...evaluation].every((letter) => splitByContent(letter) === "eval")).toBe(true);
    expect(evaluation.length).toBeGreaterThan(0);
    expect(evaluation.length).toBeLessThan(train.length);
  });
});
