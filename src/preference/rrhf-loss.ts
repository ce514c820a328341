/**
 * Rank responses to align human feedback — https://arxiv.org/abs/2304.05302 §3.1
 *
 *   p_i    = log π(y_i | x) / |y_i|
 *   L_rank = Σ_{r_i < r_j} max(0, p_i − p_j)
 *   L_ft   = −log π(y_b | x), a sum over tokens      b = argmax_i r_i
 *   L      = rankWeight·L_rank + L_ft
 *
 * No margin, no reference, and the rewards may come from anyone. Candidates of equal reward make no pair. The paper adds
 * the two terms; its code weighs the first by 100 and takes the second's mean over the padded length.
 */
import type { SequenceLoss } from "./two-pass.ts";

export interface RrhfCandidate {
  /** log π(y | x) */
  readonly sum: number;
  readonly length: number;
  readonly reward: number;
}

export interface RrhfOptions {
  readonly rankWeight: number;
}

export interface RrhfResult extends SequenceLoss {
  readonly rankLoss: number;
  readonly sftLoss: number;
  /** b; the first of several that are equally good. */
  readonly best: number;
  /** Pairs [i, j] with r_i < r_j and p_i > p_j. */
  readonly violations: readonly (readonly [number, number])[];
}

/** Of the candidates of one prompt; gradients by `sum`, in their order. */
export function rrhfLoss(candidates: readonly RrhfCandidate[], { rankWeight }: RrhfOptions): RrhfResult {
  const p = candidates.map(({ sum, length }) => sum / length);
  const gradients = candidates.map(() => 0);
  const violations: [number, number][] = [];
  let rankLoss = 0;
  let pairs = 0;
  for (const [i, { reward: rI, length: nI }] of candidates.entries()) {
    for (const [j, { reward: rJ, length: nJ }] of candidates.entries()) {
      if (rI >= rJ) continue;
      pairs++;
      if (p[i]! <= p[j]!) continue;
      rankLoss += p[i]! - p[j]!;
      violations.push([i, j]);
      gradients[i]! += rankWeight / nI;
      gradients[j]! -= rankWeight / nJ;
    }
  }
  const best = candidates.reduce((b, { reward }, i) => (reward > candidates[b]!.reward ? i : b), 0);
  const sftLoss = -candidates[best]!.sum;
  gradients[best]! -= 1;
  return {
    loss: rankWeight * rankLoss + sftLoss,
    gradients,
    metrics: {
      "preference/rank_loss": rankLoss,
      "preference/sft_loss": sftLoss,
      ...(pairs > 0 ? { "preference/accuracy": 1 - violations.length / pairs } : {}),
    },
    ...{ rankLoss, sftLoss, best, violations },
  };
}
