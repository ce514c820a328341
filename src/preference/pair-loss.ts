/**
 * Losses of one pair, a chosen and a rejected completion of the same prompt, as functions of their log-probs: what the
 * papers write inside the expectation. `meanOverPairs` is the expectation.
 */
import type { SequenceLoss } from "./two-pass.ts";

export interface CompletionLogProb {
  /** log π_θ(y | x), over the completion's tokens. */
  readonly sum: number;
  /** The same under the reference policy; 0 for a loss that has none. */
  readonly reference: number;
  /** |y|, the completion's tokens. */
  readonly length: number;
}

export interface LogProbPair {
  readonly chosen: CompletionLogProb;
  readonly rejected: CompletionLogProb;
}

export interface PairResult {
  readonly loss: number;
  /** ∂loss/∂log π_θ(y_w | x) */
  readonly gradChosen: number;
  /** ∂loss/∂log π_θ(y_l | x) */
  readonly gradRejected: number;
  /** The rewards that the loss takes the policy to have: what is logged. */
  readonly rewardChosen: number;
  readonly rewardRejected: number;
}

export type PairLoss = (pair: LogProbPair) => PairResult;

/** h = (log π_w − log π_l) − (log ref_w − log ref_l) */
export function logRatioGap({ chosen, rejected }: LogProbPair): number {
  return chosen.sum - chosen.reference - (rejected.sum - rejected.reference);
}

/** β·log(π/ref): the reward of which the policy would be the optimum (DPO eq. 5, without the partition function). */
export function implicitRewards({ chosen, rejected }: LogProbPair, beta: number) {
  return {
    rewardChosen: beta * (chosen.sum - chosen.reference),
    rewardRejected: beta * (rejected.sum - rejected.reference),
  };
}

/** The loss with α·(mean negative log-likelihood of the chosen completion) added. RPO, https://arxiv.org/abs/2404.19733 eq. 1 */
export function withNll(loss: PairLoss, alpha: number): PairLoss {
  return (pair) => {
    const result = loss(pair);
    const { sum, length } = pair.chosen;
    return {
      ...result,
      loss: result.loss - (alpha * sum) / length,
      gradChosen: result.gradChosen - alpha / length,
    };
  };
}

/**
 * The loss that a soft label expects: p·loss(pair) + (1−p)·loss(the pair flipped), p the share of annotators for the chosen
 * one. With DPO's loss it is conservative DPO with ε = 1−p for this pair.
 */
export function expectedLoss(loss: PairLoss, pair: LogProbPair, p: number): PairResult {
  const result = loss(pair);
  if (p === 1) return result;
  const flipped = loss({ chosen: pair.rejected, rejected: pair.chosen });
  return {
    ...result,
    loss: p * result.loss + (1 - p) * flipped.loss,
    gradChosen: p * result.gradChosen + (1 - p) * flipped.gradRejected,
    gradRejected: p * result.gradRejected + (1 - p) * flipped.gradChosen,
  };
}

/** How a pair counts. */
export interface PairLabel {
  /** p of `expectedLoss`; 1 if left out. */
  readonly target?: number;
  /** In the mean, such as trust in its annotator; 1 if left out. */
  readonly weight?: number;
}

/**
 * Σ_i w_i·loss(pair_i) / n. Gradients in the order chosen, rejected, chosen, … [2n]
 *
 * Divided by the number of pairs, not by the sum of their weights: a batch of distrusted pairs moves little.
 */
export function meanOverPairs(
  loss: PairLoss,
  pairs: readonly LogProbPair[],
  labels: readonly PairLabel[] = [],
): SequenceLoss {
  const results = pairs.map((pair, i) => expectedLoss(loss, pair, labels[i]?.target ?? 1));
  const n = pairs.length;
  const share = (i: number) => (labels[i]?.weight ?? 1) / n;
  const mean = (of: (result: PairResult, i: number) => number) =>
    results.reduce((sum, result, i) => sum + of(result, i) / n, 0);
  return {
    loss: results.reduce((sum, result, i) => sum + share(i) * result.loss, 0),
    gradients: results.flatMap(({ gradChosen, gradRejected }, i) => [share(i) * gradChosen, share(i) * gradRejected]),
    metrics: {
      "preference/reward_chosen": mean(({ rewardChosen }) => rewardChosen),
      "preference/reward_rejected": mean(({ rewardRejected }) => rewardRejected),
      "preference/margin": mean(({ rewardChosen, rewardRejected }) => rewardChosen - rewardRejected),
      "preference/accuracy": mean(({ rewardChosen, rewardRejected }) => (rewardChosen > rewardRejected ? 1 : 0)),
      "preference/logp_chosen": mean((_, i) => pairs[i]!.chosen.sum),
      "preference/logp_rejected": mean((_, i) => pairs[i]!.rejected.sum),
    },
  };
}
