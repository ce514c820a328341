/**
 * One GRPO run from the base model to the trained one: measure, train, measure again; with everything that it leaves
 * behind in its run directory. The command line prints what this reports.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { GrpoConfig, type GrpoStep, trainGrpo } from "../grpo/index.ts";
import type { MetricValues } from "../metrics.ts";
import { createWeights, loadModel, loadTensorsInto, PolicyLearner, saveTensors, writeModel } from "../policy/index.ts";
import type { Group, Task } from "../rollout/index.ts";
import { openRun, type RunDirectory } from "./directory.ts";
import { type EvaluatedProblem, evaluate, isCorrect, meanLength, problemResults } from "./evaluate.ts";
import { rolloutRow } from "./ledger.ts";
import { Rollouts } from "./rollouts.ts";
import { openSession, type Session } from "./session.ts";
import { EvalSettings, RunSettings } from "./settings.ts";
import { type Examples, type Measurement, measure, type Summary } from "./summary.ts";

export const GrpoRun = RunSettings.extend({
  grpo: GrpoConfig.prefault({}),
  eval: EvalSettings.prefault({}),
  checkpointEvery: z.int().min(0).default(20).describe("steps between checkpoints; 0 = only at the end"),
  maxUngraded: z.number().min(0).max(1).default(0.5).describe("share of ungraded completions above which the run stops"),
  ledgerLogProbs: z.boolean().default(false).describe("write the sampler's log-probs into rollouts.jsonl"),
});
export type GrpoRun = z.infer<typeof GrpoRun>;

/** Settings that a resumed run may change. */
const MAY_CHANGE = ["grpo.steps", "checkpointEvery", "eval.every", "ledgerLogProbs", "out", "name"];

export interface GrpoHooks {
  /** Instead of the task that the settings name. */
  readonly task?: Task;
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

export type RunEvent =
  | { readonly kind: "opened"; readonly path: string; readonly fromStep: number; readonly parameters: number }
  | { readonly kind: "busy"; readonly what: string }
  | { readonly kind: "measured"; readonly when: "before" | "after"; readonly measurement: Measurement }
  | { readonly kind: "step"; readonly step: number; readonly metrics: MetricValues }
  | { readonly kind: "bad-step"; readonly step: number; readonly rows: readonly string[]; readonly file: string };

export interface GrpoResult {
  readonly path: string;
  /** False where the run was interrupted: go on with `resume`. */
  readonly finished: boolean;
  readonly summary: Summary | null;
  readonly examples: Examples;
}

/** What a checkpoint keeps besides weights and optimizer. */
const LoopState = z.strictObject({
  updates: z.int().min(0),
  position: z.int().min(0),
  rollouts: z.int().min(0),
  tokens: z.int().min(0),
  seconds: z.number().min(0),
});
type LoopState = z.infer<typeof LoopState>;

/** Runs GRPO as the settings say. @throws RlvrError, with the run directory left so that it can be resumed. */
export async function grpo(input: z.input<typeof GrpoRun>, hooks: GrpoHooks = {}): Promise<GrpoResult> {
  const parsed = GrpoRun.safeParse(input);
  if (!parsed.success) throw new RlvrError("E_CONFIG", z.prettifyError(parsed.error));
  const session = await openSession(parsed.data, hooks.task);
  try {
    const settings = resolve(parsed.data, session);
    const { seed, engine } = settings;
    const run = openRun({
      root: settings.out,
      name: settings.name,
      resume: hooks.resume ?? false,
      config: settings,
      mayChange: MAY_CHANGE,
      seed,
      engine: `${engine.name}/${engine.device}`,
    });
    let status: "interrupted" | "finished" | "failed" = "failed";
    try {
      const result = await new GrpoSession(session, settings, run, hooks).execute();
      status = result.finished ? "finished" : "interrupted";
      return result;
    } finally {
      run.close(status);
    }
  } finally {
    await session.engine.dispose();
  }
}

/** Fills in what depends on the task: the completion limit, and the name of the run. */
function resolve(settings: GrpoRun, { task, modelFolder }: Session): GrpoRun {
  const maxTokens = Math.min(settings.grpo.maxTokens, task.maxTokens);
  const name = settings.name === "" ? `${task.name}-grpo-seed${settings.seed}` : settings.name;
  return { ...settings, name, model: modelFolder, grpo: { ...settings.grpo, maxTokens } };
}

class GrpoSession {
  readonly #session: Session;
  readonly #settings: GrpoRun;
  readonly #run: RunDirectory;
  readonly #hooks: GrpoHooks;
  readonly #learner: PolicyLearner;
  #state: LoopState = { updates: 0, position: 0, rollouts: 0, tokens: 0, seconds: 0 };
  /** Judged groups of the current step, for the ledger. */
  #groups: Group[] = [];

