/**
 * Several reward models, trained from different seeds, as one: where they disagree a policy has left what they were trained
 * on, and a cautious reward stops paying for it. https://arxiv.org/abs/2310.02743
 */
import { RlvrError } from "../errors.ts";
import { average, variance } from "../policy/statistics.ts";

/** The models' scores of one completion → its reward. */
export type Combine = (scores: readonly number[]) => number;

export const ensembleMean: Combine = (scores) => average(scores);

/** The worst that any of them says: worst-case optimization. */
export const ensembleMin: Combine = (scores) => Math.min(...scores);

/** mean − k·std (population): uncertainty-weighted optimization, with the standard deviation in place of the variance. */
export function ensembleLowerBound(k: number): Combine {
  return (scores) => average(scores) - k * Math.sqrt(variance(scores, 0));
}

/** Scores of each model for B completions → B rewards. [models][B] → [B] */
export function ensembleScores(scores: readonly (readonly number[])[], combine: Combine): number[] {
  const B = scores[0]?.length ?? 0;
  if (scores.some((row) => row.length !== B)) {
    const lengths = scores.map((row) => row.length).join(", ");
    throw new RlvrError("E_SHAPE", `the models scored ${lengths} completions, expected the same number of each`);
  }
  return Array.from({ length: B }, (_, b) => combine(scores.map((row) => row[b]!)));
}
