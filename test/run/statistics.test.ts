import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapInterval, mean, passAtK, shareInterval, spread, wilson } from "../../src/run/statistics.ts";
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

describe("wilson", () => {
  // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("%i of %i", (successes, n, low, high) => {
    const interval = wilson(successes, n);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  test("no trials say nothing", () => {
    expect(wilson(0, 0)).toEqual([0, 1]);
  });
});

describe("bootstrapInterval", () => {
  const half = Array.from({ length: 100 }, (_, i) => (i < 50 ? 1 : 0));

  test("of 50 in 100 is about ± 1.96 · sqrt(.25/100) = ± .098", () => {
    const [low, high] = bootstrapInterval(half, 1);
    expect(low).toBeCloseTo(0.402, 1);
    expect(high).toBeCloseTo(0.598, 1);
    expect(Math.abs(high - low - 0.196)).toBeLessThan(0.025);
  });

  test("the same seed gives the same interval, another seed another one", () => {
    expect(bootstrapInterval(half, 1)).toEqual(bootstrapInterval(half, 1));
    expect(bootstrapInterval(half, 1, 50)).not.toEqual(bootstrapInterval(half, 2, 50));
  });
});

describe("shareInterval", () => {
  test("where all problems agree it is Wilson's, not a certainty", () => {
    expect(shareInterval(new Array(20).fill(0), 1)[1]).toBeCloseTo(0.1611, 4);
    expect(shareInterval(new Array(20).fill(1), 1)[0]).toBeCloseTo(1 - 0.1611, 4);
  });

  test("samples of one problem do not count as independent: 8 copies of each do not narrow it", () => {
    const shares = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    const [low, high] = shareInterval(shares, 1);
    expect(high - low).toBeGreaterThan(0.25); // 2 · 1.96 · sqrt(.25/40) = .31; 320 independent trials would give .11
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
