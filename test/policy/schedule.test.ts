import { describe, expect, test } from "vitest";
import { learningRateAt } from "../../src/policy/schedule.ts";

const OPTIONS = { learningRate: 2, warmupSteps: 4, steps: 14 };
const rates = (schedule: "constant" | "linear" | "cosine", steps: number[]) =>
  steps.map((step) => learningRateAt(step, { ...OPTIONS, schedule }));

describe("learningRateAt", () => {
  test("warm-up rises in equal parts and reaches the peak on its last step", () => {
    expect(rates("constant", [0, 1, 2, 3])).toEqual([0.5, 1, 1.5, 2]);
  });

  test("constant stays", () => expect(rates("constant", [4, 9, 13])).toEqual([2, 2, 2]));

  test("linear falls in equal parts and would be 0 one step after the last", () => {
    expect(rates("linear", [4, 9, 14])).toEqual([2, 1, 0]);
    expect(rates("linear", [13])[0]).toBeCloseTo(0.2, 12);
  });

  test("cosine is at half of the peak half-way, and flat at both ends", () => {
    const [start, half, end] = rates("cosine", [4, 9, 14]);
    expect(start).toBe(2);
    expect(half).toBeCloseTo(1, 12);
    expect(end).toBeCloseTo(0, 12);
    expect(rates("cosine", [5])[0]).toBeCloseTo(1 + Math.cos(Math.PI / 10), 12);
  });

  test("no warm-up starts at the peak; past the end it stays at the end", () => {
    const options = { learningRate: 2, warmupSteps: 0, steps: 10, schedule: "linear" } as const;
    expect([learningRateAt(0, options), learningRateAt(99, options)]).toEqual([2, 0]);
  });
});
