/**
 * What runs that learn from verdicts have in common, whatever the algorithm: measure, train, measure again; completions
 * with their verdicts for each step; metrics, ledger and checkpoints after it.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MetricValues } from "../metrics.ts";
import { frozenCopy, type LearnerOptions, PolicyLearner } from "../policy/index.ts";
import type { Group, Judged } from "../rollout/index.ts";
import type { Verdict, Outcome as VerdictOutcome } from "../verifiers/verdict.ts";
import { type BadBatch, saveBadStep } from "./bad-step.ts";
import { evaluate, isCorrect, meanLength } from "./evaluate.ts";
import { rolloutRow } from "./ledger.ts";
import { Rollouts } from "./rollouts.ts";
import { syncWithin } from "./sampler.ts";
import type { Session } from "./session.ts";
import { EvalSettings, type RunSettings, SamplerSettings } from "./settings.ts";
import type { Outcome, Training } from "./training.ts";

/** Settings that these runs have besides those of every run. */
export const REWARD_SETTINGS = {
  sampler: SamplerSettings.prefault({}),
  eval: EvalSettings.prefault({}),
  checkpointEvery: z.int().min(0).default(20).describe("steps between checkpoints; 0 = only at the end"),
  maxUngraded: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("share of ungraded completions above which the run stops"),
  verifyTimeoutMs: z
    .int()
    .min(1)
    .default(60_000)
    .describe("deadline of one verdict, in milliseconds; a verifier that misses it leaves its completion ungraded"),
  ledgerLogProbs: z.boolean().default(false).describe("write the sampler's log-probs into rollouts.jsonl"),
};
export type RewardSettings = RunSettings & {
  readonly [Name in keyof typeof REWARD_SETTINGS]: z.output<(typeof REWARD_SETTINGS)[Name]>;
};

/** Those of them that a resumed run may change. */
export const MAY_CHANGE = [
  ...["checkpointEvery", "eval.every", "ledgerLogProbs"],
  ...Object.keys(SamplerSettings.shape).map((name) => `sampler.${name}`),
];
/** Verifiers under way at the same time. */
const CONCURRENCY = 16;

/** What the loop needs of an algorithm's own settings. */
export interface SamplingPlan {
  readonly steps: number;
  /** Completions of each prompt. */
  readonly groupSize: number;
  readonly temperature: number;
  readonly maxTokens: number;
  /** Also sample each prompt greedily. */
  readonly greedyBaseline?: boolean;
}

/** What an algorithm says of a step. */
export interface RewardStep {
  /** 0-based. */
  readonly step: number;
  readonly metrics: MetricValues;
  /** Mean advantage by trajectory id; null = left out of the loss. */
  readonly advantages: ReadonlyMap<string, number | null>;
  readonly seconds: { readonly score: number; readonly update: number };
}

export class RewardLoop {
  readonly #training: Training;
  readonly #session: Session;
  /** The session whose task is measured on. */
  readonly #measured: Session;
  readonly #settings: RewardSettings;
  readonly #plan: SamplingPlan;
  /** Open while it trains. */
  #rollouts: Rollouts | null = null;
  /** Judged groups of the current step, for the ledger. */
  #groups: Group[] = [];
  #stepStarted = 0;

  constructor(training: Training, session: Session, settings: RewardSettings, plan: SamplingPlan) {
    this.#training = training;
    this.#session = session;
    this.#measured = { ...session, task: training.hooks.measureWith ?? session.task };
    this.#settings = settings;
    this.#plan = plan;
  }

