/** One training run of a process reward model: labeled solutions in, a model with a score head out. */
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MetricValues } from "../metrics.ts";
import { type LearnerOptions, type Model, SCHEDULES, withHead } from "../policy/index.ts";
import {
  auc,
  encodeLabeled,
  LABEL_FORMATS,
  type LabeledSolution,
  type LabelFormat,
  lastLabelOnly,
  type PrmStep,
  parseLabelLine,
  type ScoredStep,
  scoreSteps,
  trainPrm,
} from "../prm/index.ts";
import { loadTask, type Task } from "../rollout/index.ts";
import { readLines } from "../rollout/lines.ts";
import { saveBadStep } from "./bad-step.ts";
import type { RunHooks, RunResult } from "./events.ts";
import { shuffledExamples } from "./examples.ts";
import { freshName } from "./names.ts";
import { readPrmFile, writePrmFile } from "./prm-model.ts";
import { findModel, openModelSession } from "./session.ts";
import { RunSettings } from "./settings.ts";
import { createStepper, StepSettings } from "./steps.ts";
import { type Outcome, parseSettings, runTraining, type Training } from "./training.ts";

const PrmSettings = z.strictObject({
  steps: z.int().min(1).default(300).describe("updates"),
  batchSize: z.int().min(1).default(64).describe("solutions of an update"),
  learningRate: z.number().positive().default(3e-4).describe("peak; 3e-4 for a million parameters, 1e-5 for billions"),
  warmupSteps: z.int().min(0).default(20).describe("steps of linear warm-up"),
  schedule: z.enum(SCHEDULES).default("linear").describe("learning rate after warm-up"),
  maxGradNorm: z.number().positive().default(1).describe("gradients of a larger global norm are scaled down to it"),
  weightDecay: z.number().min(0).default(0.01).describe("decoupled weight decay of AdamW"),
  lastStepOnly: z
    .boolean()
    .default(false)
    .describe("learn the last label of each solution alone, its outcome: an outcome reward model"),
  evalEvery: z.int().min(0).default(50).describe("steps between measurements on held-out labels; 0 = never"),
});

export const PrmTrainRun = RunSettings.omit({ lora: true, chat: true, minTier: true }).extend({
  data: z.string().default("").describe("labeled solutions, JSON lines such as rlvr prm label writes"),
  heldOut: z.string().default("").describe("the same, to measure on while it trains; empty = none"),
  format: z
    .enum(Object.keys(LABEL_FORMATS) as [LabelFormat])
    .default("stepwise")
    .describe("layout of both files: TRL's stepwise, Math-Shepherd's, PRM800K's"),
  split: StepSettings.prefault({}),
  prm: PrmSettings.prefault({}),
  checkpointEvery: z.int().min(0).default(100).describe("steps between checkpoints; 0 = only at the end"),
});
export type PrmTrainRun = z.infer<typeof PrmTrainRun>;

/** Settings that a resumed run may change. The number of steps decides the schedule, so it may not. */
const MAY_CHANGE = ["checkpointEvery", "prm.evalEvery"];

/**
 * Trains as the settings say. With `hooks.resume` it goes on with the run of that name. The model folder it leaves is what
 * --prm and --process.prm take.
 * @throws RlvrError, with the run directory left so that it can be resumed.
 */
export async function prmTrain(input: z.input<typeof PrmTrainRun>, hooks: RunHooks = {}): Promise<RunResult> {
  const given = parseSettings(PrmTrainRun, input);
  if (given.data === "") {
    throw new RlvrError("E_CONFIG", "data is empty, expected a file of labeled solutions", {
      hint: "make one: rlvr prm label",
    });
  }
  const task = hooks.task ?? (given.task === "" ? null : await loadTask(given.task));
  const folder = await findModel(given.model, task?.name ?? null);
  const session = await openModelSession(folder, given.engine);
  try {
    const model = scoreModel(session.model, folder, given.seed);
    const settings = resolvePrmTrain(given, task, folder);
    const result = await runTraining(
      { ...session, model },
      {
        settings,
        sandbox: null,
        learner: prmLearner(settings),
        mayChange: MAY_CHANGE,
        hooks,
        steps: settings.prm.steps,
      },
      (training) => new PrmLoop(training, model, settings).run(),
    );
    if (result.finished) await markAsPrm(join(result.path, "model"), task, model, settings);
    return result;
  } finally {
    await session.engine.dispose();
  }
}

export function resolvePrmTrain(settings: PrmTrainRun, task: Task | null, modelFolder: string) {
  const { out, seed } = settings;
  const kind = settings.prm.lastStepOnly ? "orm" : "prm";
  const name = settings.name === "" ? freshName(out, `${task?.name ?? "data"}-${kind}-seed${seed}`) : settings.name;
  return { ...settings, name, model: modelFolder };
}

function scoreModel(model: Model, folder: string, seed: number): Model {
  if (model.weights.adapter) {
    throw new RlvrError("E_CONFIG", `${folder} is an adapter, expected a whole model under the score head`, {
      hint: "merge the adapter into its base first",
    });
  }
  return model.config.head === "score" ? model : { ...model, ...withHead(model, "score", seed) };
}

function prmLearner({ prm: { weightDecay, maxGradNorm }, engine }: PrmTrainRun): LearnerOptions {
  return {
    optimizer: { beta1: 0.9, beta2: 0.98, eps: 1e-8, weightDecay, maxGradNorm },
    microBatchTokens: engine.microBatchTokens,
    recompute: engine.recompute,
  };
}

