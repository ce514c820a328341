import { describe, expect, test } from "vitest";
import { bestAtK, voteAtK } from "../../src/run/select.ts";

const sample = (answer: string | null, score: number, correct = answer === "7") => ({ answer, correct, score });
const SAMPLES = [
  sample("7", 0.9),
  sample("8", 0.5),
  sample("8", 0.6),
  sample("8", 0.2),
  sample("7", 0.1),
  sample(null, 1),
];

describe("of blocks of k samples", () => {
  test("bestAtK: the share whose best-scored sample is right", () => {
    // blocks of 2: 7 (.9) is right, 8 (.6) is wrong, no answer (1) is wrong
    expect(bestAtK(SAMPLES, 2)).toBeCloseTo(1 / 3, 12);
    expect(bestAtK(SAMPLES, 1)).toBeCloseTo(2 / 6, 12);
    expect(bestAtK(SAMPLES, 4)).toBe(1); // one block; what is left over is no block
  });

  test("voteAtK: the share whose answer of the highest total is right", () => {
    // 7: .9 against 8: .5; 8 alone; 7 alone, because who has no answer does not vote
    expect(voteAtK(SAMPLES, 2)).toBeCloseTo(2 / 3, 12);
    // 8: .5 + .6 + .2 > 7: .9 + .1
    expect(voteAtK(SAMPLES, 6)).toBe(0);
    expect(voteAtK([sample(null, 1)], 1)).toBe(0);
  });

  test("one answer with two verdicts counts as right in the share that is", () => {
    expect(voteAtK([sample("7", 0.5), sample("7", 0.5, false)], 2)).toBe(0.5);
  });
});
