/** Runs that learn from preferences, `dpo` and `rm`: as sft.ts, with another loop. */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { type MetricName, type MetricValues, tableName } from "../metrics.ts";
import { frozenCopy, type LearnerOptions, PolicyLearner, SCHEDULES, withHead } from "../policy/index.ts";
import {
  centeredScale,
  dpoLoss,
  foldScale,
  hingeLoss,
  ipoLoss,
  ktoMethod,
  type Method,
  orpoLoss,
  type PreferenceStep,
  pairMethod,
  pairwiseRankingLoss,
  plackettLuceLoss,
  readSequences,
  rewardModelReport,
  rewardPairMethod,
  rewardRankingMethod,
  rewards,
  robustDpoLoss,
  rrhfMethod,
  simpoLoss,
  standardScale,
  type TokenPair,
  trainPreference,
  withNll,
} from "../preference/index.ts";
import { saveBadStep } from "./bad-step.ts";
import type { RunHooks, RunResult } from "./events.ts";
import { type ExampleSource, shuffledExamples } from "./examples.ts";
import { freshName } from "./names.ts";
import { LABELS, readTokenExamples, readTokenPairs, readTokenRankings } from "./preference-data.ts";
import { findModel, type ModelSession, openModelSession } from "./session.ts";
import { RunSettings } from "./settings.ts";
import { type Outcome, parseSettings, runTraining, type Training } from "./training.ts";

const Common = {
  steps: z.int().min(1).default(300).describe("updates"),
  batchSize: z.int().min(1).default(32).describe("pairs, examples or rankings of an update"),
  warmupSteps: z.int().min(0).default(20).describe("steps of linear warm-up"),
  schedule: z.enum(SCHEDULES).default("linear").describe("learning rate after warm-up"),
  maxGradNorm: z.number().positive().default(1).describe("gradients of a larger global norm are scaled down to it"),
  weightDecay: z.number().min(0).default(0).describe("decoupled weight decay of AdamW"),
  labels: z
    .enum(LABELS)
    .default("as-given")
    .describe(
      "several votes on a pair: as-given = a pair each; votes = their share; trust = by each annotator's accuracy",
    ),
};

export const DpoSettings = z.strictObject({
  loss: z
    .enum(["dpo", "robust-dpo", "hinge", "ipo", "simpo", "orpo", "kto", "rrhf"])
    .default("dpo")
    .describe("kto reads good and bad completions, rrhf rankings, the others pairs"),
  beta: z
    .number()
    .positive()
    .optional()
    .describe("strength of the tie to the reference; τ of ipo, λ of orpo; 0.1 if left out, 2 for simpo"),
  labelSmoothing: z.number().min(0).lt(0.5).default(0).describe("share of labels that are thought to be flipped"),
  gammaBetaRatio: z.number().min(0).default(0.25).describe("simpo's margin γ/β, in nats per token"),
  ipoPer: z.enum(["token", "sequence"]).default("token").describe("whether ipo averages log-probs over tokens"),
  nllCoef: z.number().min(0).default(0).describe("α of the chosen completions' likelihood, added to a loss of pairs"),
  desirableWeight: z.number().min(0).default(1).describe("λ_D of kto"),
  undesirableWeight: z.number().min(0).default(1).describe("λ_U of kto"),
  middleRating: z.number().default(3).describe("kto: ratings above it are good, below it bad"),
  rankWeight: z.number().min(0).default(1).describe("weight of rrhf's ranking term"),
  learningRate: z.number().positive().default(1e-4).describe("peak; 1e-4 for a million parameters, 1e-6 for billions"),
  ...Common,
});

export const RmSettings = z.strictObject({
  loss: z
    .enum(["pairs", "rankings", "plackett-luce"])
    .default("pairs")
    .describe("pairs = Bradley–Terry; rankings = all pairs of a ranking in one element of the batch"),
  labelSmoothing: z.number().min(0).lt(0.5).default(0).describe("share of labels that are thought to be flipped"),
  marginWeight: z.number().min(0).default(1).describe("weight of a pair's margin in the loss of pairs; 0 = ignore it"),
  centering: z.number().min(0).default(0).describe("weight of (r_w + r_l)², which holds scores near 0; TRL has 0.01"),
  normalize: z
    .enum(["none", "standard", "center"])
    .default("standard")
    .describe("scores of all completions after training: standard = mean 0, deviation 1; center = mean 0"),
  headScale: z.number().min(0).default(1).describe("of the fresh score head's weights, relative to 1/√(width + 1)"),
  learningRate: z.number().positive().default(3e-4).describe("peak; 3e-4 for a million parameters, 1e-5 for billions"),
  ...Common,
});

