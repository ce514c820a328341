/** The numbers of a step's completions, under the names of src/metrics.ts. */
import type { MetricName } from "../metrics.ts";
import { average, variance } from "./statistics.ts";

/** One completion as its verifier left it. */
export interface GradedCompletion {
  /** null: not graded. */
  readonly reward: number | null;
  /** Tokens that the policy wrote. */
  readonly length: number;
  /** Cut off at the token limit. */
  readonly truncated: boolean;
  /** Named rewards. */
  readonly parts?: Readonly<Record<string, number>> | undefined;
}

/** Rewards over the graded completions, lengths over all that have a token: any other was lost on its way here. */
export function completionMetrics(completions: readonly GradedCompletion[]): { [Name in MetricName]?: number } {
  const rewards = completions.map(({ reward }) => reward).filter((reward) => reward !== null);
  const delivered = completions.filter(({ length }) => length > 0);
  const lengths = delivered.map(({ length }) => length);
  const terminated = delivered.filter(({ truncated }) => !truncated).map(({ length }) => length);
  return {
    ...(rewards.length > 0 && {
      reward: average(rewards),
      "reward/min": Math.min(...rewards),
      "reward/max": Math.max(...rewards),
    }),
    ...partMetrics(completions),
    ...(lengths.length > 0 && {
      "completions/mean_length": average(lengths),
      "completions/min_length": Math.min(...lengths),
      "completions/max_length": Math.max(...lengths),
      "completions/clipped_ratio": share(lengths.length - terminated.length, lengths.length),
    }),
    ...(terminated.length > 0 && {
      "completions/mean_terminated_length": average(terminated),
      "completions/min_terminated_length": Math.min(...terminated),
      "completions/max_terminated_length": Math.max(...terminated),
    }),
    "verify/ungraded": share(completions.length - rewards.length, completions.length),
  };
}

/** Mean and deviation of each named reward over the graded completions that have it. */
function partMetrics(completions: readonly GradedCompletion[]): { [Name in MetricName]?: number } {
  const values = new Map<string, number[]>();
  for (const { reward, parts } of completions) {
    if (reward === null) continue;
    for (const [name, value] of Object.entries(parts ?? {})) values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...values].flatMap(([name, numbers]) => [
      [`rewards/${name}/mean`, average(numbers)],
      [`rewards/${name}/std`, Math.sqrt(variance(numbers, 1))],
    ]),
  );
}

/** count / of, and 0 of nothing. */
export function share(count: number, of: number): number {
  return of === 0 ? 0 : count / of;
}
