/**
 * What a training run of any algorithm does around its loop: opens model, engine and run directory, measures before and
 * after, keeps checkpoints; and, however it ends, says so in the manifest and leaves a report.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MetricValues } from "../metrics.ts";
import {
  type LearnerOptions,
  loadTensorsInto,
  type Model,
  PolicyLearner,
  restoreWeights,
  saveModel,
  saveTensors,
  writeModel,
} from "../policy/index.ts";
import type { Tier } from "../sandbox/tier.ts";
import type { Part } from "./bad-step.ts";
import { openRun, type RunDirectory } from "./directory.ts";
import type { EvaluateOptions } from "./evaluate.ts";
import type { RunEvent, RunHooks, RunResult } from "./events.ts";
import { Measured, measuredMetrics, measureSession, sideBySide } from "./measured.ts";
import { enginePackages } from "./packages.ts";
import { readJsonIfPresent } from "./read-json.ts";
import { writeReport } from "./report.ts";
import type { ModelSession, Session } from "./session.ts";
import type { RunSettings } from "./settings.ts";
import { Examples, Summary } from "./summary.ts";

/** Counters of a loop, kept in its checkpoints. */
export const LoopState = z.strictObject({
  updates: z.int().min(0).describe("optimizer updates"),
  position: z.int().min(0).describe("rows taken from the train split"),
  rollouts: z.int().min(0).describe("completions sampled"),
  tokens: z.int().min(0).describe("completion tokens sampled or imitated"),
  allTokens: z.int().min(0).describe("the same with the prompts' tokens"),
  seconds: z.number().min(0).describe("time spent in steps"),
  numbers: z.record(z.string(), z.number()).default({}).describe("what else the algorithm goes on from, by name"),
});
export type LoopState = z.infer<typeof LoopState>;

export interface TrainingOptions {
  readonly settings: Pick<RunSettings, "out" | "name" | "seed">;
  /** Tier in which the task runs code; null where it runs none. */
  readonly sandbox: Tier | null;
  readonly learner: LearnerOptions;
  /** Dotted names of settings that a resumed run may change. */
  readonly mayChange: readonly string[];
  readonly hooks: RunHooks;
  readonly steps: number;
  readonly critic?: Critic | null;
  /** What the run hands on in the end, where it is not the session's model. */
  readonly policy?: Model;
}

/** A model that is trained beside the policy. It is part of every checkpoint. */
export interface Critic {
  readonly model: Model;
  readonly learner: PolicyLearner;
}

/** Its folder in a checkpoint. */
const CRITIC = "critic";

/** One open run. */
export class Training {
  readonly session: ModelSession;
  readonly run: RunDirectory;
  readonly learner: PolicyLearner;
  readonly hooks: RunHooks;
  readonly state: LoopState = {
    ...{ updates: 0, position: 0, rollouts: 0, tokens: 0, allTokens: 0, seconds: 0 },
    numbers: {},
  };
  readonly #critic: Critic | null;
  readonly #policy: Model;
  /** Step of the last checkpoint. */
  #saved = 0;

  constructor(session: ModelSession, run: RunDirectory, learner: PolicyLearner, options: TrainingOptions) {
    this.session = session;
    this.run = run;
    this.learner = learner;
    this.hooks = options.hooks;
    this.#critic = options.critic ?? null;
    this.#policy = options.policy ?? session.model;
  }

  emit(event: RunEvent): void {
    this.hooks.onEvent?.(event);
  }

  get aborted(): boolean {
    return this.hooks.signal?.aborted ?? false;
  }

  /** The base model's measurement, made once in the life of a run. It is step 0 of the metrics. */
  async before(session: Session, options: Omit<EvaluateOptions, "greedy">): Promise<Measured> {
    const known = readJsonIfPresent(join(this.run.path, "before.json"), Measured);
    const before = known ?? (await this.measure(session, options));
    if (!known) this.run.writeJson("before.json", before);
    if (!this.run.resumed) this.run.recordStep(0, measuredMetrics(before), []);
    this.emit({ kind: "measured", when: "before", measured: before });
    return before;
  }

  async measure(session: Session, options: Omit<EvaluateOptions, "greedy">): Promise<Measured> {
    const what = `measuring ${options.problems} held-out problems`;
    this.emit({ kind: "busy", what });
    return measureSession(session, {
      ...options,
      ...(this.hooks.signal ? { signal: this.hooks.signal } : {}),
      onProgress: (done, total) => this.emit({ kind: "busy", what, done, total }),
    });
  }

  /** Weights, optimizer and counters of the checkpoint that the run goes on from. Returns the steps that are complete. */
  async restore(): Promise<number> {
    const checkpoint = this.run.resumed;
    if (!checkpoint) return 0;
    Object.assign(this.state, LoopState.parse(checkpoint.state));
    await restorePart(checkpoint.path, this.session.model, this.learner, this.state.updates);
    if (this.#critic) {
      const { model, learner } = this.#critic;
      await restorePart(join(checkpoint.path, CRITIC), model, learner, this.state.numbers.criticUpdates ?? 0);
    }
    this.#saved = checkpoint.step;
    return checkpoint.step;
  }

