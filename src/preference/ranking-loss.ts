/**
 * Reward model on rankings of K completions of one prompt. Gradients by score, in the order of the scores. [K]
 *
 * All of a ranking is one element of the batch: split into pairs, each completion would be seen K−1 times in an epoch, and
 * the model overfits (https://arxiv.org/abs/2203.02155 §3.5).
 */
import { logSigmoid, sigmoid } from "./logistic.ts";
import type { SequenceLoss } from "./two-pass.ts";

/** Ranks are 1 for the best; equal ranks are ties. */
export type RankingLoss = (scores: readonly number[], ranks: readonly number[]) => SequenceLoss;

/**
 * −1/pairs · Σ_{rank_i < rank_j} log σ(r_i − r_j), https://arxiv.org/abs/2203.02155 eq. 1. A tie makes no pair, and does not
 * count; a ranking of ties alone has the loss 0.
 */
export const pairwiseRankingLoss: RankingLoss = (scores, ranks) => {
  const pairs = strictPairs(ranks);
  const gradients = scores.map(() => 0);
  let loss = 0;
  let right = 0;
  for (const [i, j] of pairs) {
    const d = scores[i]! - scores[j]!;
    loss -= logSigmoid(d) / pairs.length;
    gradients[i]! -= sigmoid(-d) / pairs.length;
    gradients[j]! += sigmoid(-d) / pairs.length;
    if (d > 0) right++;
  }
  const metrics = pairs.length === 0 ? {} : { "preference/accuracy": right / pairs.length };
  return { loss, gradients, metrics };
};

/** [i, j] with i ranked before j. */
export function strictPairs(ranks: readonly number[]): [better: number, worse: number][] {
  return ranks.flatMap((rankI, i) => ranks.flatMap((rankJ, j) => (rankI < rankJ ? [[i, j] as [number, number]] : [])));
}

/**
 * −Σ_k log(e^{r_(k)} / Σ_{m ≥ k} e^{r_(m)}) for scores in the order of the ranking: the likelihood of choosing the best, then
 * the best of the rest, and so on. Plackett (1975). With K = 2 it is Bradley–Terry. Ties keep the order they are given in.
 */
export const plackettLuceLoss: RankingLoss = (scores, ranks) => {
  const order = scores.map((_, i) => i).toSorted((a, b) => ranks[a]! - ranks[b]!);
  const gradients = scores.map(() => 0);
  let loss = 0;
  for (let k = 0; k < order.length - 1; k++) {
    const rest = order.slice(k);
    const chosen = softmaxChoiceLoss(
      rest.map((i) => scores[i]!),
      0,
    );
    loss += chosen.loss;
    for (const [m, i] of rest.entries()) gradients[i]! += chosen.gradients[m]!;
  }
  return { loss, gradients, metrics: {} };
};

/** −log(e^{r_b} / Σ_i e^{r_i}): which of several was chosen as the best. https://arxiv.org/abs/1909.08593 eq. 1 */
export function softmaxChoiceLoss(scores: readonly number[], best: number): SequenceLoss {
  const top = Math.max(...scores);
  const shares = scores.map((score) => Math.exp(score - top));
  const total = shares.reduce((sum, x) => sum + x, 0);
  return {
    loss: Math.log(total) + top - scores[best]!,
    gradients: shares.map((share, i) => share / total - (i === best ? 1 : 0)),
    metrics: {},
  };
}
