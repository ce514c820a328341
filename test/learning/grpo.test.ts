/**
 * The cheapest proof that sampling, advantages, loss and optimizer agree: a tiny model made from nothing finds the rewarded
 * one of four letters; turned around, the same reward makes it avoid the letter; a coin as reward teaches nothing.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { Rng } from "../../src/rng.ts";
import type { Task } from "../../src/rollout/index.ts";
import { grpo } from "../../src/run/index.ts";
import { graded, type Verifier } from "../../src/verifiers/verdict.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { echo, LETTERS, ONE, saveTinyModel } from "../run/tiny.ts";

const root = temporaryFolder();
let model = "";
beforeAll(async () => {
  model = await saveTinyModel(root);
});

const ARM = "b";
const STEPS = 60;

const pulls: Verifier<unknown> = (completion) =>
  graded(completion === ARM ? 1 : 0, completion === ARM ? "correct" : "incorrect", completion, "");

/** One token, and the same arm pays whatever the prompt is. */
const bandit: Task = { ...echo, maxTokens: 1, verify: pulls };

/** Share of samples that are the arm, before and after training on a reward. */
async function train(
  name: string,
  verify: Verifier<unknown>,
  load: Task["load"] = bandit.load,
): Promise<{ before: number; after: number }> {
  const { summary } = await grpo(
    {
      ...{ model, out: root, name, engine: ONE, checkpointEvery: 0 },
      grpo: {
        ...{ steps: STEPS, promptsPerStep: 4, groupSize: 8, learningRate: 3e-3, warmupSteps: 0 },
        ...{ truncation: "score", dynamicSampling: "keep" }, // one token is always cut off
      },
      eval: { every: 0, problems: 4, samples: 100 },
    },
    { task: { ...bandit, verify, load }, measureWith: bandit },
  );
  return { before: summary!.before.pass1, after: summary!.after.pass1 };
}

describe("GRPO on a four-armed bandit", () => {
  test("finds the arm within 60 steps", async () => {
    const { before, after } = await train("arm", pulls);
    expect(before).toBeLessThan(0.3);
    expect(after).toBeGreaterThanOrEqual(0.95);
  });

  test("avoids the arm when the reward is turned around", async () => {
    const { before, after } = await train("avoid", (completion) =>
      graded(completion === ARM ? 0 : 1, completion === ARM ? "incorrect" : "correct", completion, ""),
    );
    expect(before).toBeGreaterThan(0.05);
    expect(after).toBeLessThanOrEqual(0.01);
  });

  test("learns nothing from a coin", async () => {
    const toss: Verifier<unknown> = (completion, row) => {
      const coin = new Rng(1, `${JSON.stringify(row)} ${completion}`).integer(0, 1);
      return graded(coin, coin === 1 ? "correct" : "incorrect", completion, "");
    };
    const { before, after } = await train("coin", toss, function* (split) {
      // no row comes twice, or the policy could learn how its coins fell
      for (let i = 0; split === "train" || i < LETTERS.length; i++) {
        yield { id: `${split}-${i}`, letter: LETTERS[i % LETTERS.length] };
      }
    });
    expect(Math.abs(after - before)).toBeLessThan(0.2);
  });
});
