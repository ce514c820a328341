import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mean, passAtK, spread } from "../../src/run/statistics.ts";
import { vectorsOf } from "../vectors.ts";

describe("passAtK", () => {
  // Figures from the closed form 1 − C(n−c, k)/C(n, k); `naive` is the biased 1 − (1 − c/n)^k.
  const vectors = vectorsOf<{ n: number; c: number; ks: number[] }, { passAtK: number[]; naive: number[] }>("passk");

  test.each(vectors)("$id: $name", ({ inputs: { n, c, ks }, expected }) => {
    for (const [i, k] of ks.entries()) {
      expect(passAtK(n, c, k)).toBeCloseTo(expected.passAtK[i]!, 6);
      if (k > 1 && c > 0 && c < n) expect(passAtK(n, c, k)).toBeGreaterThan(expected.naive[i]! + 1e-4);
    }
  });

  test("stays finite where the binomials overflow", () => {
    expect(passAtK(100_000, 1, 50_000)).toBeCloseTo(0.5, 9);
  });

  test("grows with k and with c", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (n, cSeed, kSeed) => {
        const c = cSeed % n;
        const k = 1 + (kSeed % (n - 1));
        expect(passAtK(n, c, k + 1)).toBeGreaterThanOrEqual(passAtK(n, c, k) - 1e-12);
        expect(passAtK(n, c + 1, k)).toBeGreaterThanOrEqual(passAtK(n, c, k) - 1e-12);
      }),
    );
  });

  test("more draws than samples are refused", () => {
    expect(() => passAtK(4, 1, 8)).toThrow("k is 8 of n=4 samples, expected integers with 1 ≤ k ≤ n");
    expect(() => passAtK(4, 5, 1)).toThrow("c is 5, expected an integer from 0 to n=4");
  });
});

describe("mean and spread", () => {
  test("spread divides by n − 1", () => {
    expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
    expect(spread([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(spread([3])).toBe(0);
  });

  test("the mean of nothing is refused", () => {
    expect(() => mean([])).toThrow("no values");
  });
});
