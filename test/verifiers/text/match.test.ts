import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerTag } from "../../../src/verifiers/index.ts";
import { exactMatch } from "../../../src/verifiers/text/exact-match.ts";
import { numericMatch } from "../../../src/verifiers/text/numeric-match.ts";
import { shownText } from "../../../src/verifiers/text/shown-text.ts";

describe("shownText", () => {
  test.each([
    ["a b ", "a b"],
    ["<think>x</think> a", "a"],
    ["<think>x</think><think>y</think>a", "a"],
  ])("of %j is %j", (completion, answer) => {
    expect(shownText(completion)).toEqual({ found: true, answer });
  });

  test.each([
    ["", "nothing is shown"],
    ["<think>a</think> ", "nothing is shown"],
    ["<think>a", "<think> is never closed"],
  ])("of %j is none: %s", (completion, reason) => {
    expect(shownText(completion)).toEqual({ found: false, reason });
  });
});

describe("exactMatch", () => {
  const row = { answer: "New York" };

  test.each([
    ["New York", {}, 1, "correct"],
    [" New York\n", {}, 1, "correct"],
    ["new york", {}, 0, "incorrect"],
    ["New  York", {}, 0, "incorrect"],
    ["New York.", {}, 0, "incorrect"],
    ["It is New York", {}, 0, "incorrect"],
    ["new york", { case: "ignore" }, 1, "correct"],
    ["New \n York", { space: "collapse" }, 1, "correct"],
    ["NewYork", { space: "collapse" }, 0, "incorrect"],
    ["NewYork", { space: "ignore" }, 1, "correct"],
    ["New York.", { normalize: (text: string) => text.replaceAll(".", "") }, 1, "correct"],
  ] as const)("%j with %j gets %d", (text, options, reward, outcome) => {
    expect(exactMatch(shownText, options)(text, row)).toMatchObject({ reward, outcome, answer: text.trim() });
  });

  test("composed and decomposed letters are equal", () => {
    expect(exactMatch(shownText)("e\u0301te\u0301", { answer: "\u00e9t\u00e9" }).reward).toBe(1);
  });

  test("nothing is equal to a row that normalizes to nothing", () => {
    const verify = exactMatch(shownText, { normalize: (text) => text.replaceAll(/\W/g, "") });
    expect(verify("?", { answer: "!!!" })).toMatchObject({ reward: 0, outcome: "incorrect" });
  });

  test("a missing answer is unparsed, a long one is wrong", () => {
    expect(exactMatch(answerTag)("New York", row)).toMatchObject({ reward: 0, outcome: "unparsed", answer: null });
    expect(exactMatch(shownText)("a".repeat(4097), row).reason).toBe(
      "the answer has 4097 characters, at most 4096 count",
    );
  });

  test.each(["", "  ", "a".repeat(4097), 3 as unknown as string])(
    "a row's answer of %j is our fault: it throws",
    (answer) => {
      expect(() => exactMatch(shownText)("a", { answer })).toThrow(/the row's answer (is|has) .*, expected/);
    },
  );
});

describe("numericMatch", () => {
  test.each([
    // |answer − gold| ≤ max(relative·|gold|, absolute), borders included
    ["0.3", 0.3, { absolute: 0.1 }, 1],
    ["0.4", 0.3, { absolute: 0.1 }, 1], // 0.4 − 0.3 > 0.1 in doubles
    ["0.2", 0.3, { absolute: 0.1 }, 1],
    ["0.4000001", 0.3, { absolute: 0.1 }, 0],
    ["1/5", 0.3, { absolute: 0.1 }, 1],
    ["101", 100, { relative: 0.01 }, 1],
    ["-101", -100, { relative: 0.01 }, 1],
    ["101", -100, { relative: 0.01 }, 0],
    ["101.0001", 100, { relative: 0.01 }, 0],
    ["1e-300", 0, { relative: 0.5 }, 0],
    ["0", 0, { relative: 0.5 }, 1],
    ["1.5", 1, { relative: 0.1, absolute: 0.5 }, 1],
    ["3.14159", Math.PI, { relative: 1e-6 }, 1],
    ["3.14158", Math.PI, { relative: 1e-6 }, 0],
    ["6.022e23", 6.02214076e23, { relative: 1e-4 }, 1],
  ] as const)("%j against %d with %j gets %d", (text, answer, tolerance, reward) => {
    expect(numericMatch(shownText, tolerance)(text, { answer })).toMatchObject({ reward });
  });

  test.each(["NaN", "Infinity", "-inf", "1e999999", "0x10", "about 0.3", "0.3 m", "0.3, 0.4", "0.3±0.1"])(
    "%j is not a number",
    (text) => {
      expect(numericMatch(shownText, { absolute: 1 })(text, { answer: 0.3 })).toMatchObject({
        reward: 0,
        outcome: "unparsed",
      });
    },
  );

  test("agrees with doubles away from the border", () => {
    const number = fc.integer({ min: -(10 ** 9), max: 10 ** 9 });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 1000 }), (gold, got, tolerance) => {
        const verdict = numericMatch(shownText, { absolute: tolerance })(String(got), { answer: gold });
        expect(verdict.reward).toBe(Math.abs(got - gold) <= tolerance ? 1 : 0);
      }),
    );
  });

  test.each([
    [{}, /expected one of them above 0/],
    [{ relative: 0, absolute: 0 }, /expected one of them above 0/],
    [{ relative: 1 }, /relative below 1/],
    [{ relative: 1.5 }, /relative is 1.5, expected a finite number, at least 0, at most 1/],
    [{ absolute: -1 }, /absolute is -1, expected a finite number, at least 0/],
    [{ absolute: Number.NaN }, /absolute is NaN/],
    [{ absolute: Number.POSITIVE_INFINITY }, /absolute is Infinity/],
  ])("refuses the tolerance %j", (tolerance, message) => {
    expect(() => numericMatch(shownText, tolerance)).toThrow(message);
  });

  test("a gold that is no number is our fault: it throws", () => {
    expect(() => numericMatch(shownText, { absolute: 1 })("1", { answer: "NaN" })).toThrow(/the row's answer is "NaN"/);
  });
});
