import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluate, format, matrix } from "mathjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configureTask, readRows } from "../../src/rollout/index.ts";
import { extractAnswer, verifyAnswer } from "../../src/verifiers/index.ts";
import task from "../../tasks/math/task.ts";

interface Problem {
  problem: string;
  level: string;
  type: string;
  solution: string;
  /** A mathjs expression for the answer, derived in another way than the solution. */
  check: string;
  /** How its numbers become an answer: # is the next one. "expression": the expression itself is one. "text": its value. */
  form?: string;
}

const SAMPLE = fileURLToPath(new URL("../../tasks/math/sample/", import.meta.url));
const problems = ["train", "test"].flatMap((name) =>
  readFileSync(join(SAMPLE, `${name}.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Problem),
);

/** The answer of the check. Numbers have 13 digits: enough to show an exact gold, too many to be right by chance. */
function recomputed({ check, form = "#" }: Problem): string {
  if (form === "expression") return check;
  const value: unknown = evaluate(check);
  if (form === "text") return String(value);
  const numbers = (
    typeof value === "number" ? [value] : (matrix(value as number[]).toArray() as number[]).flat(2)
  ).values();
  return form.replaceAll("#", () => {
    const number = numbers.next().value as number;
    return Number.isInteger(number) ? String(number) : format(number, { precision: 13 });
  });
}

describe("the sample", () => {
  test("has 44 problems for train and 22 for eval, none twice, of seven subjects at five levels", async () => {
    expect([(await readRows(task, "train", 0, 99)).length, (await readRows(task, "eval", 0, 99)).length]).toEqual([
      44, 22,
    ]);
    expect(new Set(problems.map(({ problem }) => problem)).size).toBe(66);
    expect(new Set(problems.map(({ type }) => type)).size).toBe(7);
    expect(new Set(problems.map(({ level }) => level))).toEqual(new Set([1, 2, 3, 4, 5].map((n) => `Level ${n}`)));
  });

  test.each(problems)("$problem", (problem) => {
    const gold = extractAnswer(problem.solution).candidates.join();
    expect(verifyAnswer(gold, recomputed(problem))).toMatchObject({ outcome: "correct" });
  });

  test("solutions get reward 1 and fit; another problem's solution does not", async () => {
    const rows = [...(await readRows(task, "train", 0, 99)), ...(await readRows(task, "eval", 0, 99))];
    let wrong = 0;
    for (const [i, row] of rows.entries()) {
      const solution = task.solution?.(row) ?? "";
      expect(solution).toBe(row.solution);
      expect(solution.length).toBeLessThan(task.maxTokens);
      expect(await task.verify(solution, row)).toMatchObject({ reward: 1, outcome: "correct" });
      const other = rows[(i + 1) % rows.length]!;
      const verdict = await task.verify(task.solution?.(other) ?? "", row);
      if (verdict.status === "graded" && verdict.reward === 0) wrong++;
    }
    expect(wrong).toBeGreaterThanOrEqual(rows.length - 2); // neighbors may have the same small number
  });
});

describe("MATH from a path", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlvr-math-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, rows: readonly object[]): void {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const text = name.endsWith(".json") ? JSON.stringify(rows[0]) : rows.map((row) => JSON.stringify(row)).join("\n");
    writeFileSync(join(folder, name), text);
  }
  const read = (options: Record<string, string> = {}, split: "train" | "eval" = "train") =>
    readRows(configureTask(task, { path: folder, ...options }), split, 0, 99);

  const hendrycks = { problem: "2x=1?", level: "Level 1", type: "Algebra", solution: "Half: $\\boxed{\\frac{1}{2}}$." };
  const math500 = {
    problem: "x=2?",
    level: 5,
    subject: "Geometry",
    solution: "so.",
    answer: "2",
    unique_id: "test/1.json",
  };

  test("one file a problem, as MATH was published: the answer is in the box", async () => {
    write("MATH/train/algebra/1.json", [hendrycks]);
    expect(await read()).toEqual([
      {
        id: "train-0",
        problem: "2x=1?",
        answer: "\\frac{1}{2}",
        solution: hendrycks.solution,
        difficulty: 1,
        subject: "Algebra",
      },
    ]);
  });

  test("as MATH-500: the answer is a field; a solution without it gets it in a box", async () => {
    write("test.jsonl", [math500]);
    const [row] = await read({}, "eval");
    expect(row).toEqual({
      id: "eval-0",
      problem: "x=2?",
      answer: "2",
      solution: "so.",
      difficulty: 5,
      subject: "Geometry",
    });
    expect(await task.verify(task.solution?.(row!) ?? "", row!)).toMatchObject({
      reward: 1,
      metrics: { difficulty_5: 1 },
    });
    await expect(read()).rejects.toMatchObject({ message: expect.stringContaining("HuggingFaceH4/MATH-500") });
  });

  test("levels are kept as asked; rows without one only where all are", async () => {
    const levels = ["Level 1", "Level 3", "Level 5", "Level ?", undefined];
    write(
      "train.jsonl",
      levels.map((level) => ({ ...hendrycks, level })),
    );
    const kept = async (difficulty?: string) =>
      (await read(difficulty === undefined ? {} : { difficulty })).map((row) => row.difficulty);
    expect(await kept()).toEqual([1, 3, 5, null, null]);
    expect(await kept("3-5")).toEqual([3, 5]);
    expect(await kept("2")).toEqual([]);
    await expect(kept("1:2,3:1")).rejects.toMatchObject({
      code: "E_CONFIG",
      message: expect.stringContaining("weights"),
    });
  });

  test("unreadable answers are refused with their count, or left out", async () => {
    write("train.jsonl", [
      hendrycks,
      { ...hendrycks, solution: "no box" },
      { ...hendrycks, solution: "$\\boxed{\\frac{1}{}$" },
    ]);
    await expect(read()).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/2 of the 3 rows of/),
      hint: expect.stringContaining("unreadable=skip"),
    });
    expect(await read({ unreadable: "skip" })).toHaveLength(1);
  });

  test("a Parquet file of the Hub's layout", async () => {
    const path = fileURLToPath(new URL("../fixtures/parquet/snappy.parquet", import.meta.url));
    const rows = [
      ...(await readRows(configureTask(task, { path }), "train", 0, 99)),
      ...(await readRows(configureTask(task, { path }), "eval", 0, 99)),
    ];
    expect(rows.map(({ answer, difficulty }) => [answer, difficulty]).sort()).toEqual([
      ["2", 1],
      ["3", 3],
      ["4", 4],
      ["5", 5],
      ["6", 2],
    ]);
  });
});

test("a row of unknown level logs no level; a trainer's answer makes such a row", async () => {
  const row = task.row.parse(task.fromAnswer?.("\\frac12", "2x=1?"));
  const verdict = await task.verify("\\boxed{0.5}", row as never);
  expect(verdict).toMatchObject({ reward: 1, metrics: { rule_boxed: 1 } });
  expect(Object.keys((verdict as { metrics: object }).metrics).filter((name) => name.startsWith("difficulty"))).toEqual(
    [],
  );
});
