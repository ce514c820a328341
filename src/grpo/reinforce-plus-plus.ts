/**
 * REINFORCE++, https://arxiv.org/abs/2501.03262. No group is needed: the baseline is the mean of the batch.
 *
 *   r_t = −β·KL_t + 1[t = last]·r      A_t = Σ_{k≥t} γ^(k−t) r_k      then whitened over all valid tokens of the batch
 */
import { type WhitenOptions, whiten } from "../policy/whiten.ts";

export interface ReinforcePlusPlusOptions extends WhitenOptions {
  readonly gamma?: number;
}

/** Rewards of tokens [B][T_b] (see klShapedRewards) and their masks → discounted returns and advantages [B][T_b]. */
export function reinforcePlusPlus(
  rewards: readonly (readonly number[])[],
  masks: readonly ArrayLike<number>[],
  { gamma = 1, ...whitening }: ReinforcePlusPlusOptions = {},
): { returns: number[][]; advantages: number[][] } {
  const returns = rewards.map((row) => {
    let G = 0;
    return row.map((_, i) => (G = row[row.length - 1 - i]! + gamma * G)).reverse();
  });
  return { returns, advantages: whiten(returns, masks, whitening) };
}
