import { describe, expect, test } from "vitest";
import { graded, notGraded, type Verifier } from "../../src/verifiers/index.ts";
import { cosineLength, countCharacters, countWords, softOverlong } from "../../src/verifiers/length.ts";
import { vectorsOf } from "../vectors.ts";

/** A text of so many words. */
const text = (length: number) => "w ".repeat(length);
const right: Verifier<unknown> = () => graded(1, "correct", "4", "right");
const wrong: Verifier<unknown> = () => graded(0, "incorrect", "5", "wrong", { fuel: 3 });

describe("measures", () => {
  test("characters are code points, words are runs without white space", () => {
    expect([countCharacters(""), countCharacters("aé\u{1f600}")]).toEqual([0, 3]);
    expect([countWords(""), countWords(" \n"), countWords(" a-b  c.\n数")]).toEqual([0, 0, 3]);
  });
});

describe("softOverlong", () => {
  const vectors = vectorsOf<{ lengths: number[]; maxLen: number; cache: number }, { penalty: number[] }>(
    "dapo/overlong",
  );

  test.each(vectors)("$id: $name", ({ inputs: { lengths, maxLen, cache }, expected: { penalty } }) => {
    const verify = softOverlong({ measure: countWords, maxLength: maxLen, buffer: cache });
    for (const [i, length] of lengths.entries()) expect(verify(text(length)).reward).toBeCloseTo(penalty[i]!, 6);
  });

  test("the outcome says whether it is free, growing or at its end", () => {
    const verify = softOverlong({ measure: countCharacters, maxLength: 4, buffer: 2 });
    expect(["ab", "abc", "abcd"].map((one) => verify(one).outcome)).toEqual(["correct", "partial", "incorrect"]);
    expect(verify("abc")).toMatchObject({ reward: -0.5, metrics: { length: 3 } });
    expect(Object.is(verify("").reward, 0)).toBe(true);
  });

  test.each([
    [{ maxLength: 0, buffer: 0 }, /maxLength is 0/],
    [{ maxLength: 10, buffer: 11 }, /buffer is 11, expected a finite number, at most 10/],
    [{ maxLength: 10, buffer: 0 }, /buffer is 0, expected a number above 0/],
    [{ maxLength: Number.NaN, buffer: 1 }, /maxLength is NaN/],
  ])("refuses %j", (limits, message) => {
    expect(() => softOverlong({ measure: countWords, ...limits })).toThrow(message);
  });
});

describe("cosineLength", () => {
  const options = { measure: countWords, maxLength: 100 };

  // By hand: b + (a − b)·(1 + cos(π·L/100))/2; cos(π/4) = 0.70710678
  test.each([
    [0, 2, -10],
    [25, 1.85355339, -8.53553391],
    [50, 1.5, -5],
    [75, 1.14644661, -1.46446609],
    [100, -10, -10],
    [101, -10, -10],
  ])("at length %d pays %d for right and %d for wrong", async (length, forRight, forWrong) => {
    expect((await cosineLength(right, options)(text(length), null)) as unknown).toMatchObject({
      reward: expect.closeTo(forRight, 7),
    });
    expect((await cosineLength(wrong, options)(text(length), null)) as unknown).toMatchObject({
      reward: expect.closeTo(forWrong, 7),
    });
  });

  test("keeps the verdict but for its reward, and what is not graded", async () => {
    expect(await cosineLength(wrong, options)("a", null)).toMatchObject({
      outcome: "incorrect",
      answer: "5",
      reason: "wrong",
      metrics: { fuel: 3, length: 1 },
    });
    const fault = notGraded("infrastructure-error", "down");
    expect(await cosineLength(() => fault, options)(text(200), null)).toBe(fault);
  });

  test.each([
    [{ correct: [1, 0], wrong: [-1, 0.5] }],
    [{ correct: [1, -1], wrong: [-2, 0] }],
    [{ exceeded: 0 }],
    [{ correct: [Number.NaN, 1] }],
    [{ maxLength: 0 }],
  ] as { correct?: [number, number] }[][])("refuses %j", (given) => {
    expect(() => cosineLength(right, { ...options, ...given })).toThrow(
      expect.objectContaining({ code: "E_VERIFIER" }),
    );
  });
});
