/** Measures a model on a task's eval split: greedy, avg@n, pass@k and maj@k, with 95 % intervals. */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { SOLUTION_SCORES, type SolutionScoreName } from "../prm/index.ts";
import type { Task } from "../rollout/index.ts";
import { type Interval, shareInterval, wilson } from "../rollout/intervals.ts";
import { type EvaluatedProblem, evaluate, isCorrect, meanLength, problemResults } from "./evaluate.ts";
import { majorityAtK } from "./majority.ts";
import { openPrm } from "./prm-model.ts";
import { openSampler } from "./sampler.ts";
import { bestAtK, candidates, scoreSamples, voteAtK } from "./select.ts";
import { openSession, type Session } from "./session.ts";
import { RunSettings, SamplerSettings } from "./settings.ts";
import { mean, passAtK } from "./statistics.ts";
import { createStepper } from "./steps.ts";
import { parseSettings } from "./training.ts";

export const EvalRun = RunSettings.pick({
  task: true,
  model: true,
  chat: true,
  seed: true,
  minTier: true,
  engine: true,
}).extend({
  sampler: SamplerSettings.prefault({}),
  problems: z.int().min(1).default(500).describe("the first problems of the eval split"),
  samples: z.int().min(0).default(16).describe("n, sampled completions of each problem; 0 = greedy only"),
  k: z.array(z.int().min(1)).default([1, 2, 4, 8, 16]).describe("for pass@k and maj@k; those above n are left out"),
  greedy: z.boolean().default(true).describe("also measure the greedy completion"),
  temperature: z.number().positive().default(1).describe("of the samples"),
  maxTokens: z.int().min(0).default(0).describe("longest completion, in tokens; 0 = the task's limit"),
  select: z
    .enum(["none", "prm"])
    .default("none")
    .describe("prm = also choose among k samples by a process reward model: the best one, and a weighted vote"),
  prm: z.string().default("").describe("for select prm: a run of `rlvr prm train`, or its model folder"),
  score: z
    .enum(Object.keys(SOLUTION_SCORES) as [SolutionScoreName])
    .default("min")
    .describe("for select prm: how the scores of steps become that of a solution"),
});
export type EvalRun = z.infer<typeof EvalRun>;

/** A share of problems, or a mean over them. */
export interface Estimate {
  readonly value: number;
  readonly ci95: Interval;
}

export interface EvalResult {
  readonly task: string;
  readonly model: string;
  readonly seed: number;
  readonly temperature: number;
  readonly problems: number;
  readonly samples: number;
  /** Share of problems that the greedy completion solves; Wilson's interval. */
  readonly greedy: Estimate | null;
  /** Mean accuracy of the n samples; bootstrap over problems, as for those below. */
  readonly avg: Estimate | null;
  /** By k: chance that one of k samples is right, unbiased. */
  readonly pass: Readonly<Record<string, Estimate>>;
  /** By k: chance that the most frequent answer of k samples is right. */
  readonly maj: Readonly<Record<string, Estimate>>;
  /** By k: chance that the sample of the k that the reward model likes best is right; absent without one. */
  readonly best?: Readonly<Record<string, Estimate>>;
  /** By k: chance that the answer is right for which the k samples' scores add up highest. */
  readonly vote?: Readonly<Record<string, Estimate>>;
  /** Of the samples, or of the greedy completions if there are none; in tokens. */
  readonly meanLength: number;
  /** Share of all completions that were cut off. */
  readonly truncated: number;
  /** Share of all completions whose verifier gave no verdict; they count as wrong. */
  readonly ungraded: number;
  readonly seconds: number;
}

