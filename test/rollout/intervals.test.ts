import { describe, expect, test } from "vitest";
import { bootstrapInterval, shareInterval, wilson } from "../../src/rollout/intervals.ts";

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
