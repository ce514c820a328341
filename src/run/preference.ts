/** Runs that learn from preferences, `dpo` and `rm`: as sft.ts, with another loop. */
import type { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MetricValues } from "../metrics.ts";
import { frozenCopy, type LearnerOptions, PolicyLearner, withHead } from "../policy/index.ts";
import {
  centeredScale,
  dpoLoss,
  foldScale,
  hingeLoss,
  ipoLoss,
  ktoMethod,
  type Method,
  orpoLoss,
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
  withNll,
} from "../preference/index.ts";
import type { RunHooks, RunResult } from "./events.ts";
import { freshName } from "./names.ts";
import { readTokenExamples, readTokenPairs, readTokenRankings } from "./preference-data.ts";
import { runPreferenceLoop } from "./preference-loop.ts";
import { DpoRun, type Optimization, RmRun } from "./preference-settings.ts";
import { findModel, type ModelSession, openModelSession } from "./session.ts";
import type { RunSettings } from "./settings.ts";
import { type Outcome, parseSettings, runTraining, type Training } from "./training.ts";

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
        return runPreferenceLoop({ ...common, items, method, measure });
      }
      if (config.loss === "rrhf") {
        return runPreferenceLoop({
          ...common,
          items: await readTokenRankings(data, model),
          method: rrhfMethod(config),
          measure,
        });
      }
      const items = await readTokenPairs(data, model, config.labels);
      return runPreferenceLoop({ ...common, items, method: pairMethodOf(config), measure });
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
        return runPreferenceLoop({
          ...common,
          items,
          method,
          finish: () => normalizeScores(training, config, method, items),
        });
      }
      const items = await readTokenRankings(data, headed);
      const method = rewardRankingMethod(config.loss === "rankings" ? pairwiseRankingLoss : plackettLuceLoss);
      return runPreferenceLoop({
        ...common,
        items,
        method,
        finish: () => normalizeScores(training, config, method, items),
      });
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
