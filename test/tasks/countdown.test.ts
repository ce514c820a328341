import { describe, expect, test } from "vitest";
import { readRows } from "../../src/rollout/index.ts";
import { fractionText, parseExpression } from "../../src/verifiers/index.ts";
import { solutions, trace, tries } from "../../tasks/countdown/search.ts";
import task from "../../tasks/countdown/task.ts";

const row: { id: string; numbers: [number, number, number]; target: number } = {
  id: "x",
  numbers: [3, 7, 20],
  target: 41,
};
const triple = ({ numbers }: { numbers: readonly number[] }) => numbers.toSorted((a, b) => a - b).join();

describe("rows", () => {
  test("no triple of 20,000 train rows is one of eval, in whatever order", async () => {
    const train = new Set((await readRows(task, "train", 1, 20_000)).map(triple));
    const evaluation = new Set((await readRows(task, "eval", 1, 5000)).map(triple));
    expect(train.size).toBeGreaterThan(1200); // nearly all of the 1,540 triples of 1..20 without eval's
    expect(evaluation.size).toBeGreaterThan(120); // one in ten
    expect([...evaluation].filter((numbers) => train.has(numbers))).toEqual([]);
  });

  test("every solution reaches its target by the parser, uses each number once and fits maxTokens", async () => {
    for (const row of [...(await readRows(task, "train", 2, 2000)), ...(await readRows(task, "eval", 2, 1000))]) {
      const solution = task.solution?.(row) ?? "";
      expect(solution.length).toBeLessThan(task.maxTokens);
      const parsed = parseExpression(/<answer>(.*)<\/answer>$/.exec(solution)?.[1] ?? "");
      if (!parsed.ok || parsed.value === null) throw new Error(`${solution} has no value`);
      expect(fractionText(parsed.value)).toBe(String(row.target));
      expect(triple({ numbers: parsed.literals.map(Number) })).toBe(triple(row));
    }
  });

  test("eval is 1,000 distinct problems, the same for every seed; train depends on the seed", async () => {
    const evaluation = await readRows(task, "eval", 1, 5000);
    expect(new Set(evaluation.map((row) => `${triple(row)}=${row.target}`)).size).toBe(1000);
    expect(await readRows(task, "eval", 2, 5000)).toEqual(evaluation);
    expect(await readRows(task, "train", 2, 10)).not.toEqual(await readRows(task, "train", 1, 10));
  });

  test("targets spread over 1..100", async () => {
    const targets = new Set((await readRows(task, "train", 1, 20_000)).map(({ target }) => target));
    expect(targets.size).toBe(100);
  });
});

describe("search", () => {
  test("the tries of 2, 3, 4 in order, by hand", () => {
    expect(tries([2, 3, 4]).map(({ expression }) => expression)).toEqual([
      ...["2+3+4", "2+3-4", "(2+3)*4"],
      ...["3-2+4", "4-(3-2)", "(3-2)*4"],
      ...["2*3+4", "2*3-4", "2*3*4"],
      ...["2+4+3", "2+4-3", "(2+4)*3", "(2+4)/3"],
      ...["4-2+3", "3-(4-2)", "(4-2)*3"],
      ...["2*4+3", "2*4-3", "2*4*3"],
      ...["4/2+3", "3-4/2", "4/2*3"],
      ...["3+4+2", "3+4-2", "(3+4)*2"],
      ...["4-3+2", "2-(4-3)", "(4-3)*2"],
      ...["3*4+2", "3*4-2", "3*4*2", "3*4/2"],
    ]);
  });

  test("expressions have the value of their second step, whatever the parentheses", () => {
    for (let a = 1; a <= 12; a++) {
      for (let b = 1; b <= 12; b++) {
        for (const { expression, second } of tries([a, b, 24])) {
          const parsed = parseExpression(expression);
          expect(parsed.ok && parsed.value).toEqual({ numerator: BigInt(second.result), denominator: 1n });
        }
      }
    }
  });

  test("equal numbers give no try twice", () => {
    const texts = tries([5, 5, 5]).map(({ expression }) => expression);
    expect(texts).toEqual([
      "5+5+5",
      "5+5-5",
      "(5+5)*5",
      "(5+5)/5",
      "5*5+5",
      "5*5-5",
      "5*5/5",
      "5/5+5",
      "5-5/5",
      "5/5*5",
    ]);
  });

  test("finds all solutions, and none where there is none", () => {
    expect(solutions([3, 7, 25], 46).map(({ expression }) => expression)).toEqual(["3*7+25"]);
    expect(solutions([2, 3, 4], 24).map(({ expression }) => expression)).toEqual(["2*3*4", "2*4*3", "3*4*2"]);
    expect(solutions([1, 1, 1], 100)).toEqual([]);
  });

  test("writes tries grouped by their first step", () => {
    expect(trace(tries([2, 3, 4]).slice(0, 4))).toBe("2+3=5,5+4=9,5-4=1,5*4=20;3-2=1,1+4=5");
    expect(trace([])).toBe("");
  });
});

