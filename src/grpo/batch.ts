/** What one step trains on: judged completions with advantages, and the rows that the loss reads. */
import type { Aggregate } from "../policy/aggregate.ts";
import type { TrainingRow } from "../policy/loss.ts";
import { onCompletion, type Sampled, writtenCount } from "../policy/sampled.ts";
import type { TruncationPolicy } from "../policy/truncation.ts";
import type { CreditGroup, CreditRow } from "./credit.ts";
import type { ScoredSteps } from "./process.ts";

/** One judged completion, as whoever collects it hands it over. */
export interface ScoredTrajectory extends Sampled {
  /** What the verifier returned; null = not graded. */
  readonly reward: number | null;
  /** Named rewards, for advantages from several rewards. */
  readonly rewardParts?: Readonly<Record<string, number>>;
  /** Scored steps, for process supervision; ends count tokens that the policy wrote. */
  readonly steps?: ScoredSteps;
}

/** The G completions of one prompt. */
export interface ScoredGroup {
  readonly promptId: string;
  readonly trajectories: readonly ScoredTrajectory[]; // [G]
  /** Reward of a greedy completion of the same prompt, for the greedy baseline. */
  readonly greedyReward?: number | null;
}

/** A completion on its way to the loss. Arrays follow `tokens` [T]. */
export interface Candidate {
  readonly trajectory: ScoredTrajectory;
  /** After the truncation policy; null leaves loss and statistics. */
  readonly reward: number | null;
  /** Tokens that the policy wrote. */
  readonly length: number;
  oldLogProbs?: Float32Array;
  refLogProbs?: Float32Array;
  /** β·KL of each written token where the KL is in the reward. [length] */
  penalty?: number[];
  /** Of each written token. [length] */
  advantages: readonly number[];
}

export interface CandidateGroup {
  readonly group: ScoredGroup;
  readonly candidates: readonly Candidate[]; // [G]
}

/** Applies the truncation policy. A reward that is not finite counts as not graded, and so does a completion of no token. */
export function candidatesOf(group: ScoredGroup, truncation: TruncationPolicy): CandidateGroup {
  const candidates = group.trajectories.map((trajectory) => {
    const length = writtenCount(trajectory.completionMask);
    const { reward, truncated } = trajectory;
    const graded = reward !== null && Number.isFinite(reward) && length > 0;
    return {
      trajectory,
      length,
      reward: truncation({ reward: graded ? reward : null, truncated, length }),
      advantages: [],
    };
  });
  return { group, candidates };
}

export function creditGroup({ group, candidates }: CandidateGroup): CreditGroup {
  const rows = candidates.map(
    ({ trajectory: { rewardParts, steps }, reward, length, penalty }): CreditRow => ({
      reward,
      length,
      ...(rewardParts && { parts: rewardParts }),
      ...(steps && { steps }),
      ...(penalty && { penalty }),
    }),
  );
  return { rows, ...(group.greedyReward === undefined ? {} : { greedyReward: group.greedyReward }) };
}

/** The rows of one update. Their weights come from all of them together, so they belong to this update alone. */
export function trainingRows(candidates: readonly Candidate[], aggregate: Aggregate): TrainingRow[] {
  const weights = aggregate(candidates.map(({ trajectory }) => trajectory.completionMask));
  return candidates.map(({ trajectory, advantages, oldLogProbs, refLogProbs }, b) => ({
    id: trajectory.id,
    tokens: trajectory.tokens,
    fields: {
      advantages: onCompletion(advantages, trajectory.completionMask),
      weights: weights[b]!,
      completionMask: Float32Array.from(trajectory.completionMask),
      samplerLogProbs: trajectory.samplerLogProbs,
      ...(oldLogProbs && { oldLogProbs }),
      ...(refLogProbs && { refLogProbs }),
    },
  }));
}
