/**
 * Rewards for the steps of completions while a policy is trained: who scores the steps, and what a policy earns for them.
 * Any algorithm may ask for them; the credits are those of GRPO.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import {
  type Credit,
  noBaseline,
  perStep,
  perStepReturn,
  perValueDifference,
  type ScoredSteps,
  type StepCredit,
  siblings,
  suffixMin,
  suffixSum,
} from "../grpo/index.ts";
import type { MetricValues } from "../metrics.ts";
import { clipped, deltas, drops, prefixOf, rawScores, type StepShaping, softMinimum } from "../prm/index.ts";
import type { Group, Judged } from "../rollout/index.ts";
import { Completer } from "./completer.ts";
import type { TaskRow } from "./evaluate.ts";
import { openPrm } from "./prm-model.ts";
import type { Session } from "./session.ts";
import type { EngineSettings } from "./settings.ts";
import { createStepper, type JudgedSpans, type Stepper, StepSettings } from "./steps.ts";

export const ProcessSettings = z.strictObject({
  prm: z.string().default("").describe("a run of `rlvr prm train`, or its model folder, that scores the steps"),
  stepVerifier: z.boolean().default(false).describe("the task says which steps are right: 1 and 0 are the scores"),
  rollouts: z
    .int()
    .min(0)
    .default(0)
    .describe("fresh completions from the start of each step, whose successes are its value (VinePPO); 9 in the paper"),
  credit: z
    .enum(["drop", "min", "pure", "clip", "delta", "process"])
    .default("drop")
    .describe(
      "what scores earn: drop = how much a step lowers the worst so far, min = the worst to come, pure = PURE's soft " +
        "minimum, clip and delta = those of 2410.15115, process = DeepSeekMath's sum, step scores alone",
    ),
  outcomeWeight: z
    .number()
    .min(0)
    .default(1)
    .describe("weight of the verifier's reward beside the steps'; not for process"),
  clipEta: z.number().min(0).max(1).default(0.5).describe("η of clip: steps that score above it earn nothing"),
  minTemperature: z.number().positive().default(0.1).describe("T of pure: smaller is closer to the minimum"),
  steps: StepSettings.prefault({}),
});
export type ProcessSettings = z.infer<typeof ProcessSettings>;

const summed =
  (shaping: StepShaping): StepCredit =>
  (scores) =>
    suffixSum(shaping(scores));

const CREDITS = {
  drop: ({ outcomeWeight }) => perStepReturn({ credit: drops, baseline: noBaseline, outcomeWeight }),
  min: ({ outcomeWeight }) => perStepReturn({ credit: suffixMin, baseline: siblings, outcomeWeight }),
  pure: ({ outcomeWeight, minTemperature }) =>
    perStepReturn({ credit: summed(softMinimum(minTemperature)), baseline: siblings, outcomeWeight }),
  clip: ({ outcomeWeight, clipEta }) =>
    perStepReturn({ credit: summed(clipped(clipEta)), baseline: siblings, outcomeWeight }),
  delta: ({ outcomeWeight }) => perStepReturn({ credit: summed(deltas), baseline: siblings, outcomeWeight }),
  process: () => perStep(),
} satisfies Record<ProcessSettings["credit"], (settings: ProcessSettings) => Credit>;

/** What the tokens of a step get for its score. */
export function processCredit(settings: ProcessSettings): Credit {
  return settings.rollouts > 0 ? perValueDifference() : CREDITS[settings.credit](settings);
}

/** Differences of the worst to come: their sum from a step on is that step's credit. */
const lowestDifferences: StepShaping = (scores) => {
  const lowest = suffixMin(scores);
  return lowest.map((value, k) => value - (lowest[k + 1] ?? 0));
};

const SHAPINGS = {
  drop: () => drops,
  min: () => lowestDifferences,
  pure: ({ minTemperature }) => softMinimum(minTemperature),
  clip: ({ clipEta }) => clipped(clipEta),
  delta: () => deltas,
  process: () => rawScores,
} satisfies Record<ProcessSettings["credit"], (settings: ProcessSettings) => StepShaping>;

/** The same credits as rewards of steps, for an algorithm that sums them up itself: PPO. */
export function processShaping(settings: ProcessSettings): StepShaping {
  return SHAPINGS[settings.credit](settings);
}

/** Whether the settings ask for rewards of steps. @throws {RlvrError} E_CONFIG if they name several sources */
export function asksForSteps({ prm, stepVerifier, rollouts }: ProcessSettings): boolean {
  const named = [prm !== "" && "prm", stepVerifier && "stepVerifier", rollouts > 0 && "rollouts"].filter(Boolean);
  if (named.length < 2) return named.length === 1;
  throw new RlvrError("E_CONFIG", `process has ${named.join(" and ")}, expected one that scores the steps`, {
    hint: "leave the others out",
  });
}

