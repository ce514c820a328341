import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Advantage,
  batchScaled,
  batchWhitened,
  centered,
  greedyBaseline,
  groupNormalized,
  leaveOneOut,
  lengthWeighted,
  passAtK,
} from "../../src/grpo/advantages.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

type Rewards = (number | null)[];
const one = (advantage: Advantage, rewards: Rewards, more: { lengths?: number[]; greedyReward?: number } = {}) =>
  advantage([{ rewards, ...more }])[0]!;

interface Expected {
  advantages: number[];
}

describe("groupNormalized", () => {
  interface Inputs {
    rewards: Rewards;
    eps: number;
    ddof: 0 | 1;
  }
  const vectors = vectorsOf<Inputs, Expected & { zeroSignal: boolean }>("grpo/advantage").filter(
    (v) => v.inputs.rewards,
  );
  test.each(vectors)("$id: $name", ({ inputs, expected }) => {
    const { rewards, ...options } = inputs;
    const advantages = one(groupNormalized(options), rewards);
    expectAllClose(advantages, expected.advantages, 1e-7);
    expect(advantages.every((advantage) => advantage === 0)).toBe(expected.zeroSignal);
  });
});

test.each(vectorsOf<{ rewards: number[] }, Expected>("drgrpo/advantage"))("centered: $id: $name", (vector) => {
  expectAllClose(one(centered(), vector.inputs.rewards), vector.expected.advantages, 1e-12);
});

describe("leaveOneOut", () => {
  interface Inputs {
    rewards: number[];
    seqKl?: number[];
    beta?: number;
  }
  test.each(vectorsOf<Inputs, Expected & { shaped?: number[] }>("rloo/advantage"))("$id: $name", (vector) => {
    const { rewards, seqKl, beta } = vector.inputs;
    const shaped = seqKl ? rewards.map((reward, i) => reward - beta! * seqKl[i]!) : rewards;
    if (vector.expected.shaped) expectAllClose(shaped, vector.expected.shaped, 1e-12);
    expectAllClose(one(leaveOneOut(), shaped), vector.expected.advantages, 1e-8);
  });

  test("an ungraded sibling leaves sum and divisor: two remain, ±(r1 − r2)", () => {
    expect(one(leaveOneOut(), [3, null, 1])).toEqual([2, 0, -2]);
  });
});

describe("advantages that look at the batch", () => {
  interface Inputs {
    groups: number[][];
    eps: number;
    ddof: 0 | 1;
  }
  type Batch = { advantages: number[][] };
  const groups = (inputs: Inputs) => inputs.groups.map((rewards) => ({ rewards }));

  test.each(vectorsOf<Inputs, Batch>("grpo/advantage").filter((v) => v.inputs.groups))("$id: $name", (vector) => {
    expectAllClose(batchScaled(vector.inputs)(groups(vector.inputs)), vector.expected.advantages, 1e-7);
  });

  test.each(vectorsOf<Inputs, Batch>("reinforcepp").filter((v) => v.inputs.groups))("$id: $name", (vector) => {
    expectAllClose(batchWhitened(vector.inputs)(groups(vector.inputs)), vector.expected.advantages, 1e-7);
  });

  test("an ungraded completion leaves the deviation of the batch", () => {
    const without = batchWhitened()([{ rewards: [1, 0] }, { rewards: [1, 1, 0, 0] }]);
    const withNull = batchWhitened()([{ rewards: [1, null, 0] }, { rewards: [1, 1, 0, 0] }]);
    expect(withNull).toEqual([[without[0]![0], 0, without[0]![1]], without[1]]);
  });
});

test.each(vectorsOf<{ rewards: number[]; lengths: number[] }, Expected>("opo"))(
  "lengthWeighted: $id: $name",
  (vector) => {
    const { rewards, lengths } = vector.inputs;
    expectAllClose(one(lengthWeighted(), rewards, { lengths }), vector.expected.advantages, 1e-8);
  },
);

describe("lengthWeighted", () => {
  test("an ungraded completion takes its length along", () => {
    expect(one(lengthWeighted(), [1, null, 0], { lengths: [10, 1000, 10] })).toEqual([0.5, 0, -0.5]);
  });
  test("needs lengths", () => expect(() => one(lengthWeighted(), [1, 0])).toThrow("no lengths"));
});

describe("greedyBaseline", () => {
  test.each(vectorsOf<{ rewards: number[]; greedyRewards: number[] }, Expected>("remax"))("$id: $name", (vector) => {
    const { rewards, greedyRewards } = vector.inputs;
    const groups = rewards.map((reward, p) => ({ rewards: [reward], greedyReward: greedyRewards[p]! }));
    expectAllClose(greedyBaseline(groups).flat(), vector.expected.advantages, 1e-12);
  });

  test("an ungraded greedy completion leaves nothing to compare with", () => {
    expect(greedyBaseline([{ rewards: [1, 0], greedyReward: null }])).toEqual([[0, 0]]);
  });
  test("needs a greedy reward", () => expect(() => one(greedyBaseline, [1])).toThrow("no greedyReward"));
});

test.each(vectorsOf<{ rewards: number[] }, Expected>("grpo/passk"))("passAtK: $id: $name", ({ inputs, expected }) => {
  expectAllClose(one(passAtK(), inputs.rewards), expected.advantages, 1e-12);
});

describe.each<[string, Advantage]>([
  ["centered", centered()],
  ["groupNormalized", groupNormalized()],
  ["leaveOneOut", leaveOneOut()],
  ["batchScaled", batchScaled()],
  ["batchWhitened", batchWhitened()],
  ["lengthWeighted", lengthWeighted()],
  ["passAtK", passAtK()],
])("%s", (_name, advantage) => {
  const reward = fc.double({ min: -5, max: 5, noNaN: true });
  const lengths = (rewards: Rewards) => ({ lengths: rewards.map((_, i) => 3 + 2 * i) });

  test("equal rewards teach exactly nothing, whatever their value and number", () => {
    fc.assert(
      fc.property(reward, fc.integer({ min: 1, max: 9 }), (value, G) => {
        const rewards = new Array(G).fill(value);
        expect(one(advantage, rewards, lengths(rewards)).every((a) => a === 0)).toBe(true);
      }),
    );
  });

  test("rounding noise is no signal", () => {
    const rewards = [0.1 + 0.2, 0.3, 0.3];
    expect(one(advantage, rewards, lengths(rewards))).toEqual([0, 0, 0]);
  });

  test("a constant added to all rewards changes nothing", () => {
    fc.assert(
      fc.property(fc.array(reward, { minLength: 2, maxLength: 6 }), reward, (rewards, shift) => {
        fc.pre(Math.max(...rewards) - Math.min(...rewards) > 1e-3);
        const shifted = rewards.map((r) => r + shift);
        expectAllClose(
          one(advantage, shifted, lengths(rewards)),
          one(advantage, rewards, lengths(rewards)),
          1e-6,
          1e-6,
        );
      }),
    );
  });

  test("a null reward gets 0 and its siblings what they would get without it", () => {
    const rewards = [1, null, 0, 0.5];
    const { lengths: all } = lengths(rewards);
    const graded = one(advantage, [1, 0, 0.5], { lengths: [all[0]!, all[2]!, all[3]!] });
    expect(one(advantage, rewards, { lengths: all })).toEqual([graded[0], 0, graded[1], graded[2]]);
  });

  test("the better completion gets more", () => {
    const [good, bad] = one(advantage, [1, 0], { lengths: [4, 4] });
    expect(good).toBeGreaterThan(bad!);
  });
});
