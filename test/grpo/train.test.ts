import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import type { ScoredGroup, ScoredTrajectory } from "../../src/grpo/batch.ts";
import type { Collect } from "../../src/grpo/collect.ts";
import { GrpoConfig } from "../../src/grpo/config.ts";
import { type GrpoStep, type TrainOptions, trainGrpo } from "../../src/grpo/train.ts";
import type { BadStep } from "../../src/grpo/update.ts";
import { TabularLearner } from "./tabular-learner.ts";

beforeAll(() => tf.setBackend("cpu"));

const ARMS = 4;
const BEST = 2;
/** A prompt of one token, then one arm to pull. */
const bandit = () => new TabularLearner(2, ARMS);

type Judge = (tokens: Int32Array) => Partial<ScoredTrajectory>;
const pullBest: Judge = (tokens) => ({ reward: tokens[1] === BEST ? 1 : 0 });

function sampler(learner: TabularLearner, G: number, judge: Judge = pullBest, seed = 0): Collect {
  return async (step, { refill, prompts }) =>
    Array.from({ length: prompts }, (_, p): ScoredGroup => {
      const promptId = `${refill}-${p}`;
      const trajectories = Array.from({ length: G }, (_, i): ScoredTrajectory => {
        const id = `${step}/${promptId}/${i}`;
        const { tokens, logProbs } = learner.sample(seed, id);
        const completionMask = Uint8Array.from(tokens, (_, t) => (t === 0 ? 0 : 1));
        const defaults = { reward: 0, truncated: false, policyVersion: learner.version };
        return { id, tokens, completionMask, samplerLogProbs: logProbs, ...defaults, ...judge(tokens) };
      });
      return { promptId, trajectories };
    });
}

const SMALL = { steps: 60, promptsPerStep: 4, groupSize: 8, learningRate: 0.1, warmupSteps: 0, maxTokens: 4 };

async function run(
  learner: TabularLearner,
  settings: Partial<GrpoConfig> = {},
  more: Partial<TrainOptions> = {},
  judge?: Judge,
) {
  const config = GrpoConfig.parse({ ...SMALL, ...settings });
  const steps: GrpoStep[] = [];
  const collect = sampler(learner, config.groupSize, judge);
  const onStep = (step: GrpoStep) => void steps.push(step);
  const { stepsDone } = await trainGrpo({ config, seed: 1, collect, learner, onStep, ...more });
  return { steps, stepsDone };
}

