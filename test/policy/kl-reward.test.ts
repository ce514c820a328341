import { expect, test } from "vitest";
import { klShapedRewards } from "../../src/policy/kl-reward.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  score: number;
  logp: number[];
  refLogp: number[];
  beta: number;
  length: number;
  finishedByEos: boolean;
  missingEosPenalty: number;
}

test.each(vectorsOf<Inputs, { rewards: number[]; seqKl: number }>("kl/shaped"))(
  "$id: $name",
  ({ inputs, expected }) => {
    const { score, logp: logProbs, refLogp: refLogProbs, length, ...options } = inputs;
    const { rewards, seqKl } = klShapedRewards({ score, logProbs, refLogProbs, length }, options);
    expectAllClose(rewards, expected.rewards, 1e-8);
    expectAllClose(seqKl, expected.seqKl, 1e-8);
  },
);

test("the rewards sum to score − β·KL", () => {
  const input = { score: 2, logProbs: [-1, -2], refLogProbs: [-3, -1.5], length: 2 };
  const { rewards } = klShapedRewards(input, { beta: 0.5 });
  expect(rewards[0]! + rewards[1]!).toBeCloseTo(2 - 0.5 * (2 - 0.5), 12);
});

test("a completion without tokens has no reward", () => {
  const { rewards } = klShapedRewards({ score: 1, logProbs: [0], refLogProbs: [0], length: 0 }, { beta: 0.1 });
  expect(rewards).toEqual([0]);
});