export interface StepRewardsOptions {
  readonly process: ProcessSettings;
  readonly engine: EngineSettings;
  /** Of fresh completions. */
  readonly sampling: { readonly temperature: number; readonly maxTokens: number; readonly seed: number };
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ProcessRewards {
  /** By trajectory id; for those that were graded and hold a token. */
  readonly steps: ReadonlyMap<string, ScoredSteps>;
  readonly metrics: MetricValues;
}

/** Scores the steps of the groups that one training step has sampled. */
export type StepRewards = (groups: readonly Group[], step: number) => Promise<ProcessRewards>;

/** A completion that can be scored. */
interface Written {
  readonly trajectory: Judged;
  readonly row: TaskRow;
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
  readonly spans: JudgedSpans;
}

type Scorer = (written: readonly Written[], step: number) => Promise<number[][]>;

/** What the settings name. @throws {RlvrError} E_CONFIG, E_CHECKPOINT, E_TOKENIZER where it cannot be had */
export async function openStepRewards(session: Session, options: StepRewardsOptions): Promise<StepRewards> {
  const { stepper, score } = await openScorer(session, options);
  return async (groups, step) => {
    const found = groups.flatMap((group) =>
      group.trajectories.map((trajectory) => writtenOf(trajectory, group, stepper)),
    );
    const written = (await Promise.all(found)).filter((one) => one !== null);
    const scores = await score(written, step);
    const steps = new Map(
      written.map(({ trajectory, spans }, i) => [trajectory.id, { rewards: scores[i]!, ends: spans.ends }]),
    );
    const all = scores.flat();
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
    const metrics = { "process/mean_steps": mean(scores.map(({ length }) => length)), "process/mean_score": mean(all) };
    return { steps, metrics };
  };
}

async function openScorer(
  session: Session,
  { process, engine, sampling, timeoutMs, signal }: StepRewardsOptions,
): Promise<{ stepper: Stepper; score: Scorer }> {
  const { task, model } = session;
  if (process.prm !== "") {
    const prm = await openPrm(process.prm, { engine: session.engine, policy: model, settings: engine });
    const rule = process.steps.rule === "auto" ? prm.steps : process.steps;
    const stepper = createStepper(task, model.tokenizer, rule);
    const score: Scorer = (written) =>
      prm.score(
        written.map(({ trajectory: { id }, prompt, completion, spans: { ends } }) => ({
          id,
          prompt,
          completion,
          ends,
        })),
      );
    return { stepper, score };
  }
  const stepper = createStepper(task, model.tokenizer, process.steps);
  if (process.stepVerifier) {
    if (!stepper.judges) {
      throw new RlvrError(
        "E_CONFIG",
        `process.stepVerifier is true, but ${JSON.stringify(task.name)} judges no steps`,
        {
          hint: "give the task a function steps, or train a reward model: rlvr prm",
        },
      );
    }
    // a step that the task cannot judge is not held against the policy
    return {
      stepper,
      score: async (written) => written.map(({ spans }) => spans.right.map((right) => (right === false ? 0 : 1))),
    };
  }
  const score: Scorer = async (written, step) => {
    const completer = new Completer(session, { ...sampling, step, timeoutMs, ...(signal ? { signal } : {}) });
    return Promise.all(written.map((one) => startValues(one, completer, process.rollouts)));
  };
  return { stepper, score };
}

/** The share of successes from the start of each step. What cannot be judged counts as no completion. [S] */
async function startValues(
  { trajectory, row, prompt, completion, spans }: Written,
  completer: Completer,
  rollouts: number,
): Promise<number[]> {
  const tools = completer.toolsFor(row, prompt);
  const solution = { id: trajectory.id, prompt, completion, ends: spans.ends, correct: null };
  const starts = spans.ends.map((_, k) =>
    k === 0 ? { id: `${trajectory.id}#start`, tokens: prompt } : prefixOf(solution, k - 1),
  );
  return Promise.all(
    starts.map(async (prefix) => {
      const completions = await tools.completeFrom(prefix, rollouts, 0);
      const verdicts = await Promise.all(completions.map(({ text }) => tools.judge(text)));
      const judged = verdicts.filter((right) => right !== null);
      return judged.filter(Boolean).length / Math.max(1, judged.length);
    }),
  );
}

async function writtenOf(trajectory: Judged, { row }: Group, stepper: Stepper): Promise<Written | null> {
  const { tokens, completionMask, reward } = trajectory;
  const completion = tokens.filter((_, t) => completionMask[t] === 1);
  if (reward === null || completion.length === 0) return null;
  const prompt = tokens.slice(0, completionMask.indexOf(1));
  const spans = await stepper.split(completion, row as TaskRow);
  return { trajectory, row: row as TaskRow, prompt, completion, spans };
}