describe("learning", () => {
  const uniform = bandit();
  const referenceScore = uniform.score.bind(uniform);
  const greedy =
    (collect: Collect): Collect =>
    async (step, request) =>
      (await collect(step, request)).map((group) => ({ ...group, greedyReward: 0.25 }));

  test.each<[string, Partial<GrpoConfig>]>([
    ["defaults", {}],
    ["GRPO", { advantage: "group-normalized", aggregate: "sequence-mean", clipHigh: 0.2 }],
    ["RLOO", { advantage: "leave-one-out" }],
    ["Lite-PPO", { advantage: "batch-scaled" }],
    ["REINFORCE++ baseline", { advantage: "batch-whitened" }],
    ["REINFORCE++", { advantage: "reinforce++", groupSize: 1, promptsPerStep: 32 }],
    ["OPO", { advantage: "length-weighted" }],
    ["pass@k", { advantage: "pass-at-k", groupSize: 3, promptsPerStep: 12 }],
    ["GSPO, two epochs", { surrogate: "gspo", aggregate: "sequence-mean", epochs: 2 }],
    ["CISPO, two minibatches", { surrogate: "cispo", minibatches: 2 }],
    ["sequence masks", { importance: "sequence-mask", importanceMax: 3 }],
    ["a little KL in the loss", { klCoef: 0.01 }],
    ["a little KL in the reward", { klCoef: 0.01, klIn: "reward" }],
    ["constant length", { aggregate: "constant-length", maxTokens: 1 }],
  ])("%s finds the rewarded arm of four in 60 steps", async (_name, settings) => {
    const learner = bandit();
    await run(learner, settings, { referenceScore });
    expect(learner.probabilities(1)[BEST]).toBeGreaterThan(0.9);
  });

  test("the greedy baseline finds it too", async () => {
    const learner = bandit();
    const collect = greedy(sampler(learner, 8));
    await run(learner, { advantage: "greedy-baseline" }, { collect });
    expect(learner.probabilities(1)[BEST]).toBeGreaterThan(0.9);
  });

  test("two rewards: only what is weighted is learned", async () => {
    const learner = bandit();
    const parts: Judge = (tokens) => ({
      reward: 0,
      rewardParts: { two: tokens[1] === 2 ? 1 : 0, three: tokens[1] === 3 ? 1 : 0 },
    });
    const { steps } = await run(learner, { advantage: "normalize-then-sum", rewardWeights: { three: 1 } }, {}, parts);
    expect(learner.probabilities(1)[3]).toBeGreaterThan(0.9);
    expect(steps[0]!.metrics["rewards/two/mean"]).toBeGreaterThan(0);
  });

  test("process supervision rewards the step that earned it: both positions learn their own arm", async () => {
    const learner = new TabularLearner(3, ARMS);
    const steps: Judge = (tokens) => ({
      reward: 0,
      steps: { rewards: [tokens[1] === 1 ? 1 : 0, tokens[2] === 3 ? 1 : 0], ends: [0, 1] },
    });
    await run(learner, { advantage: "process" }, {}, steps);
    expect(learner.probabilities(1)[1]).toBeGreaterThan(0.9);
    expect(learner.probabilities(2)[3]).toBeGreaterThan(0.9);
  });

  test("a punished arm is avoided", async () => {
    const learner = bandit();
    await run(learner, {}, {}, (tokens) => ({ reward: tokens[1] === BEST ? -1 : 0 }));
    expect(learner.probabilities(1)[BEST]).toBeLessThan(0.02);
  });

  test.each(["loss", "reward"] as const)("a strong KL in the %s keeps the policy at the reference", async (klIn) => {
    const learner = bandit();
    const { steps } = await run(learner, { klCoef: 10, klIn, learningRate: 0.02 }, { referenceScore });
    expect(learner.probabilities(1)[BEST]).toBeLessThan(0.4);
    expect(steps.at(-1)!.metrics.kl).toBeLessThan(0.05);
  });

  test("a strong KL in the reward pulls a policy that has left the reference back to it", async () => {
    const learner = bandit();
    learner.table.set([0, 0, 0, 0, 3, 0, 0, 0]);
    await run(learner, { klCoef: 10, klIn: "reward" }, { referenceScore });
    expect(Math.max(...learner.probabilities(1))).toBeLessThan(0.4);
  });

  test("an entropy bonus larger than any reward keeps the policy random", async () => {
    const learner = bandit();
    await run(learner, { entropyCoef: 5 });
    expect(Math.max(...learner.probabilities(1))).toBeLessThan(0.4);
  });
});

