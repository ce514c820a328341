import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Aggregate, constantLength, sequenceMean, sequenceSum, tokenMean } from "../../src/policy/aggregate.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

const weighted = (losses: number[][], weights: Float32Array[]) =>
  losses.reduce((sum, row, b) => row.reduce((s, loss, t) => s + loss * weights[b]![t]!, sum), 0);

describe("aggregates", () => {
  const names = {
    "token-mean": () => tokenMean,
    "seq-mean-token-mean": () => sequenceMean,
    "seq-mean-token-sum": () => sequenceSum,
    "seq-sum-const-norm": (maxLen: number) => constantLength(maxLen),
  } satisfies Record<string, (maxLen: number) => Aggregate>;

  interface Inputs {
    loss: number[][];
    mask: number[][];
    maxLen: number;
  }
  const vectors = vectorsOf<Inputs, Record<keyof typeof names, number>>("core/aggregate").filter((v) => v.inputs.mask);
  test.each(vectors)("$id: $name", ({ inputs, expected }) => {
    for (const [name, aggregate] of Object.entries(names)) {
      const weights = aggregate(inputs.maxLen)(inputs.mask);
      expectAllClose(weighted(inputs.loss, weights), expected[name as keyof typeof names]);
    }
  });

  test("core/aggregate/3: micro-batches of unequal size add up to the token mean, not to the mean of means", () => {
    const [vector] = vectorsOf<{ microBatchTokenLosses: number[][] }, { correct: number; wrongMeanOfMeans: number }>(
      "core/aggregate",
    ).filter(({ id }) => id === "core/aggregate/3");
    const losses = vector!.inputs.microBatchTokenLosses;
    const weights = tokenMean(losses.map((row) => row.map(() => 1)));
    const partial = losses.map((row, i) => weighted([row], [weights[i]!]));
    expectAllClose(partial[0]! + partial[1]!, vector!.expected.correct);
    expect(vector!.expected.correct).not.toBeCloseTo(vector!.expected.wrongMeanOfMeans);
  });

  test("the weights of token mean and sequence mean sum to 1, whatever the masks", () => {
    const masks = fc
      .array(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 })
      .filter((rows) => rows.flat().includes(1));
    fc.assert(
      fc.property(masks, (rows) => {
        for (const aggregate of [tokenMean, sequenceMean]) {
          const weights = aggregate(rows);
          expectAllClose(
            weights.reduce((sum, row) => row.reduce((s, w) => s + w, sum), 0),
            1,
            1e-5,
          );
          expect(weights.every((row, b) => row.every((w, t) => w > 0 === (rows[b]![t] === 1)))).toBe(true);
        }
      }),
    );
  });

  test("a batch without a trained token has weights 0, not NaN", () => {
    for (const aggregate of [tokenMean, sequenceMean, sequenceSum, constantLength(4)]) {
      expect([...aggregate([[0, 0]])[0]!]).toEqual([0, 0]);
    }
  });
});
