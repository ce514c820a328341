import { expect, test } from "vitest";
import { reinforcePlusPlus } from "../../src/grpo/reinforce-plus-plus.ts";
import { klShapedRewards } from "../../src/policy/kl-reward.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  scores: number[];
  logp: number[][];
  refLogp: number[][];
  mask: number[][];
  beta: number;
  gamma: number;
  ddof: 0 | 1;
  eps: number;
}

const vectors = vectorsOf<Inputs, { returns: number[][]; advantages: number[][] }>("reinforcepp").filter(
  ({ inputs }) => inputs.scores,
);

test.each(vectors)("$id: $name", ({ inputs, expected }) => {
  const rewards = inputs.scores.map((score, b) => {
    const length = inputs.mask[b]!.filter((one) => one === 1).length;
    const input = { score, logProbs: inputs.logp[b]!, refLogProbs: inputs.refLogp[b]!, length };
    return klShapedRewards(input, { beta: inputs.beta }).rewards;
  });
  const { returns, advantages } = reinforcePlusPlus(rewards, inputs.mask, inputs);
  expectAllClose(returns, expected.returns, 1e-8);
  expectAllClose(advantages, expected.advantages, 1e-7);
});

test("γ discounts what comes later", () => {
  expect(reinforcePlusPlus([[0, 0, 8]], [[1, 1, 1]], { gamma: 0.5 }).returns).toEqual([[2, 4, 8]]);
});