describe("what carries no reward", () => {
  test("a reward that is null on every wrong arm teaches nothing: no group has a contrast", async () => {
    const learner = bandit();
    const { steps } = await run(learner, { steps: 2 }, {}, (tokens) => ({ reward: tokens[1] === BEST ? 1 : null }));
    expect([...learner.table]).toEqual(new Array(2 * ARMS).fill(0));
    expect(steps[0]!.metrics["verify/ungraded"]).toBeGreaterThan(0.5);
    expect(steps[0]!.metrics.reward).toBe(1);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("a reward of %d counts as not graded", async (bad) => {
    const learner = bandit();
    const { steps } = await run(learner, { steps: 5 }, {}, (tokens) => ({
      reward: tokens[1] === 0 ? bad : tokens[1] === BEST ? 1 : 0,
    }));
    expect([...learner.table].every(Number.isFinite)).toBe(true);
    expect(steps[0]!.metrics["verify/ungraded"]).toBeGreaterThan(0);
    expect(steps.every(({ metrics }) => metrics["update/skipped"] === 0)).toBe(true);
  });

  test("ungraded completions are null in the ledger, others have their advantage", async () => {
    const ungradedArm = 0;
    const arms = new Map<string, number>();
    const learner = bandit();
    const inner = sampler(learner, 8, (tokens) => ({
      reward: tokens[1] === ungradedArm ? null : tokens[1] === BEST ? 1 : 0,
    }));
    const collect: Collect = async (step, request) => {
      const groups = await inner(step, request);
      for (const { trajectories } of groups) for (const { id, tokens } of trajectories) arms.set(id, tokens[1]!);
      return groups;
    };
    const { steps } = await run(learner, { steps: 1, dynamicSampling: "keep" }, { collect });
    for (const [id, advantage] of steps[0]!.advantages) expect(advantage === null).toBe(arms.get(id) === ungradedArm);
    expect(steps[0]!.advantages.size).toBe(32);
    const trained = [...steps[0]!.advantages.values()].filter((advantage) => advantage !== null).length;
    expect(steps[0]!.metrics["update/tokens"]).toBe(trained); // not in the divisor either
    expect(trained).toBeLessThan(32);
  });

  test("equal rewards everywhere: no update at all, so the optimizer's state stays too", async () => {
    const learner = bandit();
    learner.firstMoment.fill(1);
    const { steps } = await run(learner, { steps: 3, dynamicSampling: "keep" }, {}, () => ({ reward: 1 }));
    expect(learner.version).toBe(0);
    expect([...learner.firstMoment]).toEqual(new Array(2 * ARMS).fill(1));
    expect(steps[0]!.metrics.frac_reward_zero_std).toBe(1);
    expect(steps[0]!.metrics.loss).toBeUndefined();
  });
});

describe("truncation", () => {
  const cutAtBest: Judge = (tokens) => ({ reward: tokens[1] === BEST ? 1 : 0, truncated: tokens[1] === BEST });

  test("mask: a cut-off completion teaches nothing, right or not", async () => {
    const learner = bandit();
    const { steps } = await run(learner, { steps: 10, truncation: "mask" }, {}, cutAtBest);
    expect(learner.version).toBe(0);
    expect(steps[0]!.metrics["completions/clipped_ratio"]).toBeGreaterThan(0);
    expect(steps[0]!.metrics.reward).toBeGreaterThan(0); // reported as the verifier gave it
  });

  test("score: its reward counts", async () => {
    const learner = bandit();
    await run(learner, { truncation: "score" }, {}, cutAtBest);
    expect(learner.probabilities(1)[BEST]).toBeGreaterThan(0.9);
  });
});

describe("dynamic sampling", () => {
  /** The first round is all equal, later ones have signal. */
  const equalAtFirst = (learner: TabularLearner, requests: [number, number, number][]): Collect => {
    const inner = sampler(learner, 8, pullBest);
    return async (step, request) => {
      requests.push([step, request.refill, request.prompts]);
      const groups = await inner(step, request);
      if (request.refill > 0) return groups;
      return groups.map(({ promptId, trajectories }) => ({
        promptId,
        trajectories: trajectories.map((trajectory) => ({ ...trajectory, reward: 1 })),
      }));
    };
  };

  test("refill asks for what is missing, and reports what it discarded", async () => {
    const learner = bandit();
    const requests: [number, number, number][] = [];
    const { steps } = await run(learner, { steps: 1 }, { collect: equalAtFirst(learner, requests) });
    expect(requests.slice(0, 2)).toEqual([
      [0, 0, 4],
      [0, 1, 4],
    ]);
    const { metrics } = steps[0]!;
    expect(metrics["dynamic/discarded_share"]).toBeGreaterThanOrEqual(0.5);
    expect(metrics["dynamic/rounds"]).toBe(requests.length);
    expect(metrics["update/tokens"]).toBe(32); // four full groups of eight completions of one token
  });

  test("a round that fills half of the batch is followed by one for the other half", async () => {
    const learner = bandit();
    const requests: number[] = [];
    const inner = sampler(learner, 8, (tokens) => ({ reward: tokens[1]! }));
    const collect: Collect = async (step, request) => {
      requests.push(request.prompts);
      const groups = await inner(step, request);
      const flat = (group: ScoredGroup) => ({
        ...group,
        trajectories: group.trajectories.map((t) => ({ ...t, reward: 1 })),
      });
      return groups.map((group, p) => (p % 2 === 0 && request.refill === 0 ? flat(group) : group));
    };
    const { steps } = await run(learner, { steps: 1 }, { collect });
    expect(requests).toEqual([4, 2]);
    expect(steps[0]!.metrics["dynamic/discarded_share"]).toBeCloseTo(2 / 6, 12);
  });

  test("refills are bounded", async () => {
    const learner = bandit();
    let rounds = 0;
    const never = sampler(learner, 8, () => ({ reward: 1 }));
    const collect: Collect = (step, request) => {
      rounds++;
      return never(step, request);
    };
    await run(learner, { steps: 1, maxRefills: 2 }, { collect });
    expect([rounds, learner.version]).toEqual([3, 0]);
  });

  test("drop asks once", async () => {
    const learner = bandit();
    const requests: [number, number, number][] = [];
    await run(learner, { steps: 1, dynamicSampling: "drop" }, { collect: equalAtFirst(learner, requests) });
    expect(requests).toEqual([[0, 0, 4]]);
  });
});

describe("updates", () => {
  test("epochs × minibatches updates, over every completion once in an epoch", async () => {
    const learner = bandit();
    const { steps } = await run(learner, { steps: 1, epochs: 3, minibatches: 4 });
    expect(learner.version).toBe(12);
    expect(steps[0]!.metrics["update/tokens"]).toBe(3 * 32);
    expect(steps[0]!.metrics["kl/old"]).toBeGreaterThan(0); // later updates have left the old weights
  });

  test("a single update scores nothing, and equals one that does", async () => {
    const [fast, scored] = [bandit(), bandit()];
    let scores = 0;
    const score = fast.score.bind(fast);
    fast.score = (rows, temperature) => {
      scores++;
      return score(rows, temperature);
    };
    await run(fast, { steps: 3 });
    // KL in the reward needs the old log-probs; at the reference weights of β ≈ 0 nothing else changes
    await run(scored, { steps: 3, klIn: "reward", klCoef: 1e-12 }, { referenceScore: scored.score.bind(scored) });
    expect(scores).toBe(0);
    for (const [i, x] of scored.table.entries()) expect(fast.table[i]).toBeCloseTo(x, 5);
  });

  test("a resumed run is the uninterrupted one, bit for bit", async () => {
    const settings = { steps: 6, epochs: 2, minibatches: 2, schedule: "cosine" as const };
    const whole = bandit();
    const { steps } = await run(whole, settings);

    const stopped = bandit();
    const controller = new AbortController();
    const first: GrpoStep[] = [];
    const onStep = (step: GrpoStep) => {
      first.push(step);
      if (step.step === 2) controller.abort();
    };
    const { stepsDone } = await run(stopped, settings, { signal: controller.signal, onStep });
    expect(stepsDone).toBe(3);
    const second = await run(stopped, settings, { fromStep: stepsDone });

    expect([...stopped.table]).toEqual([...whole.table]);
    const metrics = [...first, ...second.steps].map((step) => step.metrics);
    expect(metrics).toEqual(steps.map((step) => step.metrics));
  });

  test("a collect that is interrupted by the signal ends the run without a step", async () => {
    const controller = new AbortController();
    const collect: Collect = async () => {
      controller.abort();
      throw new Error("sampling was interrupted");
    };
    const { stepsDone, steps } = await run(bandit(), {}, { collect, signal: controller.signal });
    expect([stepsDone, steps.length]).toEqual([0, 0]);
  });

  test("a collect that fails by itself fails the run", async () => {
    const collect: Collect = async () => {
      throw new Error("the sampler died");
    };
    await expect(run(bandit(), {}, { collect })).rejects.toThrow("the sampler died");
  });

  test("an update that is not finite is not applied, and handed over with its rows", async () => {
    const learner = bandit();
    const inner = sampler(learner, 8);
    const collect: Collect = async (step, request) =>
      (await inner(step, request)).map((group) => ({
        ...group,
        trajectories: group.trajectories.map((t) => ({
          ...t,
          samplerLogProbs: t.samplerLogProbs.map(() => Number.NaN),
        })),
      }));
    const bad: BadStep[] = [];
    const { steps } = await run(learner, { steps: 1 }, { collect, onBadStep: (b) => void bad.push(b) });
    expect(learner.version).toBe(0);
    expect([...learner.table]).toEqual(new Array(2 * ARMS).fill(0));
    expect(steps[0]!.metrics["update/skipped"]).toBe(1);
    expect(bad).toHaveLength(1);
    expect(bad[0]!.report.badRows.length).toBe(bad[0]!.rows.length);
  });
});

describe("log-probs that disagree", () => {
  const shifted =
    (collect: Collect, by: number, policyVersion?: number): Collect =>
    async (step, request) =>
      (await collect(step, request)).map((group) => ({
        ...group,
        trajectories: group.trajectories.map((t) => ({
          ...t,
          samplerLogProbs: t.samplerLogProbs.map((x, i) => x + by * t.completionMask[i]!),
          ...(policyVersion === undefined ? {} : { policyVersion }),
        })),
      }));

  test("agreement is logged: 0 to within float32, ratios of 1", async () => {
    const { steps } = await run(bandit(), { steps: 2 });
    const { metrics } = steps[1]!;
    expect(metrics["sampling/sampling_logp_difference/max"]).toBeLessThan(1e-5);
    expect(metrics["sampling/importance_sampling_ratio/mean"]).toBeCloseTo(1, 5);
    expect(metrics["sampling/importance_sampling_ratio/min"]).toBeCloseTo(1, 4);
    expect(metrics["sampling/importance_sampling_ratio/max"]).toBeCloseTo(1, 4);
  });

  test("a small difference is logged and corrected", async () => {
    const learner = bandit();
    const { steps } = await run(learner, { steps: 1 }, { collect: shifted(sampler(learner, 8), 0.05) });
    const { metrics } = steps[0]!;
    expect(metrics["sampling/sampling_logp_difference/mean"]).toBeCloseTo(0.05, 5);
    expect(metrics["sampling/importance_sampling_ratio/mean"]).toBeCloseTo(Math.exp(-0.05), 5);
  });

  test("a large one stops the run before its step is handed over", async () => {
    const learner = bandit();
    const collect = shifted(sampler(learner, 8), 0.5);
    const steps: GrpoStep[] = [];
    const onStep = (step: GrpoStep) => void steps.push(step);
    await expect(run(learner, {}, { collect, onStep })).rejects.toThrow("differ by 0.500 nats on average");
    expect(steps).toEqual([]);
  });

  test("samples of older weights may differ, and so may all if there is no limit", async () => {
    const learner = bandit();
    const old = shifted(sampler(learner, 8), 0.5, -1);
    expect((await run(learner, { steps: 1 }, { collect: old })).stepsDone).toBe(1);
    const unlimited = shifted(sampler(learner, 8), 0.5);
    expect((await run(learner, { steps: 1, mismatchLimit: null }, { collect: unlimited })).stepsDone).toBe(1);
  });

  test("scoring at another temperature than training is caught on the first update", async () => {
    const learner = bandit();
    learner.table.set([0, 0, 0, 0, 0, 1, 2, 0]);
    const score = learner.score.bind(learner);
    learner.score = (rows) => score(rows, 0.5);
    await expect(run(learner, { epochs: 2 })).rejects.toThrow("a probability ratio is off by");
  });
});

test("a KL without a reference policy is refused", async () => {
  await expect(run(bandit(), { klCoef: 0.1 })).rejects.toThrow("there is no reference policy");
});