export interface EvalHooks {
  /** Instead of the task that the settings name. */
  readonly task?: Task;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** @throws RlvrError E_CONFIG if there is nothing to measure; E_TASK, E_CHECKPOINT, E_ENGINE from what it opens. */
export async function evaluateModel(input: z.input<typeof EvalRun>, hooks: EvalHooks = {}): Promise<EvalResult> {
  const settings = parseSettings(EvalRun, input);
  if (!settings.greedy && settings.samples === 0) {
    throw new RlvrError("E_CONFIG", "greedy is false and samples is 0, expected something to measure");
  }
  if (settings.select === "prm" && (settings.prm === "" || settings.samples === 0)) {
    throw new RlvrError("E_CONFIG", "select is prm, expected a reward model and samples to choose from", {
      hint: "give --prm with a run of rlvr prm train, and --samples",
    });
  }
  const session = await openSession(settings, hooks.task);
  const started = performance.now();
  try {
    const sampler = await openSampler(session, settings.sampler, {
      weightsFolder: null,
      ...(hooks.signal ? { signal: hooks.signal } : {}),
    });
    const { problems: count, samples, greedy, temperature, seed } = settings;
    const options = {
      ...{ problems: count, samples, greedy, temperature, seed },
      maxTokens: settings.maxTokens === 0 ? session.task.maxTokens : settings.maxTokens,
      ...(hooks.signal ? { signal: hooks.signal } : {}),
      ...(hooks.onProgress ? { onProgress: hooks.onProgress } : {}),
    };
    const problems = await evaluate({ ...session, sampler }, options).finally(() => sampler.close());
    return {
      task: session.task.name,
      model: session.modelFolder,
      seed: settings.seed,
      temperature: settings.temperature,
      problems: problems.length,
      samples: settings.samples,
      ...estimates(problems, settings),
      ...(settings.select === "prm" ? await selected(session, problems, settings) : {}),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await session.engine.dispose();
  }
}

async function selected(
  { task, engine, model }: Session,
  problems: readonly EvaluatedProblem[],
  { prm: where, score, samples: n, k: ks, seed, engine: settings }: EvalRun,
): Promise<Pick<EvalResult, "best" | "vote">> {
  const prm = await openPrm(where, { engine, policy: model, settings });
  const stepper = createStepper(task, model.tokenizer, prm.steps);
  const scored = candidates(problems, await scoreSamples(problems, prm, stepper), score);
  const each = (of: typeof bestAtK) => {
    const entries = ks
      .filter((k) => k <= n)
      .map((k) => {
        const perProblem = scored.map((samples) => of(samples, k));
        return [String(k), { value: mean(perProblem), ci95: shareInterval(perProblem, seed) }];
      });
    return Object.fromEntries(entries) as Record<string, Estimate>;
  };
  return { best: each(bestAtK), vote: each(voteAtK) };
}

function estimates(problems: readonly EvaluatedProblem[], { greedy, samples: n, k: ks, seed }: EvalRun) {
  const results = problemResults(problems);
  const all = problems.flatMap((problem) => [...(problem.greedy ? [problem.greedy] : []), ...problem.samples]);
  const share = (count: number) => count / Math.max(1, all.length);
  const estimate = (perProblem: number[]): Estimate => ({
    value: mean(perProblem),
    ci95: shareInterval(perProblem, seed),
  });
  const solved = results.map(({ samples }) => samples.filter(({ correct }) => correct).length);
  const each = (of: (problem: number, k: number) => number) =>
    Object.fromEntries(
      ks.filter((k) => k <= n).map((k) => [String(k), estimate(results.map((_, problem) => of(problem, k)))]),
    );
  const right = problems.filter((problem) => problem.greedy && isCorrect(problem.greedy)).length;
  const greedyLengths = problems.flatMap((problem) => problem.greedy?.tokens ?? []);
  return {
    greedy: greedy ? { value: right / problems.length, ci95: wilson(right, problems.length) } : null,
    avg: n > 0 ? estimate(solved.map((count) => count / n)) : null,
    pass: each((problem, k) => passAtK(n, solved[problem]!, k)),
    maj: each((problem, k) => majorityAtK(results[problem]!.samples, k)),
    meanLength: n > 0 ? meanLength(problems) : mean(greedyLengths),
    truncated: share(all.filter(({ truncated }) => truncated).length),
    ungraded: share(all.filter(({ verdict }) => verdict.status === "not-graded").length),
  };
}
