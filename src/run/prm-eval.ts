/**
 * Measures a process reward model on solutions of held-out problems whose true step labels the task knows: does it find the
 * first wrong step, does it tell right from wrong, are its probabilities true, and is it any good at choosing solutions.
 */
import { writeFileSync } from "node:fs";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import {
  auc,
  type CalibrationBin,
  calibration,
  calibrationSvg,
  chooseThreshold,
  classifySteps,
  type FirstErrorCase,
  type FirstErrorResult,
  firstErrorF1,
  SOLUTION_SCORES,
  type SolutionScoreName,
  type StepClassification,
} from "../prm/index.ts";
import { Rng } from "../rng.ts";
import type { Task } from "../rollout/index.ts";
import { shareInterval } from "../rollout/intervals.ts";
import type { Estimate } from "./eval.ts";
import { type EvaluatedProblem, evaluate, problemResults } from "./evaluate.ts";
import { majorityAtK } from "./majority.ts";
import { openPrm } from "./prm-model.ts";
import { bestAtK, candidates, scoreSamples, voteAtK } from "./select.ts";
import { openSession } from "./session.ts";
import { RunSettings } from "./settings.ts";
import { mean, passAtK } from "./statistics.ts";
import { createStepper, type JudgedSpans } from "./steps.ts";
import { parseSettings } from "./training.ts";

export const PrmEvalRun = RunSettings.pick({
  ...{ task: true, model: true, chat: true, seed: true, minTier: true, engine: true },
}).extend({
  prm: z.string().default("").describe("a run of `rlvr prm train`, or its model folder"),
  problems: z.int().min(8).default(400).describe("held-out problems; the first quarter chooses the threshold"),
  samples: z.int().min(1).default(8).describe("n, solutions of each problem, by `model`"),
  k: z.int().min(1).default(8).describe("of how many solutions one is chosen"),
  minSteps: z.int().min(1).default(1).describe("steps that a solution needs to count for first errors"),
  temperature: z.number().positive().default(1).describe("of the solutions"),
  calibrationPlot: z.string().default("").describe("write the calibration plot to this SVG file"),
});
export type PrmEvalRun = z.infer<typeof PrmEvalRun>;

export interface PrmEvalResult {
  readonly task: string;
  readonly prm: string;
  readonly model: string;
  readonly seed: number;
  readonly problems: number;
  readonly samples: number;
  /** On three quarters of the problems, at the threshold that the first quarter chose; null if nothing is judged. */
  readonly firstError: (FirstErrorResult & { readonly erroneous: number; readonly correct: number }) | null;
  /** F1 over resamples of problems. */
  readonly f1Interval: readonly [number, number] | null;
  readonly steps: (StepClassification & { readonly count: number; readonly auc: number }) | null;
  readonly calibration: { readonly ece: number; readonly bins: readonly CalibrationBin[] } | null;
  /** Chance that the chosen one of k solutions is right. */
  readonly selection: {
    readonly k: number;
    readonly one: Estimate;
    readonly majority: Estimate;
    readonly any: Estimate;
    readonly best: Readonly<Record<SolutionScoreName, Estimate>>;
    readonly vote: Readonly<Record<SolutionScoreName, Estimate>>;
  };
  readonly seconds: number;
}