  /** Measures, restores what a resumed run goes on from, trains by the function that is given, and measures again. */
  async run(train: (fromStep: number) => Promise<{ stepsDone: number }>): Promise<Outcome> {
    const training = this.#training;
    await this.#sync();
    const before = await training.before(this.#measured, this.#evaluation());
    const fromStep = await training.restore();
    const rollouts = this.#openRollouts();
    this.#rollouts = rollouts;
    this.#stepStarted = performance.now();
    const { stepsDone } = await train(fromStep).finally(() => rollouts.close());
    if (stepsDone < this.#plan.steps) {
      await training.checkpoint(stepsDone, null); // a step that was still sampling has been dropped
      return { finished: false, summary: null, examples: [] };
    }
    await this.#sync();
    const after = await training.measure(this.#measured, this.#evaluation());
    return training.finish(stepsDone, this.#settings.seed, { before, after });
  }

  /** Judged groups of the step's next prompts; `refill` = further ones of the same step. */
  async collect(step: number, prompts: number, { refill }: { refill: boolean }): Promise<Group[]> {
    if (!refill) this.#groups = [];
    const groups = await this.#openedRollouts().collect(step, prompts, this.#training.learner.version);
    this.#groups.push(...groups);
    return groups;
  }

  /** Log-probs under a frozen copy of the policy as it is now; of an adapter, the base needs no copy. */
  reference(options: LearnerOptions): PolicyLearner["score"] {
    const { engine, model } = this.#session;
    const frozen = new PolicyLearner(engine, model.config, frozenCopy(model), options);
    return (rows, temperature) => frozen.score(rows, temperature);
  }

  /** Keeps an update that was not finite. Its `step` is 0-based. */
  async saveBadStep(bad: Omit<BadBatch, "updates" | "temperature">): Promise<void> {
    const training = this.#training;
    const step = bad.step + 1;
    const updates = training.learnerOf(bad.part).version;
    const batch = { ...bad, step, updates, temperature: this.#plan.temperature };
    const folder = await saveBadStep(training.run.path, batch, (path) => training.savePart(bad.part, path));
    training.emit({ kind: "bad-step", step, rows: bad.report.badRows, folder });
  }

  /** Writes what a complete step leaves: metrics, ledger, and a checkpoint where one is due. */
  async finishStep({ step, metrics, advantages, seconds }: RewardStep): Promise<void> {
    const training = this.#training;
    const rollouts = this.#openedRollouts();
    const stepSeconds = (performance.now() - this.#stepStarted) / 1000;
    const rollout = rollouts.takeSeconds();
    const { eval: measured, checkpointEvery, ledgerLogProbs } = this.#settings;
    const all = this.#groups.flatMap((group) => group.trajectories);
    const trajectories = all.filter(({ stopReason }) => stopReason !== "lost");
    const sampled = trajectories.reduce(
      (sum, { completionMask }) => sum + completionMask.reduce((a, b) => a + b, 0),
      0,
    );
    const read = trajectories.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const { state } = training;
    state.position = rollouts.position;
    state.rollouts += trajectories.length;
    state.tokens += sampled;
    state.allTokens += read;
    state.seconds += stepSeconds;
    const done = step + 1;
    const quick = measured.every > 0 && done % measured.every === 0 ? await this.#quickMeasure() : {};
    const values: MetricValues = {
      ...metrics,
      ...verdictMetrics(trajectories),
      "sampling/lost": all.length - trajectories.length,
      ...quick,
      num_tokens: state.allTokens,
      step_time: stepSeconds,
      "timing/sample": rollout.sample,
      "timing/verify": rollout.verify,
      "timing/score": seconds.score,
      "timing/update": seconds.update,
      "verify/max_seconds": rollout.slowest,
      "perf/tokens_per_second": sampled / stepSeconds,
      "perf/sample_tokens_per_second": sampled / rollout.sample,
      "perf/train_tokens_per_second": read / (seconds.score + seconds.update),
      ...training.machineMetrics(),
    };
    const rows = this.#groups.flatMap(({ prompt, trajectories }) =>
      trajectories.map((trajectory) => {
        const advantage = advantages.get(trajectory.id) ?? null;
        return rolloutRow(trajectory, { step: done, prompt, advantage, logProbs: ledgerLogProbs });
      }),
    );
    training.run.recordStep(done, values, rows);
    training.emit({ kind: "step", step: done, metrics: values });
    this.#checkGraded(done, all);
    const due = checkpointEvery > 0 && done % checkpointEvery === 0;
    if (due || done === this.#plan.steps || training.aborted) {
      await training.checkpoint(done, quick["eval/greedy"] ?? null);
    }
    this.#stepStarted = performance.now();
  }

  #openRollouts(): Rollouts {
    const { sampler, maxUngraded, verifyTimeoutMs, seed } = this.#settings;
    const { groupSize, temperature, maxTokens, greedyBaseline = false } = this.#plan;
    const { hooks, state } = this.#training;
    const options = {
      ...{ groupSize, temperature, maxTokens, greedyBaseline, seed, sampler },
      ...{ concurrency: CONCURRENCY, timeoutMs: verifyTimeoutMs, maxLost: maxUngraded },
      ...(hooks.signal ? { signal: hooks.signal } : {}),
      warn: (message: string) => this.#training.emit({ kind: "warning", message }),
    };
    return new Rollouts(this.#session, options, state.position);
  }

  #openedRollouts(): Rollouts {
    if (this.#rollouts) return this.#rollouts;
    throw new RlvrError("E_RUN", "completions are asked for outside of run()");
  }

  /** What is measured is the policy as it is now. */
  #sync(): Promise<void> {
    return syncWithin(this.#session, this.#training.learner.version, 0, this.#training.hooks.signal);
  }

  #evaluation() {
    const { eval: settings, seed } = this.#settings;
    const { temperature, maxTokens } = this.#plan;
    return { problems: settings.problems, samples: settings.samples, temperature, maxTokens, seed };
  }

  async #quickMeasure(): Promise<MetricValues> {
    const started = performance.now();
    const quick = { problems: this.#settings.eval.quickProblems, samples: 1, greedy: true };
    await this.#sync();
    const problems = await evaluate(this.#measured, { ...this.#evaluation(), ...quick });
    const share = (count: number) => count / problems.length;
    return {
      "eval/greedy": share(problems.filter(({ greedy }) => greedy && isCorrect(greedy)).length),
      "eval/pass1": share(problems.filter(({ samples }) => samples[0] && isCorrect(samples[0])).length),
      "eval/mean_length": meanLength(problems),
      "eval/clipped_ratio": share(problems.filter(({ samples }) => samples[0]?.truncated).length),
      "timing/eval": (performance.now() - started) / 1000,
    };
  }

  /** Names completions without a reward. A verifier that fails too often has nothing to teach: then the run stops. */
  #checkGraded(step: number, trajectories: readonly Judged[]): void {
    const ungraded = trajectories.filter(({ reward }) => reward === null);
    const verdict = ungraded[0]?.verdict;
    if (verdict?.status !== "not-graded") return;
    const what = `step ${step}: ${ungraded.length} of ${trajectories.length} completions were not graded`;
    const message = `${what}, first ${ungraded[0]?.id}: ${verdict.reason}`;
    if (ungraded.length <= this.#settings.maxUngraded * trajectories.length) {
      this.#training.emit({ kind: "warning", message });
      return;
    }
    throw new RlvrError("E_VERIFIER", message, {
      hint: "mend the verifier or the engine, then go on with --resume; or raise maxUngraded",
    });
  }
}

/** Shares of a step's verdicts. */
function verdictMetrics(trajectories: readonly Judged[]): MetricValues {
  const share = (is: (verdict: Verdict) => boolean) =>
    trajectories.filter(({ verdict }) => is(verdict)).length / Math.max(1, trajectories.length);
  const outcome = (name: VerdictOutcome) => share((verdict) => verdict.status === "graded" && verdict.outcome === name);
  return {
    "verify/correct": outcome("correct"),
    "verify/unparsed": outcome("unparsed"),
    "verify/timed_out": outcome("timed-out"),
    "verify/failed": share((verdict) => verdict.status === "not-graded" && verdict.cause !== "abstained"),
  };
}

/** Learners of policies that are trained on rewards. */
export function rewardLearner(
  { weightDecay, maxGradNorm }: { readonly weightDecay: number; readonly maxGradNorm: number },
  { microBatchTokens, recompute }: RewardSettings["engine"],
): LearnerOptions {
  // RL batches are noisy and runs are short: a second moment with a shorter memory than supervised training's
  return {
    optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay, maxGradNorm },
    ...{ microBatchTokens, recompute },
  };
}

/** @throws {RlvrError} E_CONFIG where adapters drop inputs: completions are sampled without */
export function refuseDropout({ lora }: RunSettings): void {
  if (lora.dropout === 0) return;
  throw new RlvrError("E_CONFIG", `lora.dropout is ${lora.dropout}, expected 0: completions are sampled without`, {
    hint: "leave lora.dropout out; it is for supervised fine-tuning",
  });
}