describe("texts", () => {
  test("prompt and solution", () => {
    expect(task.prompt(row)).toBe("[3,7,20]=41:");
    expect(task.solution?.(row)).toBe(
      "<think>3+7=10,10+20=30,20-10=10,20/10=2;7-3=4,4+20=24,20-4=16,4*20=80,20/4=5;3*7=21,21+20=41</think><answer>3*7+20</answer>",
    );
  });
});

describe("verify", () => {
  test.each([
    ["3*7+20", 1, "correct", "is 41"],
    ["20+(3*7)", 1, "correct", "is 41"],
    ["20 + 7 × 3", 1, "correct", "is 41"],
    ["3*7-20", 0, "incorrect", "is 1, expected 41"],
    ["7-3-20", 0, "incorrect", "is -16, expected 41"],
    ["20/7*3", 0, "incorrect", "is 60/7, expected 41"],
    ["41", 0, "incorrect", "uses 41, expected 3,7,20"],
    ["20+21", 0, "incorrect", "uses 20,21, expected 3,7,20"],
    ["3*7+20+3-3", 0, "incorrect", "uses 3,3,3,7,20, expected 3,7,20"],
    ["3*7+20+0", 0, "incorrect", "uses 0,3,7,20, expected 3,7,20"],
    ["37+20-16", 0, "incorrect", "uses 16,20,37, expected 3,7,20"],
    ["20/(7-7)*3", 0, "incorrect", "uses 3,7,7,20, expected 3,7,20"],
    ["3*7+20=41", 0, "unparsed", "the answer holds something else than digits, + - * / and parentheses"],
    ["3**7+20", 0, "unparsed", "the answer is not a well-formed expression"],
    ["-3+7*7", 0, "unparsed", "the answer is not a well-formed expression"],
  ])("%j gets %d: %s, %s", async (answer, reward, outcome, reason) => {
    const verdict = await task.verify(`<think></think><answer>${answer}</answer>`, row);
    expect(verdict).toMatchObject({ status: "graded", reward, outcome, answer, reason });
  });

  test("a division by 0 is a wrong answer", async () => {
    const zero = { ...row, numbers: [3, 3, 20] satisfies [number, number, number] };
    expect(await task.verify("<think></think><answer>20/(3-3)</answer>", zero)).toMatchObject({
      reward: 0,
      outcome: "incorrect",
      reason: "divides by 0",
    });
  });

  test("fractions on the way are exact", async () => {
    const thirds = { ...row, numbers: [1, 3, 20] satisfies [number, number, number], target: 60 };
    expect(await task.verify("<think></think><answer>20/(1/3)</answer>", thirds)).toMatchObject({ reward: 1 });
  });

  test("an answer outside the layout is unparsed; steps are counted, not paid", async () => {
    expect(await task.verify("3+7=10,3*7=22", row)).toMatchObject({
      reward: 0,
      outcome: "unparsed",
      metrics: { layout: 0, steps: 2, steps_true: 0.5 },
    });
  });
});
