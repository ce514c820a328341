/**
 * The KL penalty inside the reward, token by token (Ziegler et al. 2019, https://arxiv.org/abs/1909.08593).
 *
 *   r_t = −β (log π(t) − log π_ref(t)) + 1[t = last] · score
 *
 * No gradient flows through it. The score stands on the last valid token, as in verl and OpenRLHF.
 */
import { klOfToken } from "./kl.ts";

export interface KlRewardInput {
  readonly score: number;
  /** Log-probs of the completion's tokens at the weights that generated. [T] */
  readonly logProbs: ArrayLike<number>;
  readonly refLogProbs: ArrayLike<number>; // [T]
  /** Valid tokens; the rest is padding. */
  readonly length: number;
}

export interface KlRewardOptions {
  readonly beta: number;
  /** Subtracted from the score of a completion that has no end-of-sequence token. */
  readonly missingEosPenalty?: number;
  readonly finishedByEos?: boolean;
}

/** Rewards of the tokens [T], 0 on padding, and the k1 estimate of the sequence's KL in nats. */
export function klShapedRewards(input: KlRewardInput, options: KlRewardOptions): { rewards: number[]; seqKl: number } {
  const { beta, missingEosPenalty = 0, finishedByEos = true } = options;
  const kl = Array.from(input.logProbs, (logProb, t) =>
    t < input.length ? klOfToken.k1(logProb, input.refLogProbs[t] as number) : 0,
  );
  const score = input.score - (finishedByEos ? 0 : missingEosPenalty);
  const penalties = kl.map((nats) => beta * nats);
  return { rewards: shapedRewards(score, penalties, input.length), seqKl: kl.reduce((sum, nats) => sum + nats, 0) };
}

/** Minus the penalty β·KL of each token, and the score on the last of `length` valid ones. [T] */
export function shapedRewards(score: number, penalties: readonly number[], length: number): number[] {
  return penalties.map((penalty, t) => (t === length - 1 ? score : 0) - penalty);
}
