/**
 * The reward of each token that the policy wrote: what verifiers, reward models and process rewards say, minus the KL.
 *
 *   r_t = step rewards at t − β·KL_t + 1[t = last]·(score − 1[no end]·missing-EOS penalty)
 */
import { RlvrError } from "../errors.ts";
import { klShapedRewards, shapedRewards } from "../policy/kl-reward.ts";

/** What a reward source says of one completion. */
export interface EpisodeReward {
  /** The score of the whole, on its last token; null = not graded: the completion leaves the loss. */
  readonly score: number | null;
  /** Further rewards of single tokens that the policy wrote. [length] */
  readonly perToken?: readonly number[];
  /** Further rewards of steps, each on the step's last token; `ends` count tokens that the policy wrote, from 0. */
  readonly steps?: { readonly rewards: readonly number[]; readonly ends: readonly number[] };
  /** Named parts of the score, to be logged. */
  readonly parts?: Readonly<Record<string, number>>;
}

export interface TokenRewardOptions {
  /** Subtracted from the score of a completion that did not end by itself. */
  readonly missingEosPenalty: number;
  readonly klCoef: number; // β
}

export interface TokenRewardInput {
  /** For messages. */
  readonly id: string;
  /** Tokens that the policy wrote. */
  readonly length: number;
  readonly finished: boolean;
  /** At the weights that update starts from, and of the reference policy; null where no KL is taken off. [length] */
  readonly logProbs: readonly number[] | null;
  readonly refLogProbs: readonly number[] | null;
}

/**
 * Rewards [length], and the k1 estimate of the completion's KL in nats, summed over its tokens (0 without a reference).
 * @throws {RlvrError} E_SHAPE where a reward belongs to no token
 */
export function tokenRewards(
  { score, perToken, steps }: EpisodeReward & { score: number },
  { id, length, finished, logProbs, refLogProbs }: TokenRewardInput,
  { missingEosPenalty, klCoef }: TokenRewardOptions,
): { rewards: number[]; seqKl: number } {
  const shaped =
    logProbs !== null && refLogProbs !== null
      ? klShapedRewards(
          { score, logProbs, refLogProbs, length },
          { beta: klCoef, missingEosPenalty, finishedByEos: finished },
        )
      : {
          rewards: shapedRewards(score - (finished ? 0 : missingEosPenalty), new Array<number>(length).fill(0), length),
          seqKl: 0,
        };
  const { rewards } = shaped;
  if (perToken !== undefined) {
    checkLength(id, "rewards for tokens", perToken.length, length);
    for (const [t, reward] of perToken.entries()) rewards[t]! += reward;
  }
  if (steps !== undefined) {
    checkLength(id, "step ends", steps.ends.length, steps.rewards.length);
    for (const [s, end] of steps.ends.entries()) {
      if (!Number.isInteger(end) || end < 0 || end >= length) {
        throw new RlvrError("E_SHAPE", `step ${s} of ${id} ends at token ${end}, expected 0 to ${length - 1}`);
      }
      rewards[end]! += steps.rewards[s]!;
    }
  }
  return shaped;
}

/** Whether it can be trained on: graded, and every number of it finite. */
export function isUsable(reward: EpisodeReward): reward is EpisodeReward & { score: number } {
  const { score, perToken = [], steps } = reward;
  return score !== null && [score, ...perToken, ...(steps?.rewards ?? [])].every(Number.isFinite);
}

function checkLength(id: string, what: string, came: number, expected: number): void {
  if (came !== expected) throw new RlvrError("E_SHAPE", `${id} has ${came} ${what}, expected ${expected}`);
}
