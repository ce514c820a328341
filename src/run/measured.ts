/** A policy's measurement on held-out problems, as a run keeps it: before.json is made once and read on resume. */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MetricValues } from "../metrics.ts";
import { type EvaluateOptions, type EvaluatedProblem, evaluate, isCorrect, meanLength, problemResults } from "./evaluate.ts";
import type { Session } from "./session.ts";
import { Answer, type Examples, Measurement, measure } from "./summary.ts";

export const Measured = z.strictObject({
  measurement: Measurement,
  meanLength: z.number().min(0).describe("sampled completions, in tokens"),
  greedy: z.array(Answer.extend({ promptId: z.string(), prompt: z.string() })).describe("the greedy answers"),
});
export type Measured = z.infer<typeof Measured>;

export async function measureSession(
  session: Session,
  options: Omit<EvaluateOptions, "greedy">,
): Promise<Measured> {
  const problems = await evaluate(session, { ...options, greedy: true });
  return {
    measurement: measure(problemResults(problems), options.seed),
    meanLength: meanLength(problems),
    greedy: problems.map(({ promptId, prompt, greedy }) => {
      const { completion, verdict } = greedy as NonNullable<EvaluatedProblem["greedy"]>;
      return { promptId, prompt, completion, verdict };
    }),
  };
}

/** Null if there is none yet. */
export function readMeasured(path: string): Measured | null {
  if (!existsSync(path)) return null;
  try {
    return Measured.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new RlvrError("E_RUN", `${path} is not what this version of rlvr writes`, { hint: `Delete ${path}.`, cause });
  }
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
  const first = Object.entries(QUOTA).flatMap(([kind, most]) => (kinds[kind as keyof typeof QUOTA] ?? []).slice(0, most));
  const rest = pairs.filter((pair) => !first.includes(pair));
  return [...first, ...rest].slice(0, EXAMPLES);
}
