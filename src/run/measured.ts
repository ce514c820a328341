/** A policy's measurement on held-out problems, as a run keeps it: before.json is made once and read on resume. */
import { z } from "zod";
import type { MetricValues } from "../metrics.ts";
import {
  type Answered,
  type EvaluatedProblem,
  type EvaluateOptions,
  evaluate,
  isCorrect,
  meanLength,
  problemResults,
} from "./evaluate.ts";
import type { Session } from "./session.ts";
import { mean } from "./statistics.ts";
import { Answer, type Examples, Measurement, measure } from "./summary.ts";

export const Measured = z.strictObject({
  measurement: Measurement,
  meanLength: z.number().min(0).describe("sampled completions, in tokens"),
  parts: z.record(z.string(), z.number()).describe("means of the numbers that the verifier gives each sample"),
  greedy: z.array(Answer.extend({ promptId: z.string(), prompt: z.string() })).describe("the greedy answers"),
});
export type Measured = z.infer<typeof Measured>;

export async function measureSession(session: Session, options: Omit<EvaluateOptions, "greedy">): Promise<Measured> {
  const problems = await evaluate(session, { ...options, greedy: true });
  return {
    measurement: measure(problemResults(problems), options.seed),
    meanLength: meanLength(problems),
    parts: meanParts(problems.flatMap(({ samples }) => samples)),
    greedy: problems.map(({ promptId, prompt, greedy }) => {
      const { completion, verdict } = greedy as NonNullable<EvaluatedProblem["greedy"]>;
      return { promptId, prompt, completion, verdict };
    }),
  };
}

/** A completion that was not graded has no parts. */
function meanParts(samples: readonly Answered[]): Record<string, number> {
  const graded = samples.flatMap(({ verdict }) => (verdict.status === "graded" ? [verdict.metrics] : []));
  const names = [...new Set(graded.flatMap((metrics) => Object.keys(metrics)))].sort();
  return Object.fromEntries(names.map((name) => [name, mean(graded.flatMap((metrics) => metrics[name] ?? []))]));
}

/** As the numbers of a step. */
export function measuredMetrics({ measurement, meanLength }: Measured): MetricValues {
  return {
    "eval/greedy": measurement.greedy,
    "eval/pass1": measurement.pass1,
    "eval/pass8": measurement.pass8,
    "eval/maj8": measurement.maj8,
    "eval/mean_length": meanLength,
  };
}

/** Pairs of answers kept as examples, and of these at most so many of each kind while there are others. */
const EXAMPLES = 6;
const QUOTA = { gained: 3, lost: 1, unsolved: 1, kept: 1 };

/** The same problems before and after: what training solved, then what it lost, never solved, and could before. */
export function sideBySide(before: Measured, after: Measured): Examples {
  const pairs = before.greedy.map(({ promptId, prompt, ...old }, i) => {
    const { completion, verdict } = after.greedy[i]!;
    return { promptId, prompt, before: old, after: { completion, verdict } };
  });
  const kinds = Object.groupBy(pairs, (pair) =>
    isCorrect(pair.after) ? (isCorrect(pair.before) ? "kept" : "gained") : isCorrect(pair.before) ? "lost" : "unsolved",
  );
  const first = Object.entries(QUOTA).flatMap(([kind, most]) =>
    (kinds[kind as keyof typeof QUOTA] ?? []).slice(0, most),
  );
  const rest = pairs.filter((pair) => !first.includes(pair));
  return [...first, ...rest].slice(0, EXAMPLES);
}