  constructor(session: Session, settings: GrpoRun, run: RunDirectory, hooks: GrpoHooks) {
    this.#session = session;
    this.#settings = settings;
    this.#run = run;
    this.#hooks = hooks;
    this.#learner = new PolicyLearner(session.engine, session.model.config, session.model.weights, {
      optimizer: {
        beta1: 0.9,
        beta2: 0.99, // RL batches are noisy and runs are short: a shorter memory than supervised training's
        eps: 1e-8,
        weightDecay: settings.grpo.weightDecay,
        maxGradNorm: settings.grpo.maxGradNorm,
      },
      microBatchTokens: settings.engine.microBatchTokens,
    });
  }

  async execute(): Promise<GrpoResult> {
    const { grpo: config, seed, eval: measured } = this.#settings;
    const { signal } = this.#hooks;
    const reference = config.klCoef > 0 ? this.#reference() : undefined; // before a checkpoint replaces the weights
    const before = await this.#measure("before");
    const fromStep = await this.#restore();
    this.#emit({
      kind: "opened",
      path: this.#run.path,
      fromStep,
      parameters: this.#session.model.weights.flat.length,
    });
    const rollouts = new Rollouts(
      this.#session,
      {
        groupSize: config.groupSize,
        temperature: config.temperature,
        maxTokens: config.maxTokens,
        seed,
        concurrency: 16,
        ...(signal ? { signal } : {}),
      },
      this.#state.position,
    );
    let stepStarted = performance.now();
    const { stepsDone } = await trainGrpo({
      config,
      seed,
      learner: this.#learner,
      fromStep,
      ...(reference ? { referenceScore: reference } : {}),
      ...(signal ? { signal } : {}),
      collect: async (step, { refill, prompts }) => {
        if (refill === 0) this.#groups = [];
        const groups = await rollouts.collect(step, prompts, this.#learner.version);
        this.#groups.push(...groups);
        return groups.map(({ promptId, trajectories }) => ({
          promptId,
          trajectories: trajectories.map((trajectory) => ({
            ...trajectory,
            truncated: trajectory.stopReason === "length",
            ...(trajectory.verdict.status === "graded" ? { rewardParts: trajectory.verdict.metrics } : {}),
          })),
        }));
      },
      onBadStep: ({ step, rows, report }) => {
        const file = join(this.#run.path, `bad-step-${step}.json`);
        writeFileSync(file, JSON.stringify({ step, report, rows: rows.map(plainRow) }));
        this.#emit({ kind: "bad-step", step, rows: report.badRows, file });
      },
      onStep: async (report) => {
        const seconds = rollouts.takeSeconds();
        this.#state.position = rollouts.position;
        await this.#finishStep(report, seconds, (performance.now() - stepStarted) / 1000);
        stepStarted = performance.now();
      },
    });
    await rollouts.close();
    const finished = stepsDone >= config.steps;
    if (!finished) return { path: this.#run.path, finished, summary: null, examples: [] };
    const after = await this.#measure("after");
    const summary: Summary = {
      before: measure(problemResults(before), seed),
      after: measure(problemResults(after), seed),
      meanLength: { before: meanLength(before), after: meanLength(after) },
      seconds: this.#state.seconds,
      seed,
      steps: stepsDone,
      rollouts: this.#state.rollouts,
      tokens: this.#state.tokens,
    };
    const examples = sideBySide(before, after, measured.problems);
    this.#run.writeJson("summary.json", summary);
    this.#run.writeJson("examples.json", examples);
    return { path: this.#run.path, finished, summary, examples };
  }

  #emit(event: RunEvent): void {
    this.#hooks.onEvent?.(event);
  }

  /** Log-probs under a frozen copy of the weights as they are now. */
  #reference(): PolicyLearner["score"] {
    const { engine, model } = this.#session;
    const weights = createWeights(model.config);
    weights.flat.set(model.weights.flat);
    const { weightDecay, maxGradNorm } = this.#settings.grpo;
    const frozen = new PolicyLearner(engine, model.config, weights, {
      optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay, maxGradNorm },
      microBatchTokens: this.#settings.engine.microBatchTokens,
    });
    return (rows, temperature) => frozen.score(rows, temperature);
  }

  async #measure(when: "before" | "after"): Promise<EvaluatedProblem[]> {
    const { eval: settings, grpo: config, seed } = this.#settings;
    this.#emit({ kind: "busy", what: `measuring ${settings.problems} held-out problems` });
    const problems = await evaluate(this.#session, {
      problems: settings.problems,
      samples: settings.samples,
      greedy: true,
      temperature: config.temperature,
      maxTokens: config.maxTokens,
      seed,
      ...(this.#hooks.signal ? { signal: this.#hooks.signal } : {}),
    });
    this.#emit({ kind: "measured", when, measurement: measure(problemResults(problems), seed) });
    return problems;
  }

  async #quickMeasure(): Promise<MetricValues> {
    const { eval: settings, grpo: config, seed } = this.#settings;
    const started = performance.now();
    const problems = await evaluate(this.#session, {
      problems: settings.quickProblems,
      samples: 1,
      greedy: true,
      temperature: config.temperature,
      maxTokens: config.maxTokens,
      seed,
    });
    const share = (count: number) => count / problems.length;
    return {
      "eval/greedy": share(problems.filter(({ greedy }) => greedy && isCorrect(greedy)).length),
      "eval/pass1": share(problems.filter(({ samples }) => samples[0] && isCorrect(samples[0])).length),
      "eval/mean_length": meanLength(problems),
      "timing/eval": (performance.now() - started) / 1000,
    };
  }

  /** Goes back to the last checkpoint, if the run is resumed. Returns the first step to do. */
  async #restore(): Promise<number> {
    const checkpoint = this.#run.resumed;
    if (!checkpoint) return 0;
    this.#state = LoopState.parse(checkpoint.state);
    const { firstMoment, secondMoment } = this.#learner.state;
    this.#session.model.weights.flat.set((await loadModel(checkpoint.path)).weights.flat);
    await loadTensorsInto(join(checkpoint.path, "optimizer.safetensors"), { firstMoment, secondMoment });
    this.#learner.state.updates = this.#state.updates;
    return checkpoint.step;
  }

  async #finishStep(
    { step, metrics, advantages, seconds }: GrpoStep,
    rollout: { sample: number; verify: number; slowest: number },
    stepSeconds: number,
  ): Promise<void> {
    const { eval: measured, grpo: config, checkpointEvery, maxUngraded, ledgerLogProbs } = this.#settings;
    const trajectories = this.#groups.flatMap((group) => group.trajectories);
    const sampled = trajectories.reduce((sum, { completionMask }) => sum + completionMask.reduce((a, b) => a + b, 0), 0);
    const all = trajectories.reduce((sum, { tokens }) => sum + tokens.length, 0);
    this.#state.rollouts += trajectories.length;
    this.#state.tokens += sampled;
    this.#state.updates = this.#learner.version;
    this.#state.seconds += stepSeconds;
    const done = step + 1;
    const quick = measured.every > 0 && done % measured.every === 0 ? await this.#quickMeasure() : {};
    const engine = this.#session.engine.stats();
    const values: MetricValues = {
      ...metrics,
      ...quick,
      num_tokens: this.#state.tokens,
      step_time: stepSeconds,
      "timing/sample": rollout.sample,
      "timing/verify": rollout.verify,
      "timing/score": seconds.score,
      "timing/update": seconds.update,
      "verify/max_seconds": rollout.slowest,
      "perf/tokens_per_second": sampled / stepSeconds,
      "perf/sample_tokens_per_second": sampled / rollout.sample,
      "perf/train_tokens_per_second": all / (seconds.score + seconds.update),
      "engine/compile_seconds": engine.compileSeconds,
      "engine/cache_hits": engine.cacheHits,
      "engine/programs": engine.programs,
      "memory/rss": process.memoryUsage.rss() / 2 ** 20,
    };
    const rows = this.#groups.flatMap(({ prompt, trajectories }) =>
      trajectories.map((trajectory) =>
        rolloutRow(trajectory, {
          step: done,
          prompt,
          advantage: advantages.get(trajectory.id) ?? null,
          logProbs: ledgerLogProbs,
        }),
      ),
    );
    this.#run.recordStep(done, values, rows);
    this.#emit({ kind: "step", step: done, metrics: values });
    const ungraded = trajectories.filter(({ reward }) => reward === null);
    if (ungraded.length > maxUngraded * trajectories.length) {
      const verdict = ungraded[0]?.verdict;
      const reason = verdict?.status === "not-graded" ? verdict.reason : "";
      throw new RlvrError("E_VERIFIER", `step ${done}: ${ungraded.length} of ${trajectories.length} completions were not graded: ${reason}`, {
        hint: "mend the verifier, then go on with --resume; or raise maxUngraded",
      });
    }
    const last = done === config.steps || this.#hooks.signal?.aborted;
    if (last || (checkpointEvery > 0 && done % checkpointEvery === 0)) await this.#checkpoint(quick["eval/greedy"] ?? undefined);
  }

  async #checkpoint(score: number | undefined): Promise<void> {
    const { firstMoment, secondMoment } = this.#learner.state;
    await this.#run.saveCheckpoint({ state: { ...this.#state }, ...(score === undefined ? {} : { score }) }, async (folder) => {
      await writeModel(folder, this.#session.model);
      await saveTensors(join(folder, "optimizer.safetensors"), { firstMoment, secondMoment });
    });
  }
}

/** Problems on which base and trained model differ most: first those that training solved. */
function sideBySide(before: readonly EvaluatedProblem[], after: readonly EvaluatedProblem[], most: number): Examples {
  const pairs = before.slice(0, most).flatMap((problem, i) => {
    const [old, now] = [problem.greedy, after[i]?.greedy];
    return old && now ? [{ promptId: problem.promptId, prompt: problem.prompt, before: old, after: now }] : [];
  });
  const gained = pairs.filter((pair) => !isCorrect(pair.before) && isCorrect(pair.after));
  const kept = pairs.filter((pair) => !gained.includes(pair));
  return [...gained, ...kept].slice(0, 6).map(({ promptId, prompt, before, after }) => ({
    promptId,
    prompt,
    before: { completion: before.completion, verdict: before.verdict },
    after: { completion: after.completion, verdict: after.verdict },
  }));
}

function plainRow(row: { id: string; tokens: Int32Array; fields: Readonly<Record<string, Float32Array>> }) {
  const fields = Object.fromEntries(Object.entries(row.fields).map(([name, values]) => [name, [...values]]));
  return { id: row.id, tokens: [...row.tokens], fields };
}
