/** A reward model: trained on comparisons or rankings, measured on others, its scores brought to a scale. */
import type { Learner } from "../policy/loss.ts";
import type { FlatWeights } from "../policy/weights.ts";
import { type RewardModelReport, rewardModelReport } from "./calibration.ts";
import type { TokenPair } from "./items.ts";
import { rewardPairMethod } from "./methods.ts";
import { foldScale, type RewardScale } from "./reward-scale.ts";
import { type PreferenceOptions, trainPreference } from "./train.ts";
import { lastScore, readSequences, type Sequence } from "./two-pass.ts";

export interface RewardModelOptions<Item> extends Omit<PreferenceOptions<Item>, "referenceScore"> {
  /** Comparisons that are not trained on. */
  readonly heldOut: readonly TokenPair[];
  /**
   * After training: the model's own weights, and from scores of `sequences` the scale that is built into its head. For
   * `standardScale` they are the reference policy's samples, for `centeredScale` demonstrations.
   */
  readonly normalize?: {
    readonly weights: FlatWeights;
    readonly sequences: readonly Sequence[];
    readonly scale: (scores: readonly number[]) => RewardScale;
  };
}

/** Trains, measures on held-out pairs, normalizes. The learner's model has a score head. */
export async function trainRewardModel<Item>(
  options: RewardModelOptions<Item>,
): Promise<{ stepsDone: number; heldOut: RewardModelReport | null; scale: RewardScale | null }> {
  const { learner, steps, heldOut, normalize } = options;
  const { stepsDone } = await trainPreference(options);
  if (stepsDone < steps) return { stepsDone, heldOut: null, scale: null };
  const report = await measureRewardModel(learner, heldOut); // the scale changes how sure it is, not what it prefers
  if (normalize === undefined) return { stepsDone, heldOut: report, scale: null };
  const scale = normalize.scale(await rewards(learner, normalize.sequences));
  foldScale(normalize.weights, scale);
  return { stepsDone, heldOut: report, scale };
}

/** Scores of whole sequences: the reward of each completion. [B] */
export function rewards(learner: Pick<Learner, "score">, sequences: readonly Sequence[]): Promise<number[]> {
  return readSequences((rows, temperature) => learner.score(rows, temperature), sequences, lastScore);
}

export async function measureRewardModel(
  learner: Pick<Learner, "score">,
  pairs: readonly TokenPair[],
): Promise<RewardModelReport> {
  const scores = await rewards(learner, rewardPairMethod().sequences(pairs));
  return rewardModelReport(pairs.map((_, i) => ({ chosen: scores[2 * i]!, rejected: scores[2 * i + 1]! })));
}
