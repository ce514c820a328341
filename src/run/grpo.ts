/**
 * One GRPO run from the base model to the trained one: measure, train, measure again; with everything that it leaves
 * behind in its run directory. The command line prints what this reports.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { GrpoConfig, type GrpoStep, trainGrpo } from "../grpo/index.ts";
import type { MetricValues } from "../metrics.ts";
import { frozenCopy, type LearnerOptions, learningRateAt, PolicyLearner } from "../policy/index.ts";
import type { Group, Judged } from "../rollout/index.ts";
import type { Verdict, Outcome as VerdictOutcome } from "../verifiers/verdict.ts";
import { saveBadStep } from "./bad-step.ts";
import { evaluate, isCorrect, meanLength } from "./evaluate.ts";
import type { RunHooks, RunResult } from "./events.ts";
import { rolloutRow } from "./ledger.ts";
import { freshName } from "./names.ts";
import { Rollouts } from "./rollouts.ts";
import { openSession, type Session } from "./session.ts";
import { EvalSettings, RunSettings } from "./settings.ts";
import { type Outcome, parseSettings, runTraining, type Training } from "./training.ts";

export const GrpoRun = RunSettings.extend({
  grpo: GrpoConfig.prefault({}),
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
});
export type GrpoRun = z.infer<typeof GrpoRun>;

/** Settings that a resumed run may change. */
const MAY_CHANGE = ["grpo.steps", "checkpointEvery", "eval.every", "ledgerLogProbs"];
/** Verifiers under way at the same time. */
const CONCURRENCY = 16;

/**
 * Runs GRPO as the settings say. With `hooks.resume` it goes on with the run of that name.
 * @throws RlvrError, with the run directory left so that it can be resumed.
 */
export async function grpo(input: z.input<typeof GrpoRun>, hooks: RunHooks = {}): Promise<RunResult> {
  const given = parseSettings(GrpoRun, input);
  const session = await openSession({ ...given, training: given }, hooks.task);
  try {
    const settings = resolveGrpo(given, session);
    return await runTraining(
      session,
      { settings, learner: grpoLearner(settings), mayChange: MAY_CHANGE, hooks, steps: settings.grpo.steps },
      (training) => new GrpoLoop(training, session, settings).run(),
    );
  } finally {
    await session.engine.dispose();
  }
}

/** Fills in what depends on the task: the completion limit, the model's folder, and the name of the run. */
export function resolveGrpo(settings: GrpoRun, { task, modelFolder }: Pick<Session, "task" | "modelFolder">): GrpoRun {
  if (settings.grpo.advantage === "process") {
    throw new RlvrError("E_CONFIG", "grpo.advantage is process, but a task gives no rewards for single steps", {
      hint: "choose another advantage, or call trainGrpo of rlvr/grpo with steps in each trajectory",
    });
  }
  if (settings.lora.dropout > 0) {
    throw new RlvrError(
      "E_CONFIG",
      `lora.dropout is ${settings.lora.dropout}, expected 0: completions are sampled without`,
      {
        hint: "leave lora.dropout out; it is for supervised fine-tuning",
      },
    );
  }
  const maxTokens = Math.min(settings.grpo.maxTokens, task.maxTokens);
  const { out, seed } = settings;
  const name = settings.name === "" ? freshName(out, `${task.name}-grpo-seed${seed}`) : settings.name;
  return { ...settings, name, model: modelFolder, grpo: { ...settings.grpo, maxTokens } };
}

export function grpoLearner({ grpo: { weightDecay, maxGradNorm }, engine }: GrpoRun): LearnerOptions {
  return {
    // RL batches are noisy and runs are short: a second moment with a shorter memory than supervised training's
    optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay, maxGradNorm },
    microBatchTokens: engine.microBatchTokens,
    recompute: engine.recompute,
  };
}

class GrpoLoop {
  readonly #training: Training;
  readonly #session: Session;
  /** The session whose task is measured on. */
  readonly #measured: Session;
  readonly #settings: GrpoRun;
  readonly #rollouts: () => Rollouts;
  /** Judged groups of the current step, for the ledger. */
  #groups: Group[] = [];

  constructor(training: Training, session: Session, settings: GrpoRun) {
    this.#training = training;
    this.#session = session;
    this.#measured = { ...session, task: training.hooks.measureWith ?? session.task };
    this.#settings = settings;
    const { groupSize, temperature, maxTokens } = settings.grpo;
    const { signal } = training.hooks;
    const greedyBaseline = settings.grpo.advantage === "greedy-baseline";
    const options = {
      groupSize,
      temperature,
      maxTokens,
      seed: settings.seed,
      concurrency: CONCURRENCY,
      timeoutMs: settings.verifyTimeoutMs,
      greedyBaseline,
    };
    this.#rollouts = () =>
      new Rollouts(session, { ...options, ...(signal ? { signal } : {}) }, training.state.position);
  }

