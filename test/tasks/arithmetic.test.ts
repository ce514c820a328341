import { describe, expect, test } from "vitest";
import { loadTask, readRows } from "../../src/rollout/index.ts";
import { question, runningTotals, workedSteps } from "../../tasks/arithmetic/steps.ts";
import task from "../../tasks/arithmetic/task.ts";

const HELD_OUT = [13, 22, 31, 40, 49, 58, 67, 76, 85, 94];
const row = { id: "x", terms: [13, 22, -31, 40], answer: 44 };
const verdict = async (completion: string) => task.verify(completion, row);

describe("rows", () => {
  test("20,000 train rows and all eval rows share no operand", async () => {
    const operands = (rows: readonly { terms: number[] }[]) =>
      new Set(rows.flatMap(({ terms }) => terms.map(Math.abs)));
    const train = operands(await readRows(task, "train", 1, 20_000));
    const evaluation = operands(await readRows(task, "eval", 1, Number.POSITIVE_INFINITY));
    expect([...evaluation].sort((a, b) => a - b)).toEqual(HELD_OUT);
    expect(train.size).toBe(80);
    expect(HELD_OUT.filter((n) => train.has(n))).toEqual([]);
  });

  test("every sum is right, has two-digit operands and running totals in 0..399", async () => {
    const rows = [...(await readRows(task, "train", 2, 20_000)), ...(await readRows(task, "eval", 2, 1000))];
    for (const { terms, answer } of rows) {
      const totals = runningTotals(terms);
      expect(totals.at(-1)).toBe(answer);
      expect(Math.min(...totals)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...totals)).toBeLessThan(400);
      for (const term of terms) expect(Math.abs(term)).toSatisfy((n: number) => n >= 10 && n <= 99);
    }
    const share = rows.flatMap(({ terms }) => terms.slice(1)).filter((term) => term < 0).length / (3 * rows.length);
    expect(share).toBeGreaterThan(0.3); // both signs matter
    expect(share).toBeLessThan(0.5);
  });

  test("eval is 1,000 distinct problems, the same for every seed; train depends on the seed", async () => {
    const evaluation = await readRows(task, "eval", 1, 5000);
    expect(new Set(evaluation.map((row) => task.prompt(row))).size).toBe(1000);
    expect(await readRows(task, "eval", 2, 5000)).toEqual(evaluation);
    expect(await readRows(task, "train", 2, 10)).not.toEqual(await readRows(task, "train", 1, 10));
  });

  test("every solution fits maxTokens, one character a token and one for the end", async () => {
    const rows = await readRows(task, "train", 3, 20_000);
    expect(Math.max(...rows.map((row) => task.solution?.(row).length ?? 0))).toBeLessThan(task.maxTokens);
    const longest = { id: "x", terms: [99, 99, 99, 99], answer: 396 };
    expect(task.solution?.(longest)).toHaveLength(66);
  });
});

describe("texts", () => {
  test("prompt and solution", () => {
    expect(task.prompt(row)).toBe("13+22-31+40=");
    expect(task.solution?.(row)).toBe("<think>13+22=35,35-31=4,4+40=44</think><answer>44</answer>");
    expect(question([10, -10, 99, 11])).toBe("10-10+99+11=");
    expect(workedSteps([10, -10, 99, 11])).toBe("10-10=0,0+99=99,99+11=110");
  });
});

describe("verify", () => {
  test.each([
    [
      "<think>13+22=35,35-31=4,4+40=44</think><answer>44</answer>",
      1,
      "correct",
      { layout: 1, steps: 3, steps_true: 1 },
    ],
    ["<think>13+22=36,36-31=4</think><answer>44.0</answer>", 1, "correct", { layout: 1, steps: 2, steps_true: 0 }],
    ["<think>13+22=35,35-31=5</think><answer>45</answer>", 0, "incorrect", { layout: 1, steps: 2, steps_true: 0.5 }],
    ["<think></think><answer>-44</answer>", 0, "incorrect", { layout: 1, steps: 0, steps_true: 0 }],
    ["13+22=35,35-31=4,4+40=44", 0, "unparsed", { layout: 0, steps: 3, steps_true: 1 }],
    ["<answer>44</answer>", 0, "unparsed", { layout: 0, steps: 0, steps_true: 0 }],
    ["<think></think><answer>44</answer><answer>44</answer>", 0, "unparsed", { layout: 0 }],
    ["<think></think><answer>13+22-31+40</answer>", 0, "unparsed", { layout: 1 }], // the question is no answer
    ["<think>13+22=35,35-31=4,4+40=44</think><answer>4", 0, "unparsed", { layout: 0, steps: 3 }], // cut off
  ])("%j gets %d, %s", async (completion, reward, outcome, metrics) => {
    expect(await verdict(completion)).toMatchObject({ status: "graded", reward, outcome, metrics });
  });

  test("is the task that loads by its name", async () => {
    expect(await loadTask("arithmetic")).toBe(task);
  });
});

describe("steps", () => {
  test.each([
    ["<think>13+22=35,|35-31=4,|4+40=44</think>|<answer>44</answer>", "++++"],
    ["<think>13+22=36,|36-31=5,|5+40=45</think>|<answer>45</answer>", "----"], // what builds on an error is wrong too
    ["<think>13+22=35,|35-31=5,|4+40=44</think>|<answer>44</answer>", "+-++"], // one planted error
    ["<think>13+22-31=4,|4+40=44</think>|<answer>44</answer>", "+++"], // two terms at once
    ["<think>13+22=35,|35+31=66,|66+40=106</think>|<answer>106</answer>", "+---"], // a wrong sign
    ["<think>13+31=44,|44=44,|so</think><answer>44</answer>", "--+"],
    ["<think></think><answer>44</answer>", "+"],
    ["44", "-"],
    ["<think>13+22=35,", "-"], // cut off: what stands last is where an answer should be
    ["<think>13+22=35,|35-3", "+-"],
    ["", "-"],
  ])("%s", async (marked, right) => {
    const judged = await task.steps!(marked.replaceAll("|", ""), row);
    const ends: number[] = [];
    for (const part of marked.split("|")) ends.push((ends.at(-1) ?? 0) + part.length);
    expect(judged.map(({ end }) => end)).toEqual(ends);
    expect(judged.map((step) => (step.right ? "+" : "-")).join("")).toBe(right);
  });

  test("every solution is right in every step", async () => {
    for (const one of await readRows(task, "eval", 1, 200)) {
      const judged = await task.steps!(task.solution!(one), one);
      expect(judged.map(({ right }) => right)).toEqual([true, true, true, true]);
    }
  });

  test("hostile text takes no time", { timeout: 300_000 }, async () => {
    const started = performance.now();
    for (const text of [
      "1+".repeat(200_000),
      ",".repeat(400_000),
      "<think>".repeat(50_000),
      `${"9".repeat(300_000)}=`,
    ]) {
      await task.steps!(text, row);
    }
    expect(performance.now() - started).toBeLessThan(60_000); // a quadratic scan takes minutes
  });
});
