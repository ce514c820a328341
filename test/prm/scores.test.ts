import { describe, expect, test } from "vitest";
import { bestOf, SOLUTION_SCORES, scoreSteps, weightedVote } from "../../src/prm/scores.ts";
import { vectorsOf } from "../vectors.ts";

describe("SOLUTION_SCORES", () => {
  type Expected = Record<"min" | "product" | "last" | "mean", number>;
  test.each(vectorsOf<{ stepScores: number[] }, Expected>("prm/aggregate"))("$id: $name", ({ inputs, expected }) => {
    for (const [name, value] of Object.entries(expected)) {
      expect(SOLUTION_SCORES[name as keyof Expected](inputs.stepScores)).toBeCloseTo(value, 7);
    }
  });

  test("the geometric mean of .9, .9, .9 is .9, and the maximum is what it says", () => {
    expect(SOLUTION_SCORES["geometric-mean"]([0.9, 0.9, 0.9])).toBeCloseTo(0.9, 12);
    expect(SOLUTION_SCORES.max([0.1, 0.7, 0.3])).toBe(0.7);
  });

  test.each(["min", "product", "last"] as const)("a repeated step does not raise the %s", (name) => {
    const scores = [0.9, 0.3, 0.8];
    for (const [k, score] of scores.entries()) {
      expect(SOLUTION_SCORES[name](scores.toSpliced(k, 0, score))).toBeLessThanOrEqual(SOLUTION_SCORES[name](scores));
    }
  });
});

describe("weightedVote", () => {
  type Expected = { totals: Record<string, number>; answer: string };
  test.each(vectorsOf<{ answers: string[]; scores: number[] }, Expected>("prm/vote"))(
    "$id: $name",
    ({ inputs, expected }) => {
      const { answer, totals } = weightedVote(inputs.answers, inputs.scores);
      expect(answer).toBe(expected.answer);
      for (const [name, total] of Object.entries(expected.totals)) expect(totals[name]).toBeCloseTo(total, 7);
    },
  );

  test("who has no answer does not vote", () => {
    expect(weightedVote([null, "a", null], [9, 0.1, 9])).toEqual({ answer: "a", totals: { a: 0.1 } });
    expect(weightedVote([null], [1]).answer).toBe(null);
  });
});

test("bestOf is the first of the highest", () => {
  expect([bestOf([0.1, 0.7, 0.7]), bestOf([])]).toEqual([1, -1]);
});

describe("scoreSteps", () => {
  const completion = { id: "a", prompt: Int32Array.of(1, 2), completion: Int32Array.of(3, 4, 5), ends: [0, 2] };

  test("reads the score at the last token of each step, after the prompt", async () => {
    const scores = Float32Array.of(9, 9, 0, 9, Math.log(3));
    const score = async () => [{ logProbs: new Float32Array(5), entropy: new Float32Array(5), scores }];
    const [steps] = await scoreSteps(score, [completion]);
    expect(steps![0]).toBe(0.5);
    expect(steps![1]).toBeCloseTo(0.75, 6);
  });

  test("refuses a model without a score head", async () => {
    const score = async () => [{ logProbs: new Float32Array(5), entropy: new Float32Array(5) }];
    await expect(scoreSteps(score, [completion])).rejects.toThrow("no score head");
  });
});
