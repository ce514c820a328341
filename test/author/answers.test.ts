import { describe, expect, test } from "vitest";
import { changedAnswers, surelyDiffer } from "../../src/author/answers.ts";
import { fill, findSlot } from "../../src/author/slot.ts";
import { Rng } from "../../src/rng.ts";

describe("surelyDiffer", () => {
  test.each([
    ["8", "9", true],
    ["1/2", "0.5", false],
    ["1,000", "1000", false],
    ["yes", "No", true],
    ["A", "(b)", true],
    ["yes", "Yes.", false],
    ["no", "none", false], // one is a part of the other
    ["7*3+20", "20+3*7", false], // nobody knows without computing
    ["seven", "7", false],
  ])("%j and %j: %j", (a, b, expected) => {
    expect(surelyDiffer(a, b)).toBe(expected);
  });

  test("leaves a tolerance to the task that has one", () => {
    expect(surelyDiffer("100", "101", 0.02)).toBe(false);
    expect(surelyDiffer("100", "110", 0.02)).toBe(true);
  });
});

describe("changedAnswers", () => {
  const texts = (answer: string, seed = 0) => changedAnswers(answer, new Rng(seed, "test")).map(({ text }) => text);

  test("of a number are other numbers: neighbors, sign, size, digits", () => {
    expect(texts("44")).toEqual(["45", "54", "43", "34", "-44", "440", "4", "441"]);
    expect(texts("0")).not.toContain("-0");
    expect(texts("-12.5")).toContain("12.5");
    expect(texts("3/4")).toContain("4/3");
    for (const { text, sure } of changedAnswers("1,000", new Rng(0, "test"))) {
      expect(sure).toBe(true);
      expect(surelyDiffer(text, "1000")).toBe(true);
    }
  });

  test("of a decimal differ by more than its last place could be rounded away", () => {
    const values = texts("39.60").map((text) =>
      text
        .split("/")
        .map(Number)
        .reduce((over, under) => over / under),
    );
    expect(Math.min(...values.map((value) => Math.abs(value - 39.6)))).toBeCloseTo(0.01);
  });

  test("of anything else may be right, and say so", () => {
    const changed = changedAnswers("7*3+20", new Rng(1, "test"));
    expect(changed.length).toBeGreaterThan(2);
    expect(changed.every(({ sure, text }) => !sure && text !== "7*3+20")).toBe(true);
    expect(texts("B")).toEqual(["C"]);
  });

  test("are the same for the same seed", () => {
    expect(texts("a quick brown fox", 5)).toEqual(texts("a quick brown fox", 5));
  });
});

describe("findSlot", () => {
  test.each([
    ["<think>4+4=8</think><answer>8</answer>", "8", "<think>4+4=8</think>", "<answer>", "</answer>"],
    ["so it is \\boxed{\\frac12}.", "\\frac12", "so it is ", "\\boxed{", "}"],
    ["two and two\n#### 4", "4", "two and two\n", "#### ", ""],
    ["the sum is 12", "12", "the sum is ", "", ""],
  ])("%j with the answer %j", (solution, answer, before, open, close) => {
    for (const understood of [answer, null]) {
      const slot = findSlot(solution, understood);
      expect(slot).toMatchObject({ before, open, answer, close });
      expect(fill(slot, answer)).toBe(solution);
    }
  });

  test("takes all of a text in which nothing is marked", () => {
    expect(findSlot("yes", null)).toMatchObject({ before: "", open: "", answer: "yes", after: "" });
  });
});
