import { describe, expect, test } from "vitest";
import {
  lastStep,
  mcStepAdvantages,
  processAdvantages,
  suffixMin,
  suffixSum,
  suffixSumPerStep,
} from "../../src/grpo/process.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

describe("processAdvantages", () => {
  interface Inputs {
    stepRewards: number[][];
    stepEnds: number[][];
    lengths: number[];
    eps: number;
    ddof: 0 | 1;
  }
  interface Expected {
    normalizedStepRewards: number[][];
    advantages: number[][];
  }
  test.each(vectorsOf<Inputs, Expected>("grpo/process"))("$id: $name", ({ inputs, expected }) => {
    const group = inputs.stepRewards.map((rewards, i) => ({ rewards, ends: inputs.stepEnds[i]! }));
    const { advantages, normalized } = processAdvantages(group, inputs.lengths, inputs);
    expectAllClose(normalized, expected.normalizedStepRewards, 1e-7);
    expectAllClose(advantages, expected.advantages, 1e-7);
  });

  test("an ungraded completion leaves the statistics and gets 0", () => {
    const graded = [
      { rewards: [1], ends: [1] },
      { rewards: [0], ends: [0] },
    ];
    const [first, second] = processAdvantages(graded, [2, 1]).advantages;
    const withNull = processAdvantages([graded[0]!, null, graded[1]!], [2, 3, 1]).advantages;
    expect(withNull).toEqual([first, [0, 0, 0], second]);
  });
});

describe("step credit", () => {
  const rewards = [0.5, -1, 2];
  test("sum of what comes after", () => expect(suffixSum(rewards)).toEqual([1.5, 1, 2]));
  test("its share per step", () => expectAllClose(suffixSumPerStep(rewards), [0.5, 1 / 3, 2 / 3], 1e-12));
  test("the worst of what comes after", () => expect(suffixMin(rewards)).toEqual([-1, -1, 2]));
  test("the last", () => expect(lastStep(rewards)).toEqual([2, 2, 2]));

  test("repeating a good step raises the sum, and neither the minimum nor the last", () => {
    const repeated = [0.5, 0.5, -1, 2];
    expect(suffixSum(repeated)[0]).toBeGreaterThan(suffixSum(rewards)[0]!);
    expect(suffixMin(repeated)[0]).toBe(suffixMin(rewards)[0]);
    expect(lastStep(repeated)[0]).toBe(lastStep(rewards)[0]);
  });
});

describe("mcStepAdvantages", () => {
  type Inputs = Parameters<typeof mcStepAdvantages>[0];
  test.each(vectorsOf<Inputs, { stepAdvantages: number[]; advantages: number[] }>("vineppo"))(
    "$id: $name",
    (vector) => {
      const { stepAdvantages, advantages } = mcStepAdvantages(vector.inputs);
      expectAllClose(stepAdvantages, vector.expected.stepAdvantages, 1e-8);
      expectAllClose(advantages, vector.expected.advantages, 1e-8);
    },
  );

  test("step advantages sum to the final reward minus the value of the start", () => {
    const { stepAdvantages } = mcStepAdvantages({
      successCounts: [2, 7, 1, 5],
      k: 8,
      finalReward: 1,
      stepEnds: [0, 1, 2, 3],
      length: 4,
    });
    expect(stepAdvantages.reduce((sum, a) => sum + a, 0)).toBeCloseTo(1 - 2 / 8, 12);
  });
});
