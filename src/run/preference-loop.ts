/** The loop of a run that learns from preferences: what is measured, logged and saved around trainPreference. */
import { RlvrError } from "../errors.ts";
import { type MetricName, type MetricValues, tableName } from "../metrics.ts";
import type { PolicyLearner } from "../policy/index.ts";
import { type Method, type PreferenceStep, trainPreference } from "../preference/index.ts";
import { saveBadStep } from "./bad-step.ts";
import { type ExampleSource, shuffledExamples } from "./examples.ts";
import type { DpoRun, Optimization, RmRun } from "./preference-settings.ts";
import type { Outcome, Training } from "./training.ts";

export interface LoopOptions<Item> {
  readonly training: Training;
  readonly settings: DpoRun | RmRun;
  readonly config: Optimization;
  readonly items: readonly Item[];
  readonly method: Method<Item>;
  readonly referenceScore?: PolicyLearner["score"];
  readonly measure: () => Promise<MetricValues>;
  /** Before the final model is saved. */
  readonly finish?: () => Promise<void>;
}

/** Runs the loop to its end, or to an interruption. */
export async function runPreferenceLoop<Item>(options: LoopOptions<Item>): Promise<Outcome> {
  const { training, settings, config, items, method, referenceScore, measure } = options;
  const { seed } = settings;
  const { signal } = training.hooks;
  if (!training.run.resumed) training.run.recordStep(0, await measure(), []);
  const fromStep = await training.restore();
  const source = shuffledExamples(items, seed, training.state.position);
  let started = performance.now();
  const { stepsDone } = await trainPreference({
    ...{ ...config, learner: training.learner, method, fromStep },
    ...(referenceScore ? { referenceScore } : {}),
    ...(signal ? { signal } : {}),
    batch: () => source.take(config.batchSize),
    onBadStep: async ({ step, learningRate, rows, report }) => {
      const place = { part: "policy" as const, step: step + 1, epoch: 0, minibatch: 0 };
      const batch = { ...place, updates: training.learner.version, learningRate, temperature: 1, rows, report };
      const folder = await saveBadStep(training.run.path, batch, (path) => training.savePart("policy", path));
      training.emit({ kind: "bad-step", step: step + 1, rows: report.badRows, folder });
    },
    onStep: async (step) => {
      await finishStep(options, source, step, (performance.now() - started) / 1000);
      started = performance.now();
    },
  });
  if (stepsDone < config.steps) {
    await training.checkpoint(stepsDone, null);
    return { finished: false, summary: null, examples: [] };
  }
  await options.finish?.();
  return training.finish(stepsDone, seed, null);
}

async function finishStep<Item>(
  { training, settings, config, measure }: LoopOptions<Item>,
  source: ExampleSource<Item>,
  report: PreferenceStep,
  stepSeconds: number,
): Promise<void> {
  const { state } = training;
  state.position = source.position;
  state.tokens += report.tokens;
  state.allTokens += report.allTokens;
  state.seconds += stepSeconds;
  const done = report.step + 1;
  const isLast = done === config.steps;
  const isDue = isLast || (settings.evalEvery > 0 && done % settings.evalEvery === 0);
  const measured = isDue ? await measure() : {};
  const values: MetricValues = {
    loss: report.loss,
    ...listed(report.metrics),
    grad_norm: report.gradNorm,
    learning_rate: report.learningRate,
    "update/count": training.learner.version,
    "update/skipped": report.applied ? 0 : 1,
    "update/tokens": report.tokens,
    num_tokens: state.allTokens,
    ...measured,
    step_time: stepSeconds,
    "timing/update": stepSeconds,
    "perf/train_tokens_per_second": report.allTokens / stepSeconds,
    ...training.machineMetrics(),
  };
  training.run.recordStep(done, values, []);
  training.emit({ kind: "step", step: done, metrics: values });
  const checkpointDue = settings.checkpointEvery > 0 && done % settings.checkpointEvery === 0;
  if (checkpointDue || isLast || training.aborted) {
    await training.checkpoint(done, measured["eval/preference_accuracy"] ?? null);
  }
}

/** What a loss reports, as metrics of the table. */
function listed(metrics: Readonly<Record<string, number>>): MetricValues {
  const entries = Object.entries(metrics).map(([name, value]): [MetricName, number] => {
    if (tableName(name) === undefined) throw new RlvrError("E_RUN", `the loss reports ${name}, which is no metric`);
    return [name as MetricName, value];
  });
  return Object.fromEntries(entries);
}
