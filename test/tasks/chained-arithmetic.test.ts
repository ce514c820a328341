import { evaluate } from "mathjs";
import { describe, expect, test } from "vitest";
import { fractionText, parseExpression } from "../../src/verifiers/index.ts";
import task from "../../tasks/chained-arithmetic/task.ts";
import { expressionText, type Tree, workedSteps } from "../../tasks/chained-arithmetic/tree.ts";
import { expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no expression; solutions are right and fit", () =>
  expectSoundRows(task, ({ expression }) => expression));

describe.each(LEVELS)("difficulty %d", (level) => {
  test("mathjs and our own parser give the same value, and every step is true", async () => {
    for (const { expression, steps, answer } of await rowsOf(task, level)) {
      expect(evaluate(expression)).toBe(answer);
      const parsed = parseExpression(expression);
      expect(parsed.ok && parsed.value && fractionText(parsed.value)).toBe(String(answer));
      expect(steps).toHaveLength([...expression.matchAll(/\d+/g)].length - 1);
      for (const step of steps) {
        const [left, right] = step.split("=") as [string, string];
        expect(evaluate(left)).toBe(Number(right));
      }
    }
  });

  test("has as many numbers as it says, and parentheses that are needed", async () => {
    const rows = await rowsOf(task, level);
    for (const { expression } of rows) {
      expect([...expression.matchAll(/\d+/g)]).toHaveLength({ 1: 3, 2: 4, 3: 5, 4: 7, 5: 9 }[level] as number);
      expect(expression).not.toMatch(/\(\d+\)/);
    }
    const share = (pattern: RegExp) => rows.filter(({ expression }) => pattern.test(expression)).length / rows.length;
    expect(share(/\(/)).toBeGreaterThan(0.2);
    if (level >= 3) expect(share(/\//)).toBeGreaterThan(0.1);
  });
});

describe("expressionText", () => {
  const leaf = (value: number): Tree => ({ value });
  const node = (left: Tree, operator: "+" | "-" | "*" | "/", right: Tree): Tree => ({
    left,
    operator,
    right,
    value: 0,
  });

  test.each([
    [node(leaf(1), "+", node(leaf(2), "*", leaf(3))), "1+2*3"],
    [node(node(leaf(1), "+", leaf(2)), "*", leaf(3)), "(1+2)*3"],
    [node(leaf(9), "-", node(leaf(5), "-", leaf(3))), "9-(5-3)"],
    [node(node(leaf(9), "-", leaf(5)), "-", leaf(3)), "9-5-3"],
    [node(leaf(8), "/", node(leaf(4), "*", leaf(2))), "8/(4*2)"],
    [node(leaf(8), "*", node(leaf(4), "/", leaf(2))), "8*(4/2)"],
  ])("%#: as few parentheses as keep the tree", (tree, text) => {
    expect(expressionText(tree)).toBe(text);
  });

  test("steps come in an order that works, with negative numbers in parentheses", () => {
    const inner: Tree = { left: leaf(3), operator: "-", right: leaf(8), value: -5 };
    expect(workedSteps({ left: leaf(2), operator: "*", right: inner, value: -10 })).toEqual(["3-8=-5", "2*(-5)=-10"]);
  });
});