const Shared = RunSettings.omit({ task: true, minTier: true }).extend({
  model: z
    .string()
    .default("")
    .describe("the model to begin with: a folder, a run, or org/name of the Hugging Face Hub"),
  data: z.string().default("").describe("preferences: .jsonl, .json or .parquet in any layout of `rlvr prefs check`"),
  heldOut: z.string().default("").describe("comparisons that are measured on; empty = none"),
  evalEvery: z.int().min(0).default(50).describe("steps between measurements on heldOut; 0 = at the end alone"),
  checkpointEvery: z.int().min(0).default(200).describe("steps between checkpoints; 0 = only at the end"),
});

export const DpoRun = Shared.extend({ dpo: DpoSettings.prefault({}) });
export type DpoRun = z.infer<typeof DpoRun>;
export const RmRun = Shared.extend({ rm: RmSettings.prefault({}) });
export type RmRun = z.infer<typeof RmRun>;

/** Settings that a resumed run may change. The number of steps decides the schedule, so it may not. */
const MAY_CHANGE = ["checkpointEvery", "evalEvery"];

/**
 * Trains a policy directly on preferences. With `hooks.resume` it goes on with the run of that name.
 * @throws RlvrError, with the run directory left so that it can be resumed.
 */
export async function dpo(input: z.input<typeof DpoRun>, hooks: RunHooks = {}): Promise<RunResult> {
  const given = parseSettings(DpoRun, input);
  const session = await openPreferenceSession(given);
  try {
    const settings = named(given, session, given.dpo.loss);
    const { dpo: config, data } = settings;
    const { model, engine } = session;
    const learner = preferenceLearner(config, settings.engine);
    return await train(session, { settings, config, hooks, learner }, async (training) => {
      // before a checkpoint replaces the weights
      const reference = new PolicyLearner(engine, model.config, frozenCopy(model), learner);
      const score: PolicyLearner["score"] = (rows, temperature) => reference.score(rows, temperature);
      const heldOut = settings.heldOut === "" ? [] : await readTokenPairs(settings.heldOut, model, config.labels);
      const common = { training, settings, config, referenceScore: score };
      const measure = () => policyMetrics(training.learner, score, heldOut, betaOf(config));
      if (config.loss === "kto") {
        const items = await readTokenExamples(data, model, config.middleRating);
        const { desirableWeight, undesirableWeight } = config;
        const method = ktoMethod({ beta: betaOf(config), desirableWeight, undesirableWeight });
        return loop({ ...common, items, method, measure });
      }
      if (config.loss === "rrhf") {
        return loop({ ...common, items: await readTokenRankings(data, model), method: rrhfMethod(config), measure });
      }
      const items = await readTokenPairs(data, model, config.labels);
      return loop({ ...common, items, method: pairMethodOf(config), measure });
    });
  } finally {
    await session.engine.dispose();
  }
}

/** Trains a reward model: the model's trunk with a fresh score head. */
export async function rm(input: z.input<typeof RmRun>, hooks: RunHooks = {}): Promise<RunResult> {
  const given = parseSettings(RmRun, input);
  if (given.lora.rank > 0) {
    throw new RlvrError("E_CONFIG", `lora.rank is ${given.lora.rank}, but an adapter has no score head`, {
      hint: "leave lora.rank out: a reward model trains all weights",
    });
  }
  const opened = await openPreferenceSession(given);
  try {
    const { model } = opened;
    const { headScale } = given.rm;
    const headed =
      model.config.head === "score" ? model : { ...model, ...withHead(model, "score", given.seed, headScale) };
    const session = { ...opened, model: headed };
    const settings = named(given, session, "rm");
    const { rm: config, data } = settings;
    const learner = preferenceLearner(config, settings.engine);
    return await train(session, { settings, config, hooks, learner }, async (training) => {
      const heldOut = settings.heldOut === "" ? [] : await readTokenPairs(settings.heldOut, headed, config.labels);
      const common = { training, settings, config, measure: () => rewardMetrics(training.learner, heldOut) };
      if (config.loss === "pairs") {
        const pairs = await readTokenPairs(data, headed, config.labels);
        const items = pairs.map((pair) => ({ ...pair, margin: config.marginWeight * (pair.margin ?? 0) }));
        const method = rewardPairMethod(config);
        return loop({ ...common, items, method, finish: () => normalizeScores(training, config, method, items) });
      }
      const items = await readTokenRankings(data, headed);
      const method = rewardRankingMethod(config.loss === "rankings" ? pairwiseRankingLoss : plackettLuceLoss);
      return loop({ ...common, items, method, finish: () => normalizeScores(training, config, method, items) });
    });
  } finally {
    await opened.engine.dispose();
  }
}

/** @throws {RlvrError} E_CONFIG without model or data, or with dropout */
async function openPreferenceSession(given: DpoRun | RmRun): Promise<ModelSession> {
  const refuse = (message: string, hint: string): never => {
    throw new RlvrError("E_CONFIG", message, { hint });
  };
  if (given.model === "")
    refuse("model is empty, expected the model to begin with", "give --model, such as the SFT run");
  if (given.data === "") refuse("data is empty, expected preferences to learn from", "give --data with a file");
  if (given.lora.dropout > 0) {
    refuse(
      `lora.dropout is ${given.lora.dropout}, expected 0: the loss is read without`,
      "leave lora.dropout out; it is for supervised fine-tuning",
    );
  }
  return openModelSession(await findModel(given.model, null), given.engine, given, given.chat);
}

