import { describe, expect, test } from "vitest";
import { adaptEntropyCoef, clipCov, tokenCovariances } from "../../src/grpo/entropy.ts";
import { Rng } from "../../src/rng.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

describe("adaptEntropyCoef", () => {
  interface Inputs {
    coef: number;
    delta: number;
    min: number;
    max: number;
    target: number;
    entropies: number[];
  }
  const vectors = vectorsOf<Inputs, { nextCoef: number[]; applied: boolean[] }>("entropy/bonus").filter(
    ({ inputs }) => inputs.target !== undefined,
  );
  test.each(vectors)("$id: $name", ({ inputs, expected }) => {
    const results = inputs.entropies.map((entropy) => adaptEntropyCoef(inputs.coef, entropy, inputs));
    expectAllClose(
      results.map(({ coef }) => coef),
      expected.nextCoef,
      1e-12,
    );
    expect(results.map(({ applied }) => applied)).toEqual(expected.applied);
  });

  test("stays within its bounds", () => {
    const controller = { target: 1, delta: 0.3, min: 0, max: 0.5 };
    expect(adaptEntropyCoef(0.4, 0.5, controller).coef).toBe(0.5);
    expect(adaptEntropyCoef(0.1, 2, controller).coef).toBe(0);
  });
});

test.each(vectorsOf<{ advantages: number[]; logp: number[] }, { cov: number[]; meanCov: number }>("entropy/clipcov"))(
  "$id: $name",
  ({ inputs, expected }) => {
    const cov = tokenCovariances(inputs.advantages, inputs.logp);
    expectAllClose(cov, expected.cov, 1e-12);
    expectAllClose(cov.reduce((sum, c) => sum + c, 0) / cov.length, expected.meanCov, 1e-12);
  },
);

describe("clipCov", () => {
  const covariances = Array.from({ length: 100 }, (_, t) => (t < 10 ? 2 : t < 20 ? 9 : 0));

  test("leaves out the wanted share of all tokens, from those in the range alone", () => {
    const leftOut = clipCov(covariances, { share: 0.05 }, new Rng(1, "clip-cov"));
    expect(leftOut.reduce((sum, one) => sum + one, 0)).toBe(5);
    expect(leftOut.slice(10).every((one) => one === 0)).toBe(true);
  });

  test("no more than there are", () => {
    const leftOut = clipCov(covariances, { share: 0.5 }, new Rng(1, "clip-cov"));
    expect(leftOut.reduce((sum, one) => sum + one, 0)).toBe(10);
  });

  test("the seed decides which", () => {
    const pick = (seed: number) => clipCov(covariances, { share: 0.05 }, new Rng(seed, "clip-cov")).join("");
    expect(pick(1)).toBe(pick(1));
    expect(new Set([1, 2, 3, 4].map(pick)).size).toBeGreaterThan(1);
  });
});
