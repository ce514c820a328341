import { describe, expect, test } from "vitest";
import {
  checkGold,
  mathAnswer,
  mathVerifyOptions,
  type PresetName,
  verifyAnswer,
} from "../../../src/verifiers/math/index.ts";

describe("the certificate names the rung that decided", () => {
  test.each([
    ["\\frac{1}{2}", "\\dfrac{1}{2}", "string"],
    ["a+b", "b+a", "string"],
    ["0.5", "1/2", "string"],
    ["2^{10}", "1024", "exact"],
    ["\\binom{10}{3}", "120", "exact"],
    ["3245/5", "649", "exact"],
    ["\\sqrt{144}", "12", "exact"],
    ["(x+1)^2", "x^2+2x+1", "normal-form"],
    ["\\frac{1}{\\sqrt2}", "\\frac{\\sqrt2}{2}", "normal-form"],
    ["(1+i)^2", "2i", "normal-form"],
    ["(a+b+c+d)^{12}", "(d+c+b+a)^{11}(a+b+c+d)", "modular"],
    ["7^{7^{77}}\\cdot 7", "7^{7^{77}+1}", "modular"],
    ["9^{9^{9^9}}-9^{9^{9^9}}+4", "4", "normal-form"],
    ["2^{10^{20}}", "4^{5\\cdot10^{19}}", "modular"],
    ["\\sqrt{3+2\\sqrt2}", "1+\\sqrt2", "numeric"],
    ["\\sin 2x", "2\\sin x\\cos x", "numeric"],
    ["3.14", "3.14159", "rounded"],
    ["\\frac13", "0.333333333333", "rounded"],
    ["\\text{Evelyn}", "evelyn", "text"],
    ["C", "\\textbf{(C)}", "choice"],
    ["(1,2]", "(1,4/2]", "structure"],
  ])("%j and %j by %s", (gold, answer, kind) => {
    expect(verifyAnswer(gold, answer).certificate?.kind).toBe(kind);
  });

  test("a structure carries its weakest part", () => {
    expect(verifyAnswer("(2, \\sqrt{3+2\\sqrt2})", "(4/2, 1+\\sqrt2)").certificate).toMatchObject({
      kind: "structure",
      type: "tuple",
      parts: 2,
      weakest: { kind: "numeric" },
    });
  });

  // e^(π√163) = 262537412640768743.99999999999925…: equal to an integer in doubles, and not equal.
  test("45 digits tell near-integers from integers", () => {
    expect(verifyAnswer("262537412640768744", "e^{\\pi\\sqrt{163}}").outcome).toBe("incorrect");
  });

  test("tiny numbers keep their relative size", () => {
    expect(verifyAnswer("\\frac{\\pi}{2004!}", "\\frac{\\pi}{2006!}").outcome).toBe("incorrect");
    expect(verifyAnswer("\\frac{\\pi}{2004!}", "\\frac{2\\pi}{2\\cdot2004!}").outcome).toBe("correct");
  });
});

describe("remarks", () => {
  test.each([
    ["5 \\text{ cm}", "5", "unit-omitted"],
    ["5", "5\\text{ cm}", "unit-added"],
    ["28\\%", "28", "percent-omitted"],
    ["28", "28\\%", "percent-added"],
    ["1, 2", "1, 2, 1", "repeated"],
    ["5", "\\{5\\}", "singleton"],
  ])("%j and %j: %s", (gold, answer, flag) => {
    expect(verifyAnswer(gold, answer)).toMatchObject({ outcome: "correct", flags: [flag] });
  });

  test("an echo of the problem is refused as unevaluated", () => {
    expect(verifyAnswer("55", "\\sum_{k=1}^{10} k")).toMatchObject({ outcome: "incorrect", flags: ["unevaluated"] });
    expect(verifyAnswer("\\sum_{k=1}^{n} k", "\\sum_{k=1}^{n} k").outcome).toBe("correct");
  });
});

