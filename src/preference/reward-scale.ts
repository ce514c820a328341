/**
 * Where a reward model's scores lie: comparisons fix differences only, so offset and width are free to be chosen.
 *
 *   r' = gain·r + bias
 */

import { average, variance } from "../policy/statistics.ts";
import type { FlatWeights } from "../policy/weights.ts";

export interface RewardScale {
  readonly gain: number;
  readonly bias: number;
}

/** Mean 0 and standard deviation 1 on these scores, those of the reference policy's samples. https://arxiv.org/abs/1909.08593 */
export function standardScale(scores: readonly number[]): RewardScale {
  const deviation = Math.sqrt(variance(scores, 0));
  const gain = deviation > 0 ? 1 / deviation : 1; // a model that says the same of all
  return { gain, bias: -gain * average(scores) };
}

/** Mean 0 on these scores, those of demonstrations. https://arxiv.org/abs/2203.02155 §3.5 */
export function centeredScale(scores: readonly number[]): RewardScale {
  return { gain: 1, bias: -average(scores) };
}

/** The scores on the scale, clipped to ±limit. */
export function rescaled(scores: readonly number[], { gain, bias }: RewardScale, limit = Number.POSITIVE_INFINITY) {
  return scores.map((score) => Math.max(-limit, Math.min(limit, gain * score + bias)));
}

/** Builds the scale into the score head, so that the saved model speaks in it. */
export function foldScale({ views }: FlatWeights, { gain, bias }: RewardScale): void {
  const [weight, offset] = [views["score.weight"]!, views["score.bias"]!];
  for (let i = 0; i < weight.length; i++) weight[i]! *= gain;
  offset[0] = gain * offset[0]! + bias;
}
