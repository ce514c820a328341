/**
 * A decision process that can be solved by hand: the prompt, then two choices of three.
 *
 *   reward(first, second)    second = 0    1     2
 *   first = 0                        .2    .2    .2
 *   first = 1                         0     1     0
 *   first = 2                        .6    .3     0
 *
 * The best policy writes 1, 1, so its values are 1 before either choice. A policy that chooses at random has the values
 * .2, 1/3 and .3 after its first choice, and their mean, .27778, before it.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import type { Learner } from "../../src/policy/loss.ts";
import type { Sampled } from "../../src/policy/sampled.ts";
import { PpoConfig } from "../../src/ppo/config.ts";
import type { EpisodeReward } from "../../src/ppo/token-rewards.ts";
import { type PpoStep, type TrainOptions, trainPpo } from "../../src/ppo/train.ts";
import type { BadStep } from "../../src/ppo/update.ts";
import { TabularActorCritic } from "./tabular-actor-critic.ts";

beforeAll(() => tf.setBackend("cpu"));

const REWARDS = [
  [0.2, 0.2, 0.2],
  [0, 1, 0],
  [0.6, 0.3, 0],
];
const process = () => new TabularActorCritic(3, 3);

type Reward = (tokens: Int32Array) => EpisodeReward;
const payoff: Reward = (tokens) => ({ score: REWARDS[tokens[1]!]![tokens[2]!]! });

function sampler(learner: TabularActorCritic, count: number, more: Partial<Sampled> = {}, seed = 0) {
  return async (step: number): Promise<Sampled[]> =>
    Array.from({ length: count }, (_, i) => {
      const id = `${step}/${i}`;
      const { tokens, logProbs } = learner.sample(seed, id);
      const completionMask = Uint8Array.from(tokens, (_, t) => (t === 0 ? 0 : 1));
      const defaults = { truncated: false, policyVersion: learner.version };
      return { id, tokens, completionMask, samplerLogProbs: logProbs, ...defaults, ...more };
    });
}

const SMALL = {
  ...{ steps: 80, promptsPerStep: 32, samplesPerPrompt: 1, maxTokens: 4, learningRate: 0.1, warmupSteps: 0 },
  ...{ valueCoef: 1, valueClip: null },
};

async function run(
  learner: TabularActorCritic,
  settings: Partial<PpoConfig> = {},
  more: Partial<TrainOptions> = {},
  reward: Reward = payoff,
): Promise<{ steps: PpoStep[]; stepsDone: number }> {
  const steps: PpoStep[] = [];
  const { stepsDone } = await trainPpo({
    config: PpoConfig.parse({ ...SMALL, ...settings }),
    ...{ seed: 1, learner, collect: sampler(learner, 32) },
    rewards: (trajectories) => trajectories.map(({ tokens }) => reward(tokens)),
    onStep: (step) => void steps.push(step),
    ...more,
  });
  return { steps, stepsDone };
}

/** Every token as likely as every other. */
const uniform = (V: number): Learner["score"] => {
  return async (rows) =>
    rows.map(({ tokens }) => ({
      logProbs: Float32Array.from(tokens, (_, t) => (t === 0 ? 0 : -Math.log(V))),
      entropy: new Float32Array(tokens.length),
    }));
};

