/**
 * Direct preference optimization — https://arxiv.org/abs/2305.18290 eq. 7
 *
 *   L = −log σ(β·h)      h = (log π_w − log π_l) − (log ref_w − log ref_l), sums over the completion's tokens
 *   ∂L/∂log π_w = −β·σ(−β·h) = −∂L/∂log π_l
 *
 * Both log-probs may fall while h grows: watch preference/logp_chosen, or add `withNll`.
 */
import { logSigmoid, sigmoid } from "./logistic.ts";
import { implicitRewards, logRatioGap, type PairLoss } from "./pair-loss.ts";

export interface DpoOptions {
  readonly beta: number;
  /** ε: the share of labels that are thought to be flipped. */
  readonly labelSmoothing?: number;
}

/**
 * With label smoothing it is conservative DPO: −(1−ε)·log σ(β·h) − ε·log σ(−β·h), least where σ(β·h) = 1−ε.
 * E. Mitchell, "A note on DPO with noisy preferences and relationship to IPO" (2023)
 */
export function dpoLoss({ beta, labelSmoothing: epsilon = 0 }: DpoOptions): PairLoss {
  return (pair) => {
    const z = beta * logRatioGap(pair);
    const gradient = beta * (epsilon - sigmoid(-z));
    return {
      loss: -(1 - epsilon) * logSigmoid(z) - epsilon * logSigmoid(-z),
      gradChosen: gradient,
      gradRejected: -gradient,
      ...implicitRewards(pair, beta),
    };
  };
}

/**
 * Robust DPO: (−(1−ε)·log σ(β·h) + ε·log σ(−β·h)) / (1−2ε), whose mean over labels flipped at rate ε is DPO's loss on the
 * true ones. https://arxiv.org/abs/2403.00409
 */
export function robustDpoLoss({ beta, labelSmoothing: epsilon = 0 }: DpoOptions): PairLoss {
  return (pair) => {
    const z = beta * logRatioGap(pair);
    const gradient = (beta * (-(1 - epsilon) * sigmoid(-z) - epsilon * sigmoid(z))) / (1 - 2 * epsilon);
    return {
      loss: (-(1 - epsilon) * logSigmoid(z) + epsilon * logSigmoid(-z)) / (1 - 2 * epsilon),
      gradChosen: gradient,
      gradRejected: -gradient,
      ...implicitRewards(pair, beta),
    };
  };
}

/** max(0, 1 − β·h): no gradient once the gap is wide enough. SLiC-HF's hinge on DPO's gap, as https://arxiv.org/abs/2309.06657 §3 */
export function hingeLoss({ beta }: Pick<DpoOptions, "beta">): PairLoss {
  return (pair) => {
    const z = beta * logRatioGap(pair);
    const gradient = z < 1 ? -beta : 0;
    return {
      loss: Math.max(0, 1 - z),
      gradChosen: gradient,
      gradRejected: gradient === 0 ? 0 : -gradient,
      ...implicitRewards(pair, beta),
    };
  };
}
