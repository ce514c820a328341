import { describe, expect, test } from "vitest";
import { answerTag } from "../../../src/verifiers/index.ts";
import { choiceSlot, multipleChoice } from "../../../src/verifiers/text/multiple-choice.ts";

const verify = multipleChoice();
const CITIES = { answer: "A", choices: ["Paris", "Rome", "Bonn or Berlin", "3.5 km"] };

describe("multipleChoice", () => {
  test.each([
    "A",
    "a",
    "(A)",
    "( a )",
    "[A]",
    "A.",
    "A)",
    "(A).",
    "**A**",
    "$A$",
    "\\text{A}",
    "\\textbf{(A)}",
    "\\boxed{A}",
    "\\boxed{\\text{(A)}}",
    "<answer>A</answer>",
    "<think>B? no.</think><answer>(A)</answer>",
    "answer: A",
    "Answer: (A)",
    "**Answer:** A",
    "The answer is A.",
    "Rome is in Italy.\nSo the correct answer is (A)",
    "the answer is option A",
    "The answer is B. No, wait.\nThe answer is A",
    "#### A",
    "Option A",
    "The correct choice is A.",
    "(A) a text of its own",
  ])("%j is A", (completion) => {
    expect(verify(completion, { answer: "A" })).toMatchObject({ reward: 1, outcome: "correct" });
  });

  test.each([
    ["A or B", "incorrect"],
    ["A, B", "incorrect"],
    ["A and B", "incorrect"],
    ["A/B", "incorrect"],
    ["(A) or (B)", "incorrect"],
    ["(A)(B)(C)(D)", "incorrect"],
    ["A, B, C, D", "incorrect"],
    ["\\boxed{A}, \\boxed{B}", "incorrect"],
    ["\\boxed{A \\text{ or } B}", "incorrect"],
    ["(A) unless it is B", "incorrect"],
    ["(A) or else", "incorrect"],
    ["The answer is either A or B", "incorrect"],
    ["<answer>A</answer><answer>B</answer>", "unparsed"],
    ["<answer>AB</answer>", "unparsed"],
    ["B", "incorrect"],
    ["not A", "unparsed"],
    ["А", "unparsed"], // Cyrillic
    ["K", "unparsed"], // the eleventh of ten
    ["A\nB\nC\nD", "unparsed"],
    ["She chose A because it is right.", "unparsed"],
    ["", "unparsed"],
    ["<think>A", "unparsed"],
    ["5", "unparsed"],
    [`A ${"x".repeat(1000)}`, "incorrect"],
  ])("%j is not A: %s", (completion, outcome) => {
    expect(verify(completion, { answer: "A" })).toMatchObject({ reward: 0, outcome });
  });

  test.each([
    ["Paris", 1],
    ["paris.", 1],
    ["The answer is Paris", 1],
    ["\\boxed{\\text{Paris}}", 1],
    ["(A) Paris", 1],
    ["A. Paris", 1],
    ["(A) Rome", 0], // label and text disagree
    ["Rome", 0],
    ["Paris or Rome", 0],
    ["Paris, Rome", 0],
    ["E", 0], // there are four
  ])("with the choices' texts, %j gets %d", (completion, reward) => {
    expect(verify(completion, CITIES)).toMatchObject({ reward });
  });

  test.each([
    ["(C) Bonn or Berlin", "C", 1],
    ["Bonn or Berlin", "C", 1],
    ["C", "Bonn or Berlin", 1],
    ["3.5 km", "D", 1],
    ["35 km", "D", 0],
  ])("a text may hold anything: %j against %j gets %d", (completion, answer, reward) => {
    expect(verify(completion, { ...CITIES, answer })).toMatchObject({ reward });
  });

  test("formulas are told apart by their signs", () => {
    const row = { answer: "a-b", choices: ["a+b", "a-b", "ab", "-5", "5"] };
    expect(["a - b", "$a-b$", "B", "ab", "a+b"].map((text) => verify(text, row).reward)).toEqual([1, 1, 1, 0, 0]);
    expect(verify("5", { ...row, answer: "-5" }).reward).toBe(0);
  });

  test("where choices are letters, a letter that means two of them is several", () => {
    const row = { answer: "A", choices: ["B", "A", "C"] };
    expect(() => verify("A", row)).toThrow(/expected one of ABC/);
    expect(verify("B", { ...row, answer: "C" })).toMatchObject({ reward: 0, reason: "names several choices: B, A" });
  });

  test("the extractor is the author's", () => {
    expect(multipleChoice(answerTag)("A", { answer: "A" })).toMatchObject({ reward: 0, outcome: "unparsed" });
  });

  test.each([
    [{ answer: "K" }],
    [{ answer: "A or B" }],
    [{ answer: "" }],
    [{ ...CITIES, answer: "E" }],
    [{ ...CITIES, answer: "London" }],
    [{ answer: "A", choices: ["xy", "XY."] }],
    [{ answer: "A", choices: ["x"] }],
    [{ answer: "A", choices: ["x", " "] }],
  ])("the row %j is our fault: it throws", (row) => {
    expect(() => verify("A", row)).toThrow(/the row's (answer|choices) (is|are) .*, expected/);
  });

  test.each([1, 27, 3.5, Number.NaN])("refuses %d choices", (choices) => {
    expect(() => multipleChoice(choiceSlot, { choices })).toThrow(
      /choices is .*, expected a whole number, at least 2, at most 26/,
    );
  });
});