describe("the best policy and its values", () => {
  test.each<[string, Partial<PpoConfig>]>([
    ["defaults", {}],
    ["λ = .95, as it is for language models", { lambda: 0.95 }],
    ["λ = 0: one-step errors alone", { lambda: 0 }],
    ["VAPO's λ: that of two tokens is 0, the critic's 1", { adaptiveLambda: 0.05, lambdaCritic: 1 }],
    ["advantages as they are", { advantages: "as-is" }],
    ["advantages whitened for each update", { advantages: "whitened-per-minibatch" }],
    ["rewards rescaled", { rewards: "rescaled", advantages: "as-is", learningRate: 0.05 }],
    ["four epochs, one minibatch, early stop", { epochs: 4, minibatches: 1, targetKl: 0.02 }],
    ["a small entropy bonus", { entropyCoef: 1e-3 }],
  ])("%s", async (_name, settings) => {
    const learner = process();
    const { steps } = await run(learner, settings);
    expect(learner.probabilities(1, 0)[1]).toBeGreaterThan(0.95);
    expect(learner.probabilities(2, 1)[1]).toBeGreaterThan(0.95);
    if (settings.rewards === "rescaled") return; // its values are of rescaled rewards
    expect(learner.value(0, 0)).toBeCloseTo(1, 1);
    expect(learner.value(1, 1)).toBeCloseTo(1, 1);
    expect(steps.at(-1)!.metrics["critic/values/mean"]).toBeCloseTo(1, 1);
  });

  test("a critic of its own", async () => {
    const [learner, critic] = [process(), process()];
    const { steps } = await run(learner, { critic: "own" }, { critic });
    expect(learner.probabilities(1, 0)[1]! * learner.probabilities(2, 1)[1]!).toBeGreaterThan(0.9);
    expect([critic.value(0, 0), critic.value(1, 1)].every((value) => Math.abs(value - 1) < 0.1)).toBe(true);
    expect(learner.value(0, 0)).toBe(0); // the policy's own values are nobody's
    expect([...critic.table.slice(0, 27)].every((logit) => logit === 0)).toBe(true);
    expect(steps[0]!.metrics["critic/grad_norm"]).toBeGreaterThan(0);
  });

  test("a critic alone (value warm-up) learns the values of the policy that it is given, and leaves that policy as it is", async () => {
    const [learner, critic] = [process(), process()];
    const settings = { critic: "own" as const, steps: 60, valueWarmupSteps: 60, schedule: "linear" as const };
    const { steps } = await run(learner, settings, { critic, collect: sampler(learner, 128) });
    expect(learner.version).toBe(0);
    expect([...learner.table].every((x) => x === 0)).toBe(true);
    const values = [critic.value(1, 0), critic.value(1, 1), critic.value(1, 2), critic.value(0, 0)];
    for (const [i, exact] of [0.2, 1 / 3, 0.3, (0.2 + 1 / 3 + 0.3) / 3].entries()) {
      expect(Math.abs(values[i]! - exact)).toBeLessThan(0.05);
    }
    // the payoff hangs on the second choice, which no value knows: it explains .0016 / .0973 of the returns' variance
    expect(Math.abs(steps.at(-1)!.metrics["critic/vf_explained_var"]! - 0.0164)).toBeLessThan(0.06);
  });

  test("rewards of single tokens teach the tokens that earned them", async () => {
    const learner = process();
    await run(learner, { lambda: 0.9, gamma: 0.5 }, {}, (tokens) => ({
      score: 0,
      perToken: [tokens[1] === 2 ? 1 : 0, 0],
      steps: { rewards: [tokens[2] === 0 ? 1 : 0], ends: [1] },
    }));
    expect(learner.probabilities(1, 0)[2]).toBeGreaterThan(0.95);
    expect(learner.probabilities(2, 2)[0]).toBeGreaterThan(0.95);
    expect(learner.value(0, 0)).toBeCloseTo(1 + 0.5 * 1, 1); // discounted
    expect(learner.value(1, 2)).toBeCloseTo(1, 1);
  });

  test("a punished choice is avoided", async () => {
    const learner = process();
    await run(learner, {}, {}, (tokens) => ({ score: tokens[1] === 1 ? -1 : 0 }));
    expect(learner.probabilities(1, 0)[1]).toBeLessThan(0.03);
  });
});

describe("KL in the reward", () => {
  const bandit = () => new TabularActorCritic(2, 4);
  const arm: Reward = (tokens) => ({ score: tokens[1] === 2 ? 1 : 0 });

  test("the optimum of E[r] − β·KL is π_ref·exp(r/β), normalized, and its value β·log E_ref[exp(r/β)]", async () => {
    const learner = bandit();
    const settings = { klCoef: 0.5, advantages: "as-is", steps: 80, schedule: "linear" } as const;
    const collect = sampler(learner, 64);
    await run(learner, settings, { collect, referenceScore: uniform(4) }, arm);
    const Z = Math.exp(2) + 3;
    expect(Math.abs(learner.probabilities(1, 0)[2]! - Math.exp(2) / Z)).toBeLessThan(0.03); // .711
    expect(Math.abs(learner.value(0, 0) - 0.5 * Math.log(Z / 4))).toBeLessThan(0.03); // .477
  });

  test("the adaptive coefficient rises while the KL is above its target, and is logged as the step used it", async () => {
    const learner = bandit();
    learner.table.set([0, 0, 3, 0], 16); // log-prob of arm 2 far above the reference's
    const settings = { klCoef: 0.1, klControl: "adaptive", klTarget: 0.01, klHorizon: 320, steps: 2 } as const;
    const { steps } = await run(learner, settings, { referenceScore: uniform(4) }, arm);
    expect(steps[0]!.metrics["objective/kl"]).toBeGreaterThan(0.1);
    expect(steps.map(({ klCoef }) => klCoef)[0]).toBeCloseTo(0.1 * (1 + (0.2 * 32) / 320), 12);
    expect(steps.map(({ metrics }) => metrics["objective/kl_coef"])).toEqual([0.1, steps[0]!.klCoef]);
  });

  test("without a reference policy it is refused", async () => {
    await expect(run(bandit(), { klCoef: 0.1 })).rejects.toThrow("there is no reference policy");
  });
});

