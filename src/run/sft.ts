/** One run of supervised fine-tuning, with what it leaves behind in its run directory: as grpo.ts, with another loop. */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MetricValues } from "../metrics.ts";
import { type Example, type LearnerOptions, meanNll, SCHEDULES, type SftStep, trainSft } from "../policy/index.ts";
import { loadTask, sandboxTier, type Task } from "../rollout/index.ts";
import { saveBadStep } from "./bad-step.ts";
import { evaluate, isCorrect, meanLength } from "./evaluate.ts";
import type { RunHooks, RunResult } from "./events.ts";
import { type ExampleSource, heldOutSolutions, readExamples, shuffledExamples, solutionExamples } from "./examples.ts";
import { freshName } from "./names.ts";
import { findModel, type ModelSession, openModelSession, type Session } from "./session.ts";
import { EvalSettings, RunSettings } from "./settings.ts";
import { type Outcome, parseSettings, runTraining, type Training } from "./training.ts";

const SftSettings = z.strictObject({
  steps: z.int().min(1).default(1000).describe("updates"),
  batchSize: z.int().min(1).default(64).describe("examples of an update"),
  learningRate: z.number().positive().default(1e-3).describe("peak; 1e-3 for a million parameters, 1e-5 for billions"),
  warmupSteps: z.int().min(0).default(50).describe("steps of linear warm-up"),
  schedule: z.enum(SCHEDULES).default("cosine").describe("learning rate after warm-up"),
  maxGradNorm: z.number().positive().default(1).describe("gradients of a larger global norm are scaled down to it"),
  weightDecay: z.number().min(0).default(0.01).describe("decoupled weight decay of AdamW"),
  beta2: z.number().min(0).max(1).default(0.98).describe("memory of AdamW's second moment"),
});

export const SftRun = RunSettings.extend({
  task: z.string().default("").describe("what is measured, and imitated unless `data` is given; empty = none"),
  data: z.string().default("").describe('JSON lines {"prompt", "completion"}; empty = solutions of the task'),
  heldOut: z
    .string()
    .default("")
    .describe("the same for the held-out loss; empty = solutions of the task's eval split"),
  temperature: z.number().positive().default(1).describe("of the samples before and after"),
  sft: SftSettings.prefault({}),
  eval: EvalSettings.prefault({ every: 100 }),
  checkpointEvery: z.int().min(0).default(200).describe("steps between checkpoints; 0 = only at the end"),
});
export type SftRun = z.infer<typeof SftRun>;

/** Settings that a resumed run may change. The number of steps decides the schedule, so it may not. */
const MAY_CHANGE = ["checkpointEvery", "eval.every"];

/**
 * Fine-tunes as the settings say. With `hooks.resume` it goes on with the run of that name.
 * @throws RlvrError, with the run directory left so that it can be resumed.
 */
export async function sft(input: z.input<typeof SftRun>, hooks: RunHooks = {}): Promise<RunResult> {
  const given = parseSettings(SftRun, input);
  const task = hooks.task ?? (given.task === "" ? null : await loadTask(given.task));
  if (task === null && given.data === "") {
    throw new RlvrError("E_CONFIG", "neither task nor data is given, expected something to imitate", {
      hint: "give --task, or --data with a file of prompts and completions",
    });
  }
  const sandbox = task && (await sandboxTier(task, given.minTier));
  const session = await openModelSession(
    await findModel(given.model, task?.name ?? null),
    given.engine,
    given,
    given.chat,
  );
  try {
    const settings = resolveSft(given, task, session.modelFolder);
    return await runTraining(
      session,
      { settings, sandbox, learner: sftLearner(settings), mayChange: MAY_CHANGE, hooks, steps: settings.sft.steps },
      (training) => new SftLoop(training, session.model, task && { ...session, task, sandbox }, settings).run(),
    );
  } finally {
    await session.engine.dispose();
  }
}

export function resolveSft(settings: SftRun, task: Task | null, modelFolder: string): SftRun {
  const { out, seed } = settings;
  const name = settings.name === "" ? freshName(out, `${task?.name ?? "data"}-sft-seed${seed}`) : settings.name;
  return { ...settings, name, model: modelFolder };
}

export function sftLearner({ sft: { weightDecay, maxGradNorm, beta2 }, engine }: SftRun): LearnerOptions {
  return {
    optimizer: { beta1: 0.9, beta2, eps: 1e-8, weightDecay, maxGradNorm },
    microBatchTokens: engine.microBatchTokens,
    recompute: engine.recompute,
  };
}

class SftLoop {
  readonly #training: Training;
  readonly #settings: SftRun;
  readonly #model: ModelSession["model"];
  /** What can be measured; null without a task. */
  readonly #session: Session | null;
  #heldOut: readonly Example[] = [];

  constructor(training: Training, model: ModelSession["model"], session: Session | null, settings: SftRun) {
    this.#training = training;
    this.#settings = settings;
    this.#model = model;
    this.#session = session;
  }