export interface PrmEvalHooks {
  readonly task?: Task;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** @throws RlvrError E_CONFIG if no model is named; E_TASK, E_CHECKPOINT, E_TOKENIZER, E_ENGINE from what it opens */
export async function evaluatePrm(input: z.input<typeof PrmEvalRun>, hooks: PrmEvalHooks = {}): Promise<PrmEvalResult> {
  const settings = parseSettings(PrmEvalRun, input);
  const { seed, samples, k, temperature } = settings;
  if (settings.prm === "" || k > samples) {
    const what =
      settings.prm === "" ? "prm is empty, expected a process reward model" : `k is ${k} of ${samples} samples`;
    throw new RlvrError("E_CONFIG", what, { hint: "give --prm, and k of at most samples" });
  }
  const session = await openSession(settings, hooks.task);
  const started = performance.now();
  try {
    const { task, model, engine } = session;
    const prm = await openPrm(settings.prm, { engine, policy: model, settings: settings.engine });
    const stepper = createStepper(task, model.tokenizer, prm.steps);
    const problems = await evaluate(session, {
      ...{ problems: settings.problems, samples, greedy: false, temperature, maxTokens: task.maxTokens, seed },
      ...(hooks.signal ? { signal: hooks.signal } : {}),
      ...(hooks.onProgress ? { onProgress: hooks.onProgress } : {}),
    });
    const scores = await scoreSamples(problems, prm, stepper);
    const spans = await Promise.all(
      problems.map(({ row, samples: all }) => Promise.all(all.map(({ ids }) => stepper.split(ids, row)))),
    );
    const judged = stepper.judges ? measureSteps(scores, spans, settings) : NOT_JUDGED;
    if (settings.calibrationPlot !== "" && judged.calibration) {
      writeFileSync(settings.calibrationPlot, calibrationSvg(judged.calibration));
    }
    return {
      ...{ task: task.name, prm: prm.folder, model: session.modelFolder, seed, problems: problems.length, samples },
      ...judged,
      selection: measureSelection(problems, scores, settings),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await session.engine.dispose();
  }
}

type Judged = Pick<PrmEvalResult, "firstError" | "f1Interval" | "steps" | "calibration">;
const NOT_JUDGED: Judged = { firstError: null, f1Interval: null, steps: null, calibration: null };

function measureSteps(
  scores: readonly (readonly (readonly number[])[])[],
  spans: readonly (readonly JudgedSpans[])[],
  { minSteps, seed }: PrmEvalRun,
): Judged {
  const all = spans.map((solutions, p) =>
    solutions.flatMap(({ right }, i) => (right.includes(null) ? [] : [{ scores: scores[p]![i]!, right }])),
  );
  const casesOf = (some: typeof all): FirstErrorCase[][] =>
    some.map((solutions) =>
      solutions.flatMap(({ scores, right }) =>
        right.length < minSteps ? [] : [{ scores, firstError: right.indexOf(false) }],
      ),
    );
  const quarter = Math.floor(all.length / 4);
  const threshold = chooseThreshold(casesOf(all.slice(0, quarter)).flat());
  const perProblem = casesOf(all.slice(quarter));
  const cases = perProblem.flat();
  const steps = all
    .slice(quarter)
    .flatMap((solutions) =>
      solutions.flatMap(({ scores, right }) => scores.map((score, s) => ({ score, right: right[s]! }))),
    );
  const erroneous = cases.filter(({ firstError }) => firstError >= 0).length;
  return {
    firstError: { ...firstErrorF1(cases, threshold), erroneous, correct: cases.length - erroneous },
    f1Interval: resampledF1(perProblem, threshold, seed),
    steps: { ...classifySteps(steps), auc: auc(steps), count: steps.length },
    calibration: calibration(steps),
  };
}

const RESAMPLES = 400;

/** 95 % of F1 over resampled problems: solutions of one problem are not independent, problems are. */
function resampledF1(
  perProblem: readonly (readonly FirstErrorCase[])[],
  threshold: number,
  seed: number,
): readonly [number, number] {
  const rng = new Rng(seed, "prm/f1");
  const values = Array.from({ length: RESAMPLES }, () => {
    const drawn = perProblem.map(() => rng.pick(perProblem));
    return firstErrorF1(drawn.flat(), threshold).f1;
  }).sort((a, b) => a - b);
  return [values[Math.floor(0.025 * RESAMPLES)]!, values[Math.ceil(0.975 * RESAMPLES) - 1]!];
}

function measureSelection(
  problems: readonly EvaluatedProblem[],
  scores: readonly (readonly (readonly number[])[])[],
  { samples: n, k, seed }: PrmEvalRun,
): PrmEvalResult["selection"] {
  const estimate = (perProblem: number[]): Estimate => ({
    value: mean(perProblem),
    ci95: shareInterval(perProblem, seed),
  });
  const results = problemResults(problems);
  const solved = results.map(({ samples }) => samples.filter(({ correct }) => correct).length);
  const names = Object.keys(SOLUTION_SCORES) as SolutionScoreName[];
  const each = (of: typeof bestAtK) =>
    Object.fromEntries(
      names.map((name) => [name, estimate(candidates(problems, scores, name).map((samples) => of(samples, k)))]),
    ) as Record<SolutionScoreName, Estimate>;
  return {
    k,
    one: estimate(solved.map((count) => count / n)),
    majority: estimate(results.map(({ samples }) => majorityAtK(samples, k))),
    any: estimate(solved.map((count) => passAtK(n, count, k))),
    best: each(bestAtK),
    vote: each(voteAtK),
  };
}