  async run(): Promise<Outcome> {
    const training = this.#training;
    const { grpo: config, seed } = this.#settings;
    const { signal } = training.hooks;
    const referenceScore = config.klCoef > 0 ? this.#reference() : null; // before a checkpoint replaces the weights
    const before = await training.before(this.#measured, this.#evaluation());
    const fromStep = await training.restore();
    const rollouts = this.#rollouts();
    let started = performance.now();
    const { stepsDone } = await trainGrpo({
      config,
      seed,
      learner: training.learner,
      fromStep,
      ...(referenceScore ? { referenceScore } : {}),
      ...(signal ? { signal } : {}),
      collect: async (step, { refill, prompts }) => {
        if (refill === 0) this.#groups = [];
        const groups = await rollouts.collect(step, prompts, training.learner.version);
        this.#groups.push(...groups);
        return groups.map(scored);
      },
      onBadStep: async ({ step, epoch, minibatch, rows, report }) => {
        const learningRate = learningRateAt(step, config);
        const updates = training.learner.version;
        const { temperature } = config;
        const batch = { step: step + 1, epoch, minibatch, updates, learningRate, temperature, rows, report };
        const folder = await saveBadStep(training.run.path, batch, (path) => training.savePolicy(path));
        training.emit({ kind: "bad-step", step: step + 1, rows: report.badRows, folder });
      },
      onStep: async (report) => {
        const stepSeconds = (performance.now() - started) / 1000;
        training.state.position = rollouts.position;
        await this.#finishStep(report, rollouts.takeSeconds(), stepSeconds);
        started = performance.now();
      },
    }).finally(() => rollouts.close());
    if (stepsDone < config.steps) {
      await training.checkpoint(stepsDone, null); // a step that was still sampling has been dropped
      return { finished: false, summary: null, examples: [] };
    }
    const after = await training.measure(this.#measured, this.#evaluation());
    return training.finish(stepsDone, seed, { before, after });
  }

  #evaluation() {
    const { eval: settings, grpo: config, seed } = this.#settings;
    const { temperature, maxTokens } = config;
    return { problems: settings.problems, samples: settings.samples, temperature, maxTokens, seed };
  }

  /** Log-probs under a frozen copy of the policy as it is now; of an adapter, the base needs no copy. */
  #reference(): PolicyLearner["score"] {
    const { engine, model } = this.#session;
    const frozen = new PolicyLearner(engine, model.config, frozenCopy(model), grpoLearner(this.#settings));
    return (rows, temperature) => frozen.score(rows, temperature);
  }

  async #quickMeasure(): Promise<MetricValues> {
    const started = performance.now();
    const quick = { problems: this.#settings.eval.quickProblems, samples: 1, greedy: true };
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

  async #finishStep(
    { step, metrics, advantages, seconds }: GrpoStep,
    rollout: { sample: number; verify: number; slowest: number },
    stepSeconds: number,
  ): Promise<void> {
    const training = this.#training;
    const { eval: measured, grpo: config, checkpointEvery, ledgerLogProbs } = this.#settings;
    const trajectories = this.#groups.flatMap((group) => group.trajectories);
    const sampled = trajectories.reduce(
      (sum, { completionMask }) => sum + completionMask.reduce((a, b) => a + b, 0),
      0,
    );
    const all = trajectories.reduce((sum, { tokens }) => sum + tokens.length, 0);
    const { state } = training;
    state.rollouts += trajectories.length;
    state.tokens += sampled;
    state.allTokens += all;
    state.seconds += stepSeconds;
    const done = step + 1;
    const quick = measured.every > 0 && done % measured.every === 0 ? await this.#quickMeasure() : {};
    const values: MetricValues = {
      ...metrics,
      ...verdictMetrics(trajectories),
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
      "perf/train_tokens_per_second": all / (seconds.score + seconds.update),
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
    this.#checkGraded(done, trajectories);
    const due = checkpointEvery > 0 && done % checkpointEvery === 0;
    if (due || done === config.steps || training.aborted) {
      await training.checkpoint(done, quick["eval/greedy"] ?? null);
    }
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
      hint: "mend the verifier, then go on with --resume; or raise maxUngraded",
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

/** A judged group as the algorithm sees it: rewards, not verdicts. */
function scored({ promptId, trajectories, greedyReward }: Group) {
  return {
    promptId,
    ...(greedyReward === undefined ? {} : { greedyReward }),
    trajectories: trajectories.map((trajectory) => ({
      ...trajectory,
      truncated: trajectory.stopReason === "length",
      ...(trajectory.verdict.status === "graded" ? { rewardParts: trajectory.verdict.metrics } : {}),
    })),
  };
}
