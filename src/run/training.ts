/**
 * What a training run of any algorithm does around its loop: opens model, engine and run directory, measures before and
 * after, keeps checkpoints; and, however it ends, says so in the manifest and leaves a report.
 */
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MetricValues } from "../metrics.ts";
import {
  type LearnerOptions,
  loadTensorsInto,
  PolicyLearner,
  restoreWeights,
  saveModel,
  saveTensors,
  writeModel,
} from "../policy/index.ts";
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
});
export type LoopState = z.infer<typeof LoopState>;

export interface TrainingOptions {
  readonly settings: RunSettings;
  readonly learner: LearnerOptions;
  /** Dotted names of settings that a resumed run may change. */
  readonly mayChange: readonly string[];
  readonly hooks: RunHooks;
  readonly steps: number;
}

/** One open run. */
export class Training {
  readonly session: ModelSession;
  readonly run: RunDirectory;
  readonly learner: PolicyLearner;
  readonly hooks: RunHooks;
  readonly state: LoopState = { updates: 0, position: 0, rollouts: 0, tokens: 0, allTokens: 0, seconds: 0 };
  /** Step of the last checkpoint. */
  #saved = 0;

  constructor(session: ModelSession, run: RunDirectory, learner: PolicyLearner, hooks: RunHooks) {
    this.session = session;
    this.run = run;
    this.learner = learner;
    this.hooks = hooks;
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
    const { firstMoment, secondMoment } = this.learner.state;
    await restoreWeights(checkpoint.path, this.session.model);
    await loadTensorsInto(join(checkpoint.path, "optimizer.safetensors"), { firstMoment, secondMoment });
    this.learner.state.updates = this.state.updates;
    this.#saved = checkpoint.step;
    return checkpoint.step;
  }

  /** Saves the state after `step` complete steps, if it is not saved yet. */
  async checkpoint(step: number, score: number | null): Promise<void> {
    if (step === this.#saved) return;
    this.state.updates = this.learner.version;
    await this.run.saveCheckpoint({ state: { ...this.state }, score }, (folder) => this.savePolicy(folder));
    this.#saved = step;
  }

  /** Model and optimizer, into an existing folder. */
  async savePolicy(folder: string): Promise<void> {
    const { firstMoment, secondMoment } = this.learner.state;
    await writeModel(folder, this.session.model);
    await saveTensors(join(folder, "optimizer.safetensors"), { firstMoment, secondMoment });
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
    await saveModel(join(this.run.path, "model"), this.session.model);
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
  { settings, learner: learnerOptions, mayChange, hooks, steps }: TrainingOptions,
  loop: (training: Training) => Promise<Outcome>,
): Promise<RunResult> {
  const { engine, model } = session;
  const run = openRun({
    root: settings.out,
    name: settings.name,
    resume: hooks.resume ?? false,
    config: settings,
    mayChange: [...mayChange, "out", "name"],
    seed: settings.seed,
    engine: `${engine.name}/${engine.device}`,
    packages: enginePackages(),
  });
  const learner = new PolicyLearner(engine, model.config, model.weights, learnerOptions);
  const training = new Training(session, run, learner, hooks);
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