async function markAsPrm(
  folder: string,
  task: Task | null,
  { tokenizer }: Model,
  { split }: PrmTrainRun,
): Promise<void> {
  const { settings: steps } = createStepper(task ?? { name: "none" }, tokenizer, split);
  await writePrmFile(folder, { steps, threshold: null });
  await readPrmFile(folder); // what is written can be read
}

/**
 * The solutions of a file that have a label; with the last label alone if `lastStepOnly`.
 * @throws {RlvrError} E_TASK_DATA that names file and line, also where a solution is longer than the model can read
 */
export async function readLabeled(
  path: string,
  format: LabelFormat,
  { tokenizer, config }: Model,
  lastStepOnly = false,
): Promise<LabeledSolution[]> {
  const solutions: LabeledSolution[] = [];
  for await (const { text, number } of readLines(path)) {
    if (text.trim() === "") continue;
    const where = `${path}:${number}`;
    const labeled = parseLabelLine(text, format, where);
    if (labeled === null) continue;
    const solution = encodeLabeled(where, labeled, tokenizer);
    const length = solution.prompt.length + solution.completion.length;
    if (length > config.maxPositions || solution.prompt.length === 0) {
      throw new RlvrError(
        "E_TASK_DATA",
        `${where} has ${length} tokens, expected a prompt and at most ${config.maxPositions}`,
      );
    }
    solutions.push(solution);
  }
  const wanted = lastStepOnly ? lastLabelOnly(solutions) : solutions;
  const known = wanted.filter(({ labels }) => labels.some((label) => label !== null));
  if (known.length > 0) return known;
  throw new RlvrError("E_TASK_DATA", `${path} has no labeled step, expected at least one`);
}

class PrmLoop {
  readonly #training: Training;
  readonly #model: Model;
  readonly #settings: PrmTrainRun;
  #heldOut: readonly LabeledSolution[] = [];

  constructor(training: Training, model: Model, settings: PrmTrainRun) {
    this.#training = training;
    this.#model = model;
    this.#settings = settings;
  }

  async run(): Promise<Outcome> {
    const training = this.#training;
    const { prm: config, data, heldOut, format, seed } = this.#settings;
    const read = (path: string) => readLabeled(path, format, this.#model, config.lastStepOnly);
    const solutions = await read(data);
    if (heldOut !== "") this.#heldOut = await read(heldOut);
    const fromStep = await training.restore();
    const source = shuffledExamples(solutions, seed, training.state.position);
    const { signal } = training.hooks;
    let started = performance.now();
    const { stepsDone } = await trainPrm({
      ...config,
      learner: training.learner,
      fromStep,
      batch: () => source.take(config.batchSize),
      ...(signal ? { signal } : {}),
      onBadStep: async ({ step, learningRate, rows, report }) => {
        const updates = training.learner.version;
        const bad = { part: "policy" as const, step: step + 1, epoch: 0, minibatch: 0, updates, learningRate };
        const save = (path: string) => training.savePart("policy", path);
        const folder = await saveBadStep(training.run.path, { ...bad, temperature: 1, rows, report }, save);
        training.emit({ kind: "bad-step", step: step + 1, rows: report.badRows, folder });
      },
      onStep: async (report) => {
        training.state.position = source.position;
        await this.#finishStep(report, (performance.now() - started) / 1000);
        started = performance.now();
      },
    });
    if (stepsDone < config.steps) {
      await training.checkpoint(stepsDone, null);
      return { finished: false, summary: null, examples: [] };
    }
    return training.finish(stepsDone, seed, null);
  }

  async #measure(): Promise<MetricValues> {
    const { learner } = this.#training;
    const scores = await scoreSteps((rows, temperature) => learner.score(rows, temperature), this.#heldOut);
    const steps = this.#heldOut.flatMap(({ labels }, b): ScoredStep[] =>
      labels.flatMap((label, k) => (label === null ? [] : [{ score: scores[b]![k]!, right: label >= 0.5 }])),
    );
    const accuracy = steps.filter(({ score, right }) => score > 0.5 === right).length / steps.length;
    return { "eval/prm_accuracy": accuracy, "eval/prm_auc": auc(steps) };
  }

  async #finishStep(report: PrmStep, stepSeconds: number): Promise<void> {
    const training = this.#training;
    const { prm: config, checkpointEvery } = this.#settings;
    const { state } = training;
    state.allTokens += report.tokens;
    state.seconds += stepSeconds;
    const done = report.step + 1;
    const isDue = config.evalEvery > 0 && (done % config.evalEvery === 0 || done === config.steps);
    const values: MetricValues = {
      loss: report.loss,
      "prm/accuracy": report.accuracy,
      "prm/labels": report.labels,
      grad_norm: report.gradNorm,
      learning_rate: report.learningRate,
      "update/count": training.learner.version,
      "update/skipped": report.applied ? 0 : 1,
      num_tokens: state.allTokens,
      ...(isDue && this.#heldOut.length > 0 ? await this.#measure() : {}),
      step_time: stepSeconds,
      "timing/update": stepSeconds,
      "perf/train_tokens_per_second": report.tokens / stepSeconds,
      ...training.machineMetrics(),
    };
    training.run.recordStep(done, values, []);
    training.emit({ kind: "step", step: done, metrics: values });
    const due = checkpointEvery > 0 && done % checkpointEvery === 0;
    if (due || done === config.steps || training.aborted) await training.checkpoint(done, null);
  }
}
