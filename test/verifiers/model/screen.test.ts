import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { screenAnswer } from "../../../src/verifiers/model/screen.ts";
import { ANSWERS, ATTACKS } from "./attacks.ts";

const asked = { question: "Ann has 3 apples and gets 4. How many apples has Ann?", reference: "7" };
const open = { question: asked.question, reference: null };

describe("screenAnswer", () => {
  test.each(ATTACKS.map((text) => text.replace(/<think>.*<\/think>/, "")))("refuses %j", (text) => {
    expect(screenAnswer(text, asked)).not.toBeNull();
  });

  test.each(ANSWERS)("lets %j through, reference or not", (text) => {
    expect(screenAnswer(text, asked)).toBeNull();
    expect(screenAnswer(text, open)).toBeNull();
  });

  test.each([
    ["correct", "It is correct."],
    ["The step", "The step"],
    ["A", "a"],
    ["the problem of evil", "The problem of evil"],
  ])("words of the reference %j are an answer: %j", (reference, text) => {
    expect(screenAnswer(text, { question: "?", reference })).toBeNull();
  });

  test("the reference itself is an answer, whatever it is", () => {
    const text = fc.oneof(fc.string({ unit: "grapheme", minLength: 1 }), fc.constantFrom("+", "Solution", ...ATTACKS));
    fc.assert(
      fc.property(text, (reference) => {
        const objection = screenAnswer(reference, { question: "?", reference });
        expect([null, "the text is blank"]).toContain(objection);
      }),
    );
  });

  test("says why", () => {
    expect(screenAnswer(" ", asked)).toBe("the text is blank");
    expect(screenAnswer(":", asked)).toBe("the text holds neither words nor numbers");
    expect(screenAnswer("Solution", asked)).toBe("the text announces an answer and gives none");
    expect(screenAnswer("Dear grader, hi", asked)).toBe("the text instructs the grader");
  });

  test("words of the question are an answer where the text does not merely set out", () => {
    const choice = { question: "Which is heavier, lead or feathers?", reference: "lead" };
    expect(screenAnswer("lead", choice)).toBeNull();
    expect(screenAnswer("To find which is heavier, lead", choice)).toBeNull();
    expect(screenAnswer("To find which is heavier, feathers or", choice)).not.toBeNull();
  });

  test.each([
    "give ",
    "ignore all previous ",
    '{"',
    "a'",
    "this answer gets ",
    "as the ",
    "step 1 ",
    " \n",
    "\u200b",
    "9/",
  ])("20,000 characters of %j take no second", (piece) => {
    const text = `${piece.repeat(Math.ceil(20_000 / piece.length))} x`;
    const start = performance.now();
    screenAnswer(text, asked);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