  /** Saves the state after `step` complete steps, if it is not saved yet. */
  async checkpoint(step: number, score: number | null): Promise<void> {
    if (step === this.#saved) return;
    this.state.updates = this.learner.version;
    if (this.#critic) this.state.numbers.criticUpdates = this.#critic.learner.version;
    await this.run.saveCheckpoint({ state: { ...this.state }, score }, (folder) => this.#saveParts(folder));
    this.#saved = step;
  }

  /** Model and optimizer of the policy or the critic, into an existing folder. */
  async savePart(part: Part, folder: string): Promise<void> {
    const { firstMoment, secondMoment } = this.learnerOf(part).state;
    await writeModel(folder, part === "policy" ? this.session.model : this.#knownCritic().model);
    await saveTensors(join(folder, "optimizer.safetensors"), { firstMoment, secondMoment });
  }

  learnerOf(part: Part): PolicyLearner {
    return part === "policy" ? this.learner : this.#knownCritic().learner;
  }

  async #saveParts(folder: string): Promise<void> {
    await this.savePart("policy", folder);
    if (!this.#critic) return;
    await mkdir(join(folder, CRITIC));
    await this.savePart("critic", join(folder, CRITIC));
  }

  #knownCritic(): Critic {
    if (this.#critic) return this.#critic;
    throw new RlvrError("E_RUN", "the run has no critic of its own");
  }

  /** What goes into timings.jsonl besides the times of a step's parts. */
  machineMetrics(): MetricValues {
    const { compileSeconds, cacheHits, programs } = this.session.engine.stats();
    return {
      "engine/compile_seconds": compileSeconds,
      "engine/cache_hits": cacheHits,
      "engine/programs": programs,
      "memory/rss": process.memoryUsage.rss() / 2 ** 20,
    };
  }

  /** Leaves summary, examples and the final model. */
  async finish(steps: number, seed: number, measured: { before: Measured; after: Measured } | null): Promise<Outcome> {
    await saveModel(join(this.run.path, "model"), this.#policy);
    if (!measured) return { finished: true, summary: null, examples: [] };
    const { before, after } = measured;
    this.emit({ kind: "measured", when: "after", measured: after });
    const { rollouts, tokens, seconds } = this.state;
    const summary: Summary = {
      before: before.measurement,
      after: after.measurement,
      meanLength: { before: before.meanLength, after: after.meanLength },
      parts: { before: before.parts, after: after.parts },
      ...{ seconds, seed, steps, rollouts, tokens },
    };
    const examples = sideBySide(before, after);
    this.run.writeJson("examples.json", examples);
    this.run.writeJson("summary.json", summary); // last: it says that all the rest is there
    return { finished: true, summary, examples };
  }
}

export type Outcome = Pick<RunResult, "finished" | "summary" | "examples">;

const UNFINISHED: Outcome = { finished: false, summary: null, examples: [] };

/**
 * Runs `loop` in the run directory that the settings name.
 * @throws what the loop throws; the run directory is left so that it can be resumed.
 */
export async function runTraining(
  session: ModelSession,
  options: TrainingOptions,
  loop: (training: Training) => Promise<Outcome>,
): Promise<RunResult> {
  const { settings, sandbox, mayChange, hooks, steps } = options;
  const { engine, model } = session;
  const run = openRun({
    root: settings.out,
    name: settings.name,
    resume: hooks.resume ?? false,
    config: settings,
    mayChange: [...mayChange, "out", "name"],
    seed: settings.seed,
    engine: `${engine.name}/${engine.device}`,
    sandbox,
    packages: enginePackages(),
  });
  const learner = new PolicyLearner(engine, model.config, model.weights, options.learner);
  const training = new Training(session, run, learner, options);
  let outcome: Outcome = UNFINISHED;
  let status: "finished" | "interrupted" | "failed" = "failed";
  let report: string | null = null;
  try {
    training.emit({
      kind: "opened",
      path: run.path,
      fromStep: run.resumed?.step ?? 0,
      steps,
      model: session.modelFolder,
      parameters: model.weights.flat.length,
    });
    const known = readFinished(run, steps);
    if (known) training.emit({ kind: "finished-before", steps });
    outcome = known ?? (await loop(training));
    status = outcome.finished ? "finished" : "interrupted";
  } catch (error) {
    if (!training.aborted || !isAbort(error)) throw error;
    status = "interrupted"; // while it measured
  } finally {
    run.close(status);
    report = await tryReport(run.path, training);
  }
  return { path: run.path, report, ...outcome };
}

/** What `savePart` wrote. */
async function restorePart(folder: string, model: Model, learner: PolicyLearner, updates: number): Promise<void> {
  const { firstMoment, secondMoment } = learner.state;
  await restoreWeights(folder, model);
  await loadTensorsInto(join(folder, "optimizer.safetensors"), { firstMoment, secondMoment });
  learner.state.updates = updates;
}

/** What a run left that did all its steps and was measured after them: then nothing is left to do. */
function readFinished(run: RunDirectory, steps: number): Outcome | null {
  if (run.resumed?.step !== steps) return null;
  const summary = readJsonIfPresent(join(run.path, "summary.json"), Summary);
  if (summary?.steps !== steps) return null;
  return { finished: true, summary, examples: readJsonIfPresent(join(run.path, "examples.json"), Examples) ?? [] };
}

/** A report that cannot be made must not take the run with it. */
async function tryReport(path: string, training: Training): Promise<string | null> {
  try {
    return await writeReport(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    training.emit({ kind: "warning", message: `report.html could not be made: ${reason}` });
    return null;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** @throws {RlvrError} E_CONFIG that names every setting which is wrong. */
export function parseSettings<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new RlvrError("E_CONFIG", z.prettifyError(parsed.error));
}
