/** One completion on its way to the losses: what is known of each token that the policy wrote. */
import type { Aggregate } from "../policy/aggregate.ts";
import type { TrainingRow } from "../policy/loss.ts";
import { onCompletion, type Sampled, writtenCount } from "../policy/sampled.ts";
import type { Example } from "../policy/sft.ts";
import { sftRows } from "../policy/sft.ts";
import type { TruncationPolicy } from "../policy/truncation.ts";
import { type EpisodeReward, isUsable } from "./token-rewards.ts";

/** Arrays are of the tokens that the policy wrote, [length], where nothing else is said. */
export interface Episode {
  readonly trajectory: Sampled;
  readonly length: number;
  /** As its source gave it. */
  readonly given: EpisodeReward;
  /** With the truncation policy's score; null leaves the loss and all statistics. */
  readonly reward: (EpisodeReward & { readonly score: number }) | null;
  /** [T] */
  oldLogProbs: Float32Array;
  /** V of the state before each token. */
  values: readonly number[];
  /** What the critic says of the state after the last token. */
  lastValue: number;
  /** null without a reference policy. */
  refLogProbs: readonly number[] | null;
  rewards: readonly number[];
  /** KL to the reference policy in nats, summed. */
  seqKl: number;
  returns: readonly number[];
  advantages: readonly number[];
}

/** A reward with a number that is not finite counts as not graded, and so does a completion of no token. */
export function episodeOf(trajectory: Sampled, given: EpisodeReward, truncation: TruncationPolicy): Episode {
  const length = writtenCount(trajectory.completionMask);
  const graded = isUsable(given) && length > 0;
  const score = truncation({ reward: graded ? given.score : null, truncated: trajectory.truncated, length });
  return {
    ...{ trajectory, length, given, reward: score === null ? null : { ...given, score } },
    ...{ oldLogProbs: new Float32Array(0), values: [], lastValue: 0, refLogProbs: null },
    ...{ rewards: [], seqKl: 0, returns: [], advantages: [] },
  };
}

/**
 * The rows of one update. Their weights come from all of them together, so they belong to this update alone.
 * @param whitened the advantages of this update, where they are not the episodes' own [B][length]
 */
export function trainingRows(
  episodes: readonly Episode[],
  aggregate: Aggregate,
  whitened: readonly (readonly number[])[] | null,
): TrainingRow[] {
  const weights = aggregate(episodes.map(({ trajectory }) => trajectory.completionMask));
  return episodes.map(({ trajectory, oldLogProbs, values, returns, advantages }, b) => {
    const { id, tokens, completionMask, samplerLogProbs } = trajectory;
    const fields = {
      advantages: onCompletion(whitened?.[b] ?? advantages, completionMask),
      returns: onCompletion(returns, completionMask),
      oldValues: onCompletion(values, completionMask),
      weights: weights[b]!,
      completionMask: Float32Array.from(completionMask),
      ...{ samplerLogProbs, oldLogProbs },
    };
    return { id, tokens, fields };
  });
}

/** The same rows for an update with the pre-training term, and after them the examples. */
export function withExamples(rows: readonly TrainingRow[], examples: readonly Example[]): TrainingRow[] {
  const names = Object.keys(rows[0]?.fields ?? {});
  const none = ({ tokens }: TrainingRow) => new Float32Array(tokens.length);
  return [
    ...rows.map((row) => ({ ...row, fields: { ...row.fields, ptxWeights: none(row) } })),
    ...sftRows(examples).map((row) => ({
      ...row,
      fields: {
        ...Object.fromEntries(names.map((name) => [name, none(row)])),
        ptxWeights: row.fields.weights as Float32Array,
      },
    })),
  ];
}
