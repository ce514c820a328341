import { describe, expect, test } from "vitest";
import { Measurement, measure, type ProblemResult } from "../../src/run/summary.ts";

/** 8 samples, `correct` of them right and equal, the others wrong and equal. */
const problem = (greedy: boolean, correct: number): ProblemResult => ({
  greedy,
  samples: Array.from({ length: 8 }, (_, i) =>
    i < correct ? { answer: "1", correct: true } : { answer: "2", correct: false },
  ),
});

describe("measure", () => {
  test("four problems with 8, 6, 2 and 0 right samples", () => {
    const measured = measure([problem(true, 8), problem(true, 6), problem(false, 2), problem(false, 0)], 1);
    expect(measured.greedy).toBe(0.5);
    expect(measured.pass1).toBeCloseTo((1 + 0.75 + 0.25 + 0) / 4, 12);
    expect(measured.pass8).toBe(0.75);
    expect(measured.maj8).toBe(0.5);
    expect([measured.n, measured.samples]).toEqual([4, 8]);
    expect(measured.ci95.greedy[0]).toBeCloseTo(0.15, 2); // Wilson for 2 of 4: .1500 – .8500
    expect(measured.ci95.greedy[1]).toBeCloseTo(0.85, 2);
    expect(Measurement.parse(measured)).toEqual(measured);
  });

  test("fewer than 8 samples are refused", () => {
    expect(() => measure([{ greedy: true, samples: problem(true, 8).samples.slice(1) }], 1)).toThrow(
      "k is 8 of n=7 samples",
    );
  });
});
