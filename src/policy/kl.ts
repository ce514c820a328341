/**
 * Estimates of KL(π ‖ π_ref) from the log-probs of one sampled token. J. Schulman, "Approximating KL divergence" (2020).
 *
 *   k1 = log π − log π_ref        k2 = k1² / 2        k3 = e^(−k1) + k1 − 1
 *
 * Over tokens sampled from π:
 *
 * |    | as a value                | subtracted from the reward | differentiated as a loss                     |
 * | -- | ------------------------- | -------------------------- | -------------------------------------------- |
 * | k1 | unbiased, high variance   | gradient of the KL         | gradient 0 in expectation: it teaches nothing |
 * | k2 | biased, small near π_ref  | biased                     | gradient of the KL                           |
 * | k3 | unbiased, never negative  | biased                     | gradient π − π_ref: that of KL(π_ref ‖ π)    |
 *
 * So: log k3, put k1 in the reward, or k2 in the loss. Away from π the loss needs the importance ratio: ρ·k3 (weightedK3).
 */
import { type Tensor, tf } from "../engine/tf.ts";
import { stopGradient } from "./stop-gradient.ts";

/** exp() of more than this is not worth representing in float32 (verl and OpenRLHF clamp alike). */
export const LOG_RATIO_LIMIT = 20;
/** A token that the reference holds for impossible must not drown the batch (verl). */
const K3_LIMIT = 10;
/** log π_ref of a token that the reference holds for impossible (verl). */
export const REF_LOG_PROB_FLOOR = -1e4;

/** log π − log π_old, within ±20 so that its exponential is finite. [B, T] */
export function logRatio(logProbs: Tensor, oldLogProbs: Tensor): Tensor {
  return tf.clipByValue(tf.sub(logProbs, oldLogProbs), -LOG_RATIO_LIMIT, LOG_RATIO_LIMIT);
}

/** log π − log π_ref, same shape as the arguments. */
export function k1(logProbs: Tensor, refLogProbs: Tensor): Tensor {
  return tf.sub(logProbs, refLogProbs);
}

/** k1² / 2, same shape as the arguments. */
export function k2(logProbs: Tensor, refLogProbs: Tensor): Tensor {
  return tf.tidy(() => k1(logProbs, refLogProbs).square().mul(0.5));
}

/** e^(−k1) + k1 − 1, at most 10, same shape as the arguments. */
export function k3(logProbs: Tensor, refLogProbs: Tensor): Tensor {
  return tf.tidy(() => {
    const difference = logRatio(refLogProbs, logProbs); // −k1
    return tf.minimum(difference.exp().sub(difference).sub(1), K3_LIMIT);
  });
}

/** ρ·k3 with ρ = π/π_old: its gradient is that of the KL, also on samples of an older policy (TRL's bias-corrected KL). */
export function weightedK3(logProbs: Tensor, refLogProbs: Tensor, oldLogProbs: Tensor): Tensor {
  return tf.tidy(() => logRatio(logProbs, stopGradient(oldLogProbs)).exp().mul(k3(logProbs, refLogProbs)));
}

/** The same estimates for plain numbers, in nats. */
export const klOfToken = {
  k1: (logProb: number, refLogProb: number): number => logProb - refLogProb,
  k2: (logProb: number, refLogProb: number): number => (logProb - refLogProb) ** 2 / 2,
  k3: (logProb: number, refLogProb: number): number => {
    const difference = Math.max(-LOG_RATIO_LIMIT, Math.min(LOG_RATIO_LIMIT, refLogProb - logProb));
    return Math.min(Math.exp(difference) - difference - 1, K3_LIMIT);
  },
};
