import { describe, expect, test } from "vitest";
import { z } from "zod";
import { GrpoConfig } from "../../src/grpo/config.ts";
import { variantsOf } from "../../src/grpo/variants.ts";

const refusal = (settings: object) => {
  const { error } = GrpoConfig.safeParse(settings);
  return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
};

describe("GrpoConfig", () => {
  test("the defaults are those recommended today", () => {
    expect(GrpoConfig.parse({})).toMatchObject({
      aggregate: "token-mean",
      advantage: "centered",
      klCoef: 0,
      clipLow: 0.2,
      clipHigh: 0.28,
      dualClip: 3,
      dynamicSampling: "refill",
      truncation: "mask",
      importance: "token-truncate",
      importanceMax: 2,
      temperature: 1,
      topK: 0,
      topP: 1,
      minP: 0,
    });
  });

  test("every setting says what it is", () => {
    const schema = z.toJSONSchema(GrpoConfig, { io: "input" }) as {
      properties: Record<string, { description?: string }>;
    };
    for (const [name, { description }] of Object.entries(schema.properties)) {
      expect(description, name).toMatch(/\w{2}/);
    }
  });

  test.each([
    [{ topP: 0.9 }, "topP: must be 1 (off)"],
    [{ topK: 50 }, "topK: must be 0 (off)"],
    [{ minP: 0.05 }, "minP: must be 0 (off)"],
    [{ dualClip: 1.2 }, "dualClip: must be above 1 + clipHigh"],
    [{ klEstimator: "k1" }, "klEstimator: must not be k1 in the loss"],
    [{ advantage: "normalize-then-sum" }, "rewardWeights: must name at least one reward"],
    [{ advantage: "process", klIn: "reward", klCoef: 0.1 }, "klIn: must be loss"],
    [{ importanceMin: 2 }, "importanceMin: must be below importanceMax"],
    [{ groupSize: 1 }, "groupSize: must be at least 2"],
    [{ clipHgih: 0.3 }, "clipHgih"],
  ])("refuses %j", (settings, words) => {
    expect(refusal(settings)).toContain(words);
  });

  test.each([
    { groupSize: 1, advantage: "reinforce++" },
    { dualClip: null },
    { klIn: "reward", klEstimator: "k1", klCoef: 0.01 },
    { surrogate: "gspo", clipLow: 3e-4, clipHigh: 4e-4, aggregate: "sequence-mean" },
  ])("accepts %j", (settings) => {
    expect(refusal(settings)).toBeUndefined();
  });
});

describe("variantsOf", () => {
  const of = (settings: object) => variantsOf(GrpoConfig.parse(settings));

  test("old log-probs are scored only where a batch is used more than once, or a reward is made of them", () => {
    expect(of({}).scoresOld).toBe(false);
    expect(of({ klCoef: 0.1 }).scoresOld).toBe(false);
    expect(of({ epochs: 2 }).scoresOld).toBe(true);
    expect(of({ minibatches: 2 }).scoresOld).toBe(true);
    expect(of({ klCoef: 0.1, klIn: "reward" }).scoresOld).toBe(true);
  });

  test("unbiased is k2 in the loss and k1 in the reward", () => {
    expect(of({ klCoef: 0.1 }).loss.name).toContain("k2");
    expect(of({ klCoef: 0.1, klIn: "reward" }).klInReward?.(-1, -1.2)).toBeCloseTo(0.2, 12);
    expect(of({ klCoef: 0.1, klIn: "reward" }).loss.fields).not.toContain("refLogProbs");
  });

  test("the soft punishment grows over the last fifth of maxTokens", () => {
    const { truncation } = of({ truncation: "soft", maxTokens: 100 });
    const rewards = [80, 90, 100].map((length) => truncation({ reward: 1, truncated: length === 100, length }));
    expect(rewards).toEqual([1, 0.5, 0]);
  });
});