describe("what the critic is told", () => {
  test("after a cut-off the value is 0, or with bootstrap the critic's own", async () => {
    const returns = async (afterTruncation: PpoConfig["afterTruncation"]) => {
      const learner = process();
      for (let token = 0; token < 3; token++) learner.setValue(2, token, 0.4);
      const collect = sampler(learner, 32, { truncated: true });
      const settings = { afterTruncation, truncation: "score" as const, steps: 1 };
      const { steps } = await run(learner, settings, { collect }, () => ({ score: 0 }));
      return steps[0]!.metrics["critic/returns/mean"];
    };
    expect(await returns("zero")).toBe(0);
    expect(await returns("bootstrap")).toBeCloseTo(0.4, 6);
  });

  test("a missing end costs its penalty", async () => {
    const learner = process();
    const collect = sampler(learner, 32, { truncated: true });
    const settings = { missingEosPenalty: 2, truncation: "score" as const, steps: 1 };
    const { steps } = await run(learner, settings, { collect }, () => ({ score: 0.5 }));
    expect(steps[0]!.metrics["objective/rlhf_reward"]).toBeCloseTo(-1.5, 6);
    expect(steps[0]!.metrics.reward).toBeCloseTo(0.5, 6); // as its source gave it
  });

  test.each([null, Number.NaN])("a completion whose score is %s leaves everything but the count", async (bad) => {
    const learner = process();
    const { steps } = await run(learner, { steps: 1 }, {}, (tokens) => ({ score: tokens[1] === 0 ? bad : 1 }));
    const { metrics, advantages } = steps[0]!;
    const left = [...advantages.values()].filter((advantage) => advantage === null).length;
    expect(left).toBeGreaterThan(0);
    expect(metrics["verify/ungraded"]).toBeCloseTo(left / 32, 12);
    expect(metrics["update/tokens"]).toBe(2 * (32 - left) * 2); // two tokens, two epochs
    expect(metrics["critic/returns/mean"]).toBe(1);
  });

  test("nothing graded: no update", async () => {
    const learner = process();
    const { steps } = await run(learner, { steps: 2 }, {}, () => ({ score: null }));
    expect([learner.version, steps[1]!.metrics["verify/ungraded"], steps[1]!.metrics.loss]).toEqual([0, 1, undefined]);
  });
});

