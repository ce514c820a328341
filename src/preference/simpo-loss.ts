/**
 * Simple preference optimization — https://arxiv.org/abs/2405.14734 eq. 6
 *
 *   L = −log σ(β·(a_w − a_l) − γ)      a = log π(y | x) / |y|, without a reference
 *
 * `gammaBetaRatio` is γ/β, the margin in units of a, which is what the paper tunes; TRL's `simpo_gamma` is γ.
 */
import { logSigmoid, sigmoid } from "./logistic.ts";
import type { PairLoss } from "./pair-loss.ts";

export interface SimpoOptions {
  readonly beta: number;
  readonly gammaBetaRatio: number;
  readonly labelSmoothing?: number;
}

export function simpoLoss({ beta, gammaBetaRatio, labelSmoothing: epsilon = 0 }: SimpoOptions): PairLoss {
  return ({ chosen, rejected }) => {
    const [aW, aL] = [chosen.sum / chosen.length, rejected.sum / rejected.length];
    const z = beta * (aW - aL - gammaBetaRatio);
    const gradient = beta * (epsilon - sigmoid(-z));
    return {
      loss: -(1 - epsilon) * logSigmoid(z) - epsilon * logSigmoid(-z),
      gradChosen: gradient / chosen.length,
      gradRejected: -gradient / rejected.length,
      rewardChosen: beta * aW,
      rewardRejected: beta * aL,
    };
  };
}