  async run(): Promise<Outcome> {
    const training = this.#training;
    const { sft: config, seed } = this.#settings;
    this.#heldOut = await this.#readHeldOut();
    const source = await this.#source(training.run.resumed?.state);
    const before = this.#session && (await training.before(this.#session, this.#evaluation(this.#session)));
    const fromStep = await training.restore();
    const { signal } = training.hooks;
    let started = performance.now();
    const { stepsDone } = await trainSft({
      ...config,
      learner: training.learner,
      fromStep,
      batch: () => source.take(config.batchSize),
      ...(signal ? { signal } : {}),
      onBadStep: async ({ step, learningRate, rows, report }) => {
        const updates = training.learner.version;
        const batch = {
          part: "policy" as const,
          step: step + 1,
          epoch: 0,
          minibatch: 0,
          updates,
          learningRate,
          temperature: 1,
          rows,
          report,
        };
        const folder = await saveBadStep(training.run.path, batch, (path) => training.savePart("policy", path));
        training.emit({ kind: "bad-step", step: step + 1, rows: report.badRows, folder });
      },
      onStep: async (report) => {
        training.state.position = source.position;
        await this.#finishStep(report, (performance.now() - started) / 1000);
        started = performance.now();
      },
    }).finally(() => source.close());
    if (stepsDone < config.steps) {
      await training.checkpoint(stepsDone, null);
      return { finished: false, summary: null, examples: [] };
    }
    if (!this.#session || !before) return training.finish(stepsDone, seed, null);
    const after = await training.measure(this.#session, this.#evaluation(this.#session));
    return training.finish(stepsDone, seed, { before, after });
  }

  async #source(resumed: unknown): Promise<ExampleSource> {
    const { data, seed } = this.#settings;
    const start = resumed === undefined ? 0 : z.object({ position: z.int() }).parse(resumed).position;
    if (data !== "") return shuffledExamples(await readExamples(data, this.#model), seed, start);
    return solutionExamples((this.#session as Session).task, this.#model, seed, start);
  }

  async #readHeldOut(): Promise<Example[]> {
    const { heldOut, eval: measured, seed } = this.#settings;
    if (heldOut !== "") return readExamples(heldOut, this.#model);
    const task = this.#session?.task;
    return task?.solution ? heldOutSolutions(task, this.#model, seed, measured.quickProblems) : [];
  }

  #evaluation({ task }: Session) {
    const { eval: settings, temperature, seed } = this.#settings;
    return { problems: settings.problems, samples: settings.samples, temperature, maxTokens: task.maxTokens, seed };
  }

  async #quickMeasure(): Promise<MetricValues> {
    const started = performance.now();
    const values: Record<string, number> = {};
    if (this.#heldOut.length > 0) values["eval/loss"] = await meanNll(this.#training.learner, this.#heldOut);
    if (this.#session) {
      const quick = { problems: this.#settings.eval.quickProblems, samples: 1, greedy: true };
      const problems = await evaluate(this.#session, { ...this.#evaluation(this.#session), ...quick });
      const right = problems.filter(({ greedy }) => greedy && isCorrect(greedy)).length;
      values["eval/greedy"] = right / problems.length;
      values["eval/pass1"] =
        problems.filter(({ samples }) => samples[0] && isCorrect(samples[0])).length / problems.length;
      values["eval/mean_length"] = meanLength(problems);
    }
    return { ...values, "timing/eval": (performance.now() - started) / 1000 };
  }

  async #finishStep(report: SftStep, stepSeconds: number): Promise<void> {
    const training = this.#training;
    const { eval: measured, sft: config, checkpointEvery } = this.#settings;
    const { state } = training;
    state.tokens += report.tokens;
    state.allTokens += report.allTokens;
    state.seconds += stepSeconds;
    const done = report.step + 1;
    const isDue = measured.every > 0 && (done % measured.every === 0 || done === config.steps);
    const quick = isDue ? await this.#quickMeasure() : {};
    const values: MetricValues = {
      loss: report.loss,
      entropy: report.entropy,
      grad_norm: report.gradNorm,
      learning_rate: report.learningRate,
      "update/count": training.learner.version,
      "update/skipped": report.applied ? 0 : 1,
      "update/tokens": report.tokens,
      num_tokens: state.allTokens,
      ...quick,
      step_time: stepSeconds,
      "timing/update": stepSeconds,
      "perf/tokens_per_second": report.tokens / stepSeconds,
      "perf/train_tokens_per_second": report.allTokens / stepSeconds,
      ...training.machineMetrics(),
    };
    training.run.recordStep(done, values, []);
    training.emit({ kind: "step", step: done, metrics: values });
    const checkpointDue = checkpointEvery > 0 && done % checkpointEvery === 0;
    if (checkpointDue || done === config.steps || training.aborted) {
      await training.checkpoint(done, quick["eval/greedy"] ?? null);
    }
  }
}
