import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluate } from "mathjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureTask, readRows } from "../../src/rollout/index.ts";
import task from "../../tasks/gsm8k/task.ts";

const SAMPLE = fileURLToPath(new URL("../../tasks/gsm8k/sample/", import.meta.url));
const problems = ["train", "test"].flatMap((name) =>
  readFileSync(join(SAMPLE, `${name}.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { question: string; answer: string; check: string }),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rlvr-gsm8k-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, rows: readonly object[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join("\n"));
  return path;
}

describe("the sample", () => {
  test("has 42 problems for train and 21 for eval, none twice", async () => {
    expect([(await readRows(task, "train", 0, 99)).length, (await readRows(task, "eval", 0, 99)).length]).toEqual([
      42, 21,
    ]);
    expect(new Set(problems.map(({ question }) => question)).size).toBe(63);
  });

  test.each(problems)("$question", ({ answer, check }) => {
    const gold = /#### (\d+)$/.exec(answer)?.[1];
    expect(evaluate(check)).toBeCloseTo(Number(gold), 9); // a second way to the answer, from the question's numbers
    // every equation of the worked solution is true
    const equations = [...answer.matchAll(/([-\d.+*/() ]*\d\)?) = (-?\d+(?:\.\d+)?)/g)];
    expect(equations.length).toBeGreaterThan(0);
    for (const [, left, right] of equations) expect(evaluate(left as string)).toBeCloseTo(Number(right), 9);
    const worked = answer.slice(0, answer.indexOf("####"));
    expect(worked).toMatch(new RegExp(`\\b${gold}(?:th)?\\b`)); // the number of the last line was arrived at
  });

  test("solutions get reward 1 and fit", async () => {
    for (const row of [...(await readRows(task, "train", 0, 99)), ...(await readRows(task, "eval", 0, 99))]) {
      const solution = task.solution?.(row) ?? "";
      expect(solution.length).toBeLessThan(task.maxTokens);
      expect(await task.verify(solution, row)).toMatchObject({ reward: 1, outcome: "correct" });
    }
  });
});

describe("GSM8K from a path", () => {
  const row = { question: "2 and 3?", answer: "It is 2 + 3 = <<2+3=5>>5.\nSo <<5*1=5>>5.\n#### 5" };

  test("the calculator's marks are removed, the number is what stands behind ####", async () => {
    write("train.jsonl", [row]);
    write("test.jsonl", [{ ...row, answer: "many\n#### 1,450,000" }]);
    const gsm8k = configureTask(task, { path: folder });
    expect(await readRows(gsm8k, "train", 0, 9)).toEqual([
      { id: "train-0", question: "2 and 3?", answer: "5", solution: "It is 2 + 3 = 5.\nSo 5." },
    ]);
    const [large] = await readRows(gsm8k, "eval", 0, 9);
    expect(large?.answer).toBe("1,450,000");
    expect(await task.verify("#### 1450000", large!)).toMatchObject({ reward: 1 });
    expect(await task.verify("#### 1450001", large!)).toMatchObject({ reward: 0 });
  });

  test("answers that are no number are refused with their count, or left out", async () => {
    const path = write("train.jsonl", [row, { ...row, answer: "no mark" }, { ...row, answer: "#### \\frac{" }, row]);
    await expect(readRows(configureTask(task, { path }), "train", 0, 9)).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/2 of the 4 rows of .*train\.jsonl have an answer that the verifier cannot read/),
    });
    const readable = await readRows(configureTask(task, { path, unreadable: "skip" }), "train", 0, 9);
    expect(readable.map(({ id }) => id)).toEqual(["train-0", "train-1"]);
  });

  test("a missing path names the data set and its layout", async () => {
    await expect(readRows(configureTask(task, { path: join(folder, "no") }), "train", 0, 9)).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/openai\/gsm8k on the Hub.*train\.jsonl and test\.jsonl.*question and answer/),
    });
  });
});

describe("verify", () => {
  const row = { id: "x", question: "?", answer: "72", solution: "" };

  test.each([
    ["so\n#### 72", 1, "correct"],
    ["#### $72", 1, "correct"],
    ["#### 72.00", 1, "correct"],
    ["<think>#### 71</think>\n#### 72", 1, "correct"],
    ["\\boxed{72}", 1, "correct"],
    ["#### 71", 0, "incorrect"],
    ["#### 71.9999999", 0, "incorrect"],
    ["#### 8 * 9", 0, "incorrect"],
    ["#### 70, 71, 72, 73", 0, "incorrect"],
    ["#### 72\n#### 73", 0, "incorrect"],
    ["the answer is 72", 0, "unparsed"],
    ["<think>\n#### 72", 0, "unparsed"],
    ["####", 0, "unparsed"],
  ])("%j gets %d, %s", async (completion, reward, outcome) => {
    expect(await task.verify(completion, row)).toMatchObject({ reward, outcome });
  });

  test("a trainer's answer is the number, or all of GSM8K's text", () => {
    expect(task.fromAnswer?.("72", "q")).toEqual({ id: "request", question: "q", answer: "72", solution: "" });
    expect(task.fromAnswer?.("8 * 9\n#### 72", "")).toMatchObject({ answer: "72", solution: "8 * 9" });
  });
});
