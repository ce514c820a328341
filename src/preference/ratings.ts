/** Ratings on a scale, of one or several attributes: as pairs, as targets, as one number. */
import { RlvrError } from "../errors.ts";
import type { SequenceLoss } from "./two-pass.ts";

export interface Scale {
  readonly min: number;
  readonly max: number;
}

export interface RatedPair {
  /** Positions of the completions. */
  readonly better: number;
  readonly worse: number;
  /** By how many points it was rated higher. */
  readonly margin: number;
}

/** Every two completions of different ratings; equal ones make no pair. */
export function likertToPairs(ratings: readonly number[]): RatedPair[] {
  return ratings.flatMap((a, i) =>
    ratings.slice(i + 1).flatMap((b, k) => {
      const j = i + 1 + k;
      if (a === b) return [];
      return a > b ? [{ better: i, worse: j, margin: a - b }] : [{ better: j, worse: i, margin: b - a }];
    }),
  );
}

/** A rating as a number in [0, 1]. */
export function ratingTarget(rating: number, { min, max }: Scale): number {
  return (rating - min) / (max - min);
}

/** Mean of (score − target)², targets in [0, 1]. Gradients by score, in their order. */
export function likertRegressionLoss(
  scores: readonly number[],
  ratings: readonly number[],
  scale: Scale,
): SequenceLoss {
  const errors = scores.map((score, i) => score - ratingTarget(ratings[i]!, scale));
  const n = scores.length;
  return {
    loss: errors.reduce((sum, error) => sum + error ** 2 / n, 0),
    gradients: errors.map((error) => (2 * error) / n),
    metrics: {},
  };
}

/**
 * Weighted mean of the attributes' ratings as numbers in [0, 1]; weights are those of the attributes that are rated.
 * @throws {RlvrError} E_TASK_DATA if none of them has a weight
 */
export function multiAttributeScore(
  ratings: Readonly<Record<string, number>>,
  weights: Readonly<Record<string, number>>,
  scale: Scale,
): number {
  const rated = Object.entries(ratings).filter(([attribute]) => (weights[attribute] ?? 0) > 0);
  const total = rated.reduce((sum, [attribute]) => sum + weights[attribute]!, 0);
  if (total === 0) {
    const names = (record: object) => Object.keys(record).join(", ") || "none";
    throw new RlvrError("E_TASK_DATA", `the ratings have ${names(ratings)}, expected one of ${names(weights)}`);
  }
  return rated.reduce((sum, [name, rating]) => sum + (weights[name]! / total) * ratingTarget(rating, scale), 0);
}
