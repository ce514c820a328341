/**
 * Reward model on comparisons — Bradley & Terry (1952); https://arxiv.org/abs/2203.02155 eq. 1
 *
 *   d = r_w − r_l − margin
 *   L = −p·log σ(d) − (1−p)·log σ(−d) + c·(r_w + r_l)²
 *   ∂L/∂r_w = σ(d) − p + 2c·(r_w + r_l)
 *
 * p is the share of annotators for the chosen one (1 where all agree), with label smoothing (1−ε)·p + ε·(1−p); a margin is
 * by how much it was found better (https://arxiv.org/abs/2307.09288 eq. 2); c holds the rewards near 0
 * (https://arxiv.org/abs/2312.09244 §3).
 */
import { logSigmoid, sigmoid } from "./logistic.ts";
import type { SequenceLoss } from "./two-pass.ts";

export interface ScoredPair {
  /** r_w */
  readonly chosen: number;
  /** r_l */
  readonly rejected: number;
  readonly margin?: number;
  /** p */
  readonly target?: number;
  /** Of the pair in the mean, such as trust in its annotator. */
  readonly weight?: number;
}

export interface BradleyTerryOptions {
  /** ε */
  readonly labelSmoothing?: number;
  /** c */
  readonly centering?: number;
}

/** Σ weight·L / n; gradients in the order chosen, rejected, chosen, … [2n] */
export function bradleyTerryLoss(
  pairs: readonly ScoredPair[],
  { labelSmoothing: epsilon = 0, centering = 0 }: BradleyTerryOptions = {},
): SequenceLoss {
  const n = pairs.length;
  let loss = 0;
  const gradients: number[] = [];
  for (const { chosen, rejected, margin = 0, target = 1, weight = 1 } of pairs) {
    const d = chosen - rejected - margin;
    const p = (1 - epsilon) * target + epsilon * (1 - target);
    const center = 2 * centering * (chosen + rejected);
    loss += (weight / n) * (-p * logSigmoid(d) - (1 - p) * logSigmoid(-d) + centering * (chosen + rejected) ** 2);
    gradients.push((weight / n) * (sigmoid(d) - p + center), (weight / n) * (p - sigmoid(d) + center));
  }
  const mean = (of: (pair: ScoredPair) => number) => pairs.reduce((sum, pair) => sum + of(pair) / n, 0);
  return {
    loss,
    gradients,
    metrics: {
      "preference/reward_chosen": mean(({ chosen }) => chosen),
      "preference/reward_rejected": mean(({ rejected }) => rejected),
      "preference/margin": mean(({ chosen, rejected }) => chosen - rejected),
      "preference/accuracy": mean(({ chosen, rejected }) => (chosen > rejected ? 1 : 0)),
    },
  };
}
