import { describe, expect, test } from "vitest";
import { isUsable, type TokenRewardInput, tokenRewards } from "../../src/ppo/token-rewards.ts";
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

const INPUT: TokenRewardInput = { id: "a", length: 3, finished: true, logProbs: null, refLogProbs: null };
const PLAIN = { missingEosPenalty: 0, klCoef: 0 };

describe("tokenRewards", () => {
  test.each(vectorsOf<Inputs, { rewards: number[]; seqKl: number }>("kl/shaped"))(
    "$id: $name",
    ({ inputs, expected }) => {
      const { score, length, finishedByEos: finished, missingEosPenalty, beta: klCoef } = inputs;
      const { rewards, seqKl } = tokenRewards(
        { score },
        {
          ...{ id: "a", length, finished },
          logProbs: inputs.logp.slice(0, length),
          refLogProbs: inputs.refLogp.slice(0, length),
        },
        { missingEosPenalty, klCoef },
      );
      expectAllClose(rewards, expected.rewards.slice(0, length), 1e-8);
      expectAllClose(seqKl, expected.seqKl, 1e-8);
    },
  );

  test("without a reference: the score on the last token", () => {
    expect(tokenRewards({ score: 2 }, INPUT, PLAIN)).toEqual({ rewards: [0, 0, 2], seqKl: 0 });
  });

  test("a missing end costs its penalty without a reference too", () => {
    const options = { missingEosPenalty: 1, klCoef: 0 };
    expect(tokenRewards({ score: 0.5 }, { ...INPUT, finished: false }, options).rewards).toEqual([0, 0, -0.5]);
    expect(tokenRewards({ score: 0.5 }, INPUT, options).rewards).toEqual([0, 0, 0.5]);
  });

  test("rewards of tokens and of steps are added; a step's reward stands on its last token", () => {
    const reward = { score: 1, perToken: [0.1, 0.2, 0.3], steps: { rewards: [10, 20], ends: [0, 2] } };
    expectAllClose(tokenRewards(reward, INPUT, PLAIN).rewards, [10.1, 0.2, 21.3], 1e-12);
  });

  test("a reward that belongs to no token is refused", () => {
    const steps = (end: number) => tokenRewards({ score: 0, steps: { rewards: [1], ends: [end] } }, INPUT, PLAIN);
    expect(() => steps(3)).toThrow("step 0 of a ends at token 3, expected 0 to 2");
    expect(() => steps(-1)).toThrow("expected 0 to 2");
    expect(() => tokenRewards({ score: 0, perToken: [1] }, INPUT, PLAIN)).toThrow(
      "a has 1 rewards for tokens, expected 3",
    );
    expect(() => tokenRewards({ score: 0, steps: { rewards: [1, 2], ends: [1] } }, INPUT, PLAIN)).toThrow(
      "a has 1 step ends, expected 2",
    );
  });
});

test.each([
  [{ score: 1 }, true],
  [{ score: null }, false],
  [{ score: Number.NaN }, false],
  [{ score: 1, perToken: [0, Number.POSITIVE_INFINITY] }, false],
  [{ score: 1, steps: { rewards: [Number.NaN], ends: [0] } }, false],
])("%o can be trained on: %s", (reward, expected) => {
  expect(isUsable(reward)).toBe(expected);
});