describe("presets", () => {
  const verdict = (gold: string, answer: string, preset: PresetName) =>
    verifyAnswer(gold, answer, { preset }).outcome === "correct";

  // gold, answer: default, math-verify, hendrycks, gsm8k, loose
  test.each([
    ["1, 2", "2, 1", [true, true, false, true, true]],
    ["10\\%", "10", [true, true, true, true, true]],
    ["10\\%", "0.1", [true, true, false, false, false]],
    ["3.14", "3.1416", [true, false, false, false, false]],
    ["40\\pi", "125.663", [false, false, false, false, true]],
    ["40\\pi", "125.66370614359172", [true, true, false, false, true]],
    ["10000", "10000.5", [false, false, false, false, true]],
    ["649", "3245/5", [true, true, false, false, true]],
    ["\\frac12", "\\frac{3}{6}", [true, true, false, false, true]],
    ["4", "1=2=3=4", [false, true, false, false, true]],
    ["[1,2]", "1\\le x\\le2", [false, false, false, false, true]],
    ["x=5", "2x=10", [false, false, false, false, false]],
  ])("%j and %j: %j", (gold, answer, expected) => {
    const presets = ["default", "math-verify", "hendrycks", "gsm8k", "loose"] as const;
    expect(presets.map((preset) => verdict(gold, answer, preset))).toEqual(expected);
  });

  test("a field overrides its preset", () => {
    expect(verifyAnswer("1, 2", "2, 1", { listOrder: "ordered" }).outcome).toBe("incorrect");
    expect(verifyAnswer("\\frac13", "0.33", { rounding: { places: 2 } }).outcome).toBe("correct");
    expect(verifyAnswer("f(x)", "f(y)", { strictSymbols: false }).outcome).toBe("correct");
    expect(verifyAnswer("5\\%", "5", { percent: "exact" }).outcome).toBe("incorrect");
    const { preset, rounding, relations } = mathVerifyOptions({ floatRounding: 2, allowSetRelationComp: true });
    expect({ preset, rounding, relations }).toEqual({
      preset: "math-verify",
      rounding: { places: 2 },
      relations: "both",
    });
  });
});

describe("golds", () => {
  test.each(["", "   ", "\\frac{1}{", "(1,2", "\\boxed{}", "#&@"])("%j cannot be read: E_TASK_DATA", (gold) => {
    expect(() => checkGold(gold)).toThrow(expect.objectContaining({ code: "E_TASK_DATA" }));
    expect(() => verifyAnswer(gold, gold)).toThrow(expect.objectContaining({ code: "E_TASK_DATA" }));
    expect(() => mathAnswer()(`\\boxed{${gold}}`, { answer: gold })).toThrow(
      expect.objectContaining({ code: "E_TASK_DATA" }),
    );
  });

  test.each([
    ["\\text{Evelyn}", "text"],
    ["C", "choice"],
    ["(1,2]", "interval"],
    ["(1,2)", "tuple"],
    ["1, 2", "list"],
    ["\\{1,2\\}", "set"],
    ["x^2+1", "expression"],
    ["12", "number"],
    ["12\\text{ cm}", "quantity"],
    ["x<3", "relation"],
    ["\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "matrix"],
    ["so we get $x=4$ and the answer is \\boxed{12}.", "number"],
  ])("%j is of type %s", (gold, type) => {
    checkGold(gold);
    expect(verifyAnswer(gold, "0").goldType).toBe(type);
  });
});

describe("mathAnswer", () => {
  const verify = mathAnswer();

  test("rewards a boxed right answer, and says by which rule", () => {
    expect(verify("so \\boxed{0.5}", { answer: "\\frac12" })).toMatchObject({
      status: "graded",
      reward: 1,
      outcome: "correct",
      answer: "0.5",
      metrics: { rule_boxed: 1, weak_accept: 0 },
    });
  });

  test("is strict: what no rule of the format finds is no answer", () => {
    expect(verify("the answer is 0.5", { answer: "1/2" })).toMatchObject({ reward: 0, outcome: "unparsed" });
    expect(mathAnswer({ phrases: true })("the answer is 0.5", { answer: "1/2" })).toMatchObject({ reward: 1 });
  });

  test("marks an accept that rests on digits alone", () => {
    expect(verify("\\boxed{1+\\sqrt2}", { answer: "\\sqrt{3+2\\sqrt2}" })).toMatchObject({
      reward: 1,
      metrics: { weak_accept: 1 },
    });
  });
});
