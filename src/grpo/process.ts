/**
 * Advantages from rewards of steps. A step is given by the index of its last token in the completion, 0-based.
 */
import { average, variance } from "../policy/statistics.ts";
import { isEqual, ZERO_VARIANCE_TOLERANCE } from "./statistics.ts";

/** The scored steps of one completion. */
export interface ScoredSteps {
  readonly rewards: readonly number[]; // [S]
  /** Index of the last token of each step, rising, inclusive. [S] */
  readonly ends: readonly number[];
}

/** Normalized rewards of a completion's steps [S] → what the tokens of each step get [S]. */
export type StepCredit = (rewards: readonly number[]) => number[];

/** Everything that comes after, the paper's form. More steps mean more terms: it pays for length. */
export const suffixSum: StepCredit = (rewards) =>
  rewards.map((_, s) => rewards.slice(s).reduce((sum, reward) => sum + reward, 0));

/** The sum divided by the number of steps: as many steps as you like, one unit of credit. */
export const suffixSumPerStep: StepCredit = (rewards) => suffixSum(rewards).map((sum) => sum / rewards.length);

/** The worst of what comes after. PURE, https://arxiv.org/abs/2504.15275: repeating good steps earns nothing. */
export const suffixMin: StepCredit = (rewards) => rewards.map((_, s) => Math.min(...rewards.slice(s)));

/** Every step gets the reward of the last one. */
export const lastStep: StepCredit = (rewards) => rewards.map(() => rewards[rewards.length - 1]!);

export interface ProcessOptions {
  readonly credit?: StepCredit;
  readonly ddof?: 0 | 1;
  readonly eps?: number;
  readonly tolerance?: number;
}

/**
 * GRPO with process supervision, DeepSeekMath §4.1.3, https://arxiv.org/abs/2402.03300
 *
 *   R = all step rewards of the group      r̃ = (r − mean R) / (std R + ε)      A_{i,t} = Σ_{index(j) ≥ t} r̃_i^index(j)
 *
 * Tokens after the last step get 0, so the answer and the end-of-sequence token belong in the last step. `null` is a
 * completion that was not graded. `lengths` are completion tokens [G]. Returns [G][T_i], and r̃ [G][S_i].
 */
export function processAdvantages(
  group: readonly (ScoredSteps | null)[],
  lengths: readonly number[],
  options: ProcessOptions = {},
): { advantages: number[][]; normalized: number[][] } {
  const { credit = suffixSum, ddof = 1, eps = 1e-4, tolerance = ZERO_VARIANCE_TOLERANCE } = options;
  const all = group.flatMap((steps) => steps?.rewards ?? []);
  const mean = average(all);
  const scale = Math.sqrt(variance(all, ddof)) + eps;
  const noSignal = isEqual(all, tolerance);
  const normalized = group.map((steps) => (steps?.rewards ?? []).map((r) => (noSignal ? 0 : (r - mean) / scale)));
  const advantages = group.map((steps, i) => spread(credit(normalized[i]!), steps?.ends ?? [], lengths[i]!));
  return { advantages, normalized };
}

/**
 * VinePPO, https://arxiv.org/abs/2410.01679: A_k = r_k + V̂(s_{k+1}) − V̂(s_k), V̂(terminal) = 0, where V̂(s_k) is the share
 * of `k` fresh completions from the start of step k that succeed. The reward comes with the last step.
 */
export function mcStepAdvantages(input: {
  readonly successCounts: readonly number[]; // [S]
  readonly k: number;
  readonly finalReward: number;
  readonly stepEnds: readonly number[]; // [S]
  readonly length: number;
}): { stepAdvantages: number[]; advantages: number[] } {
  const values = input.successCounts.map((count) => count / input.k); // [S]
  const stepAdvantages = valueDifferences(values, input.finalReward); // [S]
  return { stepAdvantages, advantages: spread(stepAdvantages, input.stepEnds, input.length) };
}

/** V̂(s_{k+1}) − V̂(s_k) from the values at the starts of the steps; after the last stands the final reward. [S] → [S] */
export function valueDifferences(values: readonly number[], finalReward: number): number[] {
  return values.map((value, s) => (values[s + 1] ?? finalReward) - value);
}

/** Each token gets the value of its step; 0 after the last. [S] → [T] */
export function spread(values: readonly number[], ends: readonly number[], length: number): number[] {
  let s = 0;
  return Array.from({ length }, (_, t) => {
    while (s < ends.length && ends[s]! < t) s++;
    return values[s] ?? 0;
  });
}