function named<Settings extends DpoRun | RmRun>(
  settings: Settings,
  { modelFolder }: ModelSession,
  what: string,
): Settings {
  const { out, seed } = settings;
  const name = settings.name === "" ? freshName(out, `${what}-seed${seed}`) : settings.name;
  return { ...settings, name, model: modelFolder };
}

interface Optimization extends z.infer<z.ZodObject<typeof Common>> {
  readonly learningRate: number;
}

export function preferenceLearner(
  { weightDecay, maxGradNorm }: Pick<Optimization, "weightDecay" | "maxGradNorm">,
  { microBatchTokens, recompute }: RunSettings["engine"],
): LearnerOptions {
  return {
    optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay, maxGradNorm },
    ...{ microBatchTokens, recompute },
  };
}

interface TrainOptions {
  readonly settings: DpoRun | RmRun;
  readonly config: Optimization;
  readonly hooks: RunHooks;
  readonly learner: LearnerOptions;
}

function train(
  session: ModelSession,
  { settings, config, hooks, learner }: TrainOptions,
  body: (training: Training) => Promise<Outcome>,
): Promise<RunResult> {
  return runTraining(
    session,
    { settings, sandbox: null, learner, mayChange: MAY_CHANGE, hooks, steps: config.steps },
    body,
  );
}

function betaOf({ loss, beta }: DpoRun["dpo"]): number {
  return beta ?? (loss === "simpo" ? 2 : 0.1);
}

function pairMethodOf(config: DpoRun["dpo"]): Method<TokenPair> {
  const { labelSmoothing, gammaBetaRatio, nllCoef } = config;
  const beta = betaOf(config);
  const losses = {
    dpo: () => dpoLoss({ beta, labelSmoothing }),
    "robust-dpo": () => robustDpoLoss({ beta, labelSmoothing }),
    hinge: () => hingeLoss({ beta }),
    ipo: () => ipoLoss({ tau: beta, per: config.ipoPer }),
    simpo: () => simpoLoss({ beta, gammaBetaRatio, labelSmoothing }),
    orpo: () => orpoLoss({ lambda: beta }),
  };
  const name = config.loss as keyof typeof losses;
  const loss = losses[name]();
  return pairMethod(nllCoef > 0 ? withNll(loss, nllCoef) : loss, name !== "simpo" && name !== "orpo");
}

interface LoopOptions<Item> {
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

async function loop<Item>(options: LoopOptions<Item>): Promise<Outcome> {
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

/** Of the rewards β·log(policy/reference), whatever the loss: so that losses can be compared. */
async function policyMetrics(
  learner: PolicyLearner,
  referenceScore: PolicyLearner["score"],
  heldOut: readonly TokenPair[],
  beta: number,
): Promise<MetricValues> {
  if (heldOut.length === 0) return {};
  const { sequences, reading } = pairMethod(dpoLoss({ beta }), true);
  const rows = sequences(heldOut);
  const [own, reference] = [
    await readSequences((given, temperature) => learner.score(given, temperature), rows, reading),
    await readSequences(referenceScore, rows, reading),
  ];
  const reward = (i: number) => beta * (own[i]! - reference[i]!);
  return evalMetrics(heldOut.map((_, i) => ({ chosen: reward(2 * i), rejected: reward(2 * i + 1) })));
}

async function rewardMetrics(learner: PolicyLearner, heldOut: readonly TokenPair[]): Promise<MetricValues> {
  if (heldOut.length === 0) return {};
  const scores = await rewards(learner, rewardPairMethod().sequences(heldOut));
  return evalMetrics(heldOut.map((_, i) => ({ chosen: scores[2 * i]!, rejected: scores[2 * i + 1]! })));
}

function evalMetrics(pairs: readonly { readonly chosen: number; readonly rejected: number }[]): MetricValues {
  const { accuracy, loss, ece, margin } = rewardModelReport(pairs);
  return {
    "eval/preference_accuracy": accuracy,
    "eval/preference_loss": loss,
    "eval/preference_ece": ece,
    "eval/preference_margin": margin,
  };
}

/** On all completions of the data, which stand for what a policy writes. */
async function normalizeScores<Item>(
  training: Training,
  { normalize }: RmRun["rm"],
  { sequences }: Method<Item>,
  items: readonly Item[],
): Promise<void> {
  if (normalize === "none") return;
  const scores = await rewards(training.learner, sequences(items));
  foldScale(training.session.model.weights, normalize === "standard" ? standardScale(scores) : centeredScale(scores));
}
