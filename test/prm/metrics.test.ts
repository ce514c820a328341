import { describe, expect, test } from "vitest";
import {
  accuracyGap,
  auc,
  calibration,
  chooseThreshold,
  classifySteps,
  firstError,
  firstErrorF1,
} from "../../src/prm/metrics.ts";

describe("firstErrorF1", () => {
  const cases = [
    { scores: [0.9, 0.2, 0.1], firstError: 1 }, // found
    { scores: [0.9, 0.8, 0.1], firstError: 1 }, // found one step late
    { scores: [0.9, 0.9], firstError: 0 }, // missed
    { scores: [0.1, 0.9], firstError: 0 }, // found
    { scores: [0.9, 0.7], firstError: -1 }, // let pass
    { scores: [0.4, 0.9], firstError: -1 }, // a false alarm
    { scores: [0.8], firstError: -1 },
  ];

  test("is the harmonic mean of the accuracies on wrong and on right solutions", () => {
    // 2 of 4 and 2 of 3: 2·½·⅔ / (½ + ⅔) = 4/7
    const { onErroneous, onCorrect, f1 } = firstErrorF1(cases, 0.5);
    expect([onErroneous, onCorrect]).toEqual([1 / 2, 2 / 3]);
    expect(f1).toBeCloseTo(4 / 7, 12);
  });

  test("a model that finds no error at all has 0, though it is right about right solutions", () => {
    const blind = cases.map(({ firstError }) => ({ scores: [1, 1, 1], firstError }));
    expect(firstErrorF1(blind, 0.5)).toMatchObject({ onErroneous: 0, onCorrect: 1, f1: 0 });
  });

  test("the chosen threshold is the best on the cases it is chosen on", () => {
    const threshold = chooseThreshold(cases);
    const best = firstErrorF1(cases, threshold).f1;
    for (let t = 0; t <= 1; t += 0.01) expect(firstErrorF1(cases, t).f1).toBeLessThanOrEqual(best);
    expect(threshold).toBeGreaterThanOrEqual(0.2);
    expect(threshold).toBeLessThan(0.4);
    expect(chooseThreshold([{ scores: [0.3], firstError: -1 }])).toBe(0.5);
  });

  test("the first step below counts, none is −1", () => {
    expect([firstError([0.9, 0.1, 0.2], 0.5), firstError([0.9], 0.5), firstError([], 0.5)]).toEqual([1, -1, -1]);
  });
});

const step = (score: number, right: boolean) => ({ score, right });

test("classifySteps: F1 of both classes, and their mean", () => {
  const steps = [step(0.9, true), step(0.8, true), step(0.2, true), step(0.7, false), step(0.1, false)];
  // right: 2 found, 1 missed, 1 false alarm: F1 = 4/6; wrong: 1 found, 1 missed, 1 false alarm: F1 = 2/4
  expect(classifySteps(steps)).toEqual({
    f1: 2 / 3,
    f1Negative: 1 / 2,
    prmScore: (2 / 3 + 1 / 2) / 2,
    accuracy: 3 / 5,
    accuracyRight: 2 / 3,
    accuracyWrong: 1 / 2,
  });
  const allRight = [step(0.9, true), step(0.9, true)];
  const planted = [step(0.9, true), step(0.9, false)];
  expect(accuracyGap(planted, allRight)).toBe(0.5);
});

test("auc: the share of pairs in the right order, ties half", () => {
  // right .9 .5, wrong .5 .1: 3 pairs in order, one tie of four
  expect(auc([step(0.9, true), step(0.5, true), step(0.5, false), step(0.1, false)])).toBe(3.5 / 4);
  expect(auc([step(0.1, true), step(0.9, false)])).toBe(0);
  expect(auc([step(0.1, true)])).toBe(Number.NaN);
});

test("calibration: the gap between score and share of right ones, weighted by the bins' counts", () => {
  const steps = [step(0.95, true), step(0.95, false), step(0.05, false), step(1, true)];
  const { ece, bins } = calibration(steps, 10);
  // last bin: 3 steps, mean score .9667, ⅔ right; first: 1 step, score .05, none right
  expect(bins[9]).toMatchObject({ count: 3, right: 2 / 3 });
  expect(ece).toBeCloseTo((3 / 4) * (2.9 / 3 - 2 / 3) + (1 / 4) * 0.05, 12);
  expect(bins).toHaveLength(10);
});