describe("updates", () => {
  test("epochs × minibatches of each part", async () => {
    const [learner, critic] = [process(), process()];
    const { steps } = await run(learner, { steps: 1, epochs: 3, minibatches: 4, critic: "own" }, { critic });
    expect([learner.version, critic.version]).toEqual([12, 12]);
    expect(steps[0]!.metrics["update/tokens"]).toBe(3 * 64);
    expect(steps[0]!.metrics["policy/stopped_early"]).toBe(0);
    expect(steps[0]!.metrics["policy/approx_kl"]).toBeGreaterThan(0);
  });

  test("past the target KL the policy's updates end, those of a critic of its own go on", async () => {
    const [learner, critic] = [process(), process()];
    const settings = { steps: 1, epochs: 3, minibatches: 4, critic: "own", targetKl: 1e-9 } as const;
    const { steps } = await run(learner, settings, { critic });
    // the first update finds the old policy, the second one that has moved
    expect([learner.version, critic.version]).toEqual([2, 12]);
    expect(steps[0]!.metrics["policy/stopped_early"]).toBe(1);
  });

  test("equal rewards, an exact critic of its own: the policy's optimizer takes no step", async () => {
    const [learner, critic] = [process(), process()];
    for (let t = 0; t < 2; t++) for (let token = 0; token < 3; token++) critic.setValue(t, token, 1);
    await run(learner, { steps: 2, critic: "own", advantages: "as-is" }, { critic }, () => ({ score: 1 }));
    expect(learner.version).toBe(0);
  });

  test("PPO-ptx: an example becomes likelier though no reward speaks of it", async () => {
    const learner = process();
    const example = { id: "e", prompt: Int32Array.of(0), completion: Int32Array.of(2, 2) };
    const asked: number[] = [];
    const examples = async (_: number, count: number) => {
      asked.push(count);
      return Array.from({ length: count }, (_, i) => ({ ...example, id: `e${i}` }));
    };
    const settings = { steps: 20, ptxCoef: 1, ptxExamples: 4 };
    const { steps } = await run(learner, settings, { examples }, () => ({ score: 0 }));
    expect(new Set(asked)).toEqual(new Set([4]));
    expect(learner.probabilities(1, 0)[2]! * learner.probabilities(2, 2)[2]!).toBeGreaterThan(0.8);
    expect(steps[0]!.metrics["loss/ptx"]).toBeGreaterThan(0.9); // log 3 at first
    expect(steps.at(-1)!.metrics["loss/ptx"]).toBeLessThan(0.2);
    expect(steps[0]!.metrics["update/tokens"]).toBe(2 * 64); // completions alone
  });

  test("an update that is not finite is not applied, and handed over", async () => {
    const learner = process();
    const collect = sampler(learner, 8, { samplerLogProbs: Float32Array.of(0, Number.NaN, Number.NaN) });
    const bad: BadStep[] = [];
    const { steps } = await run(
      learner,
      { steps: 1, epochs: 1, minibatches: 1 },
      { collect, onBadStep: (b) => void bad.push(b) },
    );
    expect([learner.version, steps[0]!.metrics["update/skipped"], steps[0]!.metrics.loss]).toEqual([0, 1, Number.NaN]);
    expect(bad.map(({ part, rows }) => [part, rows.length])).toEqual([["policy", 8]]);
  });

  test("a resumed run is the uninterrupted one, bit for bit", async () => {
    const settings: Partial<PpoConfig> = {
      ...{ steps: 6, minibatches: 3, schedule: "cosine", critic: "own", ptxCoef: 0.1, ptxExamples: 2 },
      ...{ klCoef: 0.1, klControl: "adaptive", klTarget: 0.05, klHorizon: 320 },
    };
    const examples = async (step: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({
        id: `${step}/${i}`,
        prompt: Int32Array.of(0),
        completion: Int32Array.of(step % 3, i % 3),
      }));
    const more = { referenceScore: uniform(3), examples };
    const whole = { learner: process(), critic: process() };
    const { steps } = await run(whole.learner, settings, { ...more, critic: whole.critic });

    const stopped = { learner: process(), critic: process() };
    const controller = new AbortController();
    const first: PpoStep[] = [];
    const onStep = (step: PpoStep) => {
      first.push(step);
      if (step.step === 2) controller.abort();
    };
    const signal = controller.signal;
    await run(stopped.learner, settings, { ...more, critic: stopped.critic, signal, onStep });
    expect(first.length).toBe(3);
    const rest = { ...more, critic: stopped.critic, fromStep: 3, klCoef: first[2]!.klCoef };
    const second = await run(stopped.learner, settings, rest);

    expect([...stopped.learner.table]).toEqual([...whole.learner.table]);
    expect([...stopped.critic.table]).toEqual([...whole.critic.table]);
    const metrics = [...first, ...second.steps].map((step) => step.metrics);
    expect(metrics).toEqual(steps.map((step) => step.metrics));
  });

  test("a sampler that disagrees with the trainer stops the run", async () => {
    const learner = process();
    const collect = sampler(learner, 8, { samplerLogProbs: Float32Array.of(0, -3, -3) });
    await expect(run(learner, {}, { collect })).rejects.toThrow("nats on average, expected at most 0.1");
  });
});

describe("what is refused", () => {
  test("a critic of its own that is not given, examples that are not given, a number of rewards that is wrong", async () => {
    await expect(run(process(), { critic: "own" })).rejects.toThrow("there is no critic");
    await expect(run(process(), { ptxCoef: 1 })).rejects.toThrow("there are no examples");
    await expect(run(process(), {}, { rewards: () => [] })).rejects.toThrow("gave 0 rewards for 32 completions");
  });

  test.each<[Partial<PpoConfig>, string]>([
    [{ dualClip: 1.2 }, "must be above 1 + clipHigh"],
    [{ klControl: "adaptive" }, "must be above 0 to be adapted"],
    [{ valueWarmupSteps: 3 }, "must be 0 with a shared critic"],
    [{ criticLearningRate: 1e-4 }, "must be null with a shared critic"],
    [{ ptxCoef: 1, temperature: 0.7 }, "must be 0 at a temperature other than 1"],
  ])("settings %o", (settings, message) => {
    expect(() => PpoConfig.parse(settings)).toThrow(message);
  });
});
