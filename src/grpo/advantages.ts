/**
 * Advantages without a critic: the rewards of the G completions of each prompt → one number for each completion.
 *
 * A reward of null (not graded) leaves mean, deviation and divisor, and its advantage is 0. A group whose rewards are all
 * equal gets exactly 0: rounding noise divided by a tiny deviation would be a signal that nobody gave.
 */
import { RlvrError } from "../errors.ts";
import { average, variance } from "../policy/statistics.ts";
import { isEqual, ZERO_VARIANCE_TOLERANCE } from "./statistics.ts";

/** What is known of the completions of one prompt. */
export interface RewardGroup {
  readonly rewards: readonly (number | null)[]; // [G]
  /** Completion tokens; lengthWeighted needs them. [G] */
  readonly lengths?: readonly number[];
  /** Reward of one greedy completion of the same prompt; greedyBaseline needs it. */
  readonly greedyReward?: number | null;
  /** Named rewards; those of several-rewards.ts need them. [G] */
  readonly parts?: readonly (Readonly<Record<string, number>> | null)[];
}

/** [P] groups of G → [P][G]. Whole batches, because some of them compare a group with the others. */
export type Advantage = (groups: readonly RewardGroup[]) => number[][];

export interface NormalizeOptions {
  /** The deviation divides by G − ddof: 1 in TRL, verl and OpenRLHF; 0 in open-instruct. */
  readonly ddof?: 0 | 1;
  /** Added to the deviation: 1e-4 in TRL, 1e-6 in verl. It bounds what a nearly constant group can say. */
  readonly eps?: number;
  readonly tolerance?: number;
}

/** A_i = (r_i − mean) / (std + ε). GRPO, DeepSeekMath §4.1.2, https://arxiv.org/abs/2402.03300 */
export function groupNormalized({ ddof = 1, eps = 1e-4, tolerance }: NormalizeOptions = {}): Advantage {
  return perGroup((rewards) => {
    const mean = average(rewards);
    const scale = Math.sqrt(variance(rewards, ddof)) + eps;
    return rewards.map((reward) => (reward - mean) / scale);
  }, tolerance);
}

/** A_i = r_i − mean. Dr. GRPO, https://arxiv.org/abs/2503.20783: no bias to questions that are too easy or too hard. */
export function centered(tolerance?: number): Advantage {
  return perGroup(center, tolerance);
}

/** A_i = r_i − mean of the other G−1 rewards = G/(G−1) · (r_i − mean). RLOO, https://arxiv.org/abs/2402.14740 */
export function leaveOneOut(tolerance?: number): Advantage {
  return perGroup((rewards) => {
    const G = rewards.length;
    return center(rewards).map((deviation) => (deviation * G) / (G - 1));
  }, tolerance);
}

/** A_i = r_i − Σ_j l_j r_j / Σ_j l_j: the baseline of least variance when a token counts alike. OPO, 2505.23585 */
export function lengthWeighted(tolerance?: number): Advantage {
  return perGroup((rewards, lengths) => {
    if (lengths === undefined) throw new RlvrError("E_CONFIG", "the length-weighted baseline (OPO) has no lengths");
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const baseline = rewards.reduce((sum, reward, i) => sum + reward * lengths[i]!, 0) / total;
    return rewards.map((reward) => reward - baseline);
  }, tolerance);
}

/** Only the best completion gets anything: r_max − r_second. The pass@k objective with k = G. */
export function passAtK(tolerance?: number): Advantage {
  return perGroup((rewards) => {
    const [best, second] = [...rewards].sort((a, b) => b - a) as [number, number];
    const margin = best - second; // 0 on a tie
    return rewards.map((reward) => (reward === best ? margin : 0));
  }, tolerance);
}

/** A_i = r_i − r(greedy completion of the same prompt). ReMax, https://arxiv.org/abs/2310.10505. G may be 1. */
export const greedyBaseline: Advantage = (groups) =>
  groups.map(({ rewards, greedyReward }) => {
    if (greedyReward === undefined) {
      throw new RlvrError("E_CONFIG", "the greedy baseline (ReMax) has no greedyReward in its groups", {
        hint: "let collect() also score one greedy completion of each prompt",
      });
    }
    return rewards.map((reward) => (reward === null || greedyReward === null ? 0 : reward - greedyReward));
  });

/** A_i = (r_i − group mean) / (std of the *raw* rewards of the batch + ε). Lite-PPO, https://arxiv.org/abs/2508.08221 */
export function batchScaled({ ddof = 1, eps = 1e-4, tolerance }: NormalizeOptions = {}): Advantage {
  return (groups) => {
    const scale = Math.sqrt(variance(groups.flatMap(gradedRewards), ddof)) + eps;
    return divided(centered(tolerance)(groups), scale);
  };
}

/**
 * A_i = (r_i − group mean) / √(variance of the *centered* rewards of the batch + ε).
 * The baseline form of REINFORCE++, https://arxiv.org/abs/2501.03262
 */
export function batchWhitened({ ddof = 1, eps = 1e-8, tolerance }: NormalizeOptions = {}): Advantage {
  return (groups) => {
    const advantages = centered(tolerance)(groups);
    const valid = advantages.flatMap((row, p) => row.filter((_, i) => groups[p]!.rewards[i] !== null));
    return divided(advantages, Math.sqrt(variance(valid, ddof) + eps));
  };
}

/** Rewards and lengths of the graded completions of a group: at least two, and the rewards differ. */
type Estimate = (rewards: readonly number[], lengths: readonly number[] | undefined) => number[];

/** Lifts an estimate over graded rewards to batches: null and groups without signal get 0. */
function perGroup(estimate: Estimate, tolerance: number = ZERO_VARIANCE_TOLERANCE): Advantage {
  return (groups) =>
    groups.map((group) => {
      const rewards = gradedRewards(group);
      if (isEqual(rewards, tolerance)) return group.rewards.map(() => 0);
      const lengths = group.lengths?.filter((_, i) => group.rewards[i] !== null);
      const estimates = estimate(rewards, lengths).values();
      return group.rewards.map((reward) => (reward === null ? 0 : (estimates.next().value as number)));
    });
}

/** The rewards of a group that are not null. */
export function gradedRewards(group: Pick<RewardGroup, "rewards">): number[] {
  return group.rewards.filter((reward) => reward !== null);
}

function center(rewards: readonly number[]): number[] {
  const mean = average(rewards);
  return rewards.map((reward) => reward - mean);
}

function divided(advantages: readonly number[][], scale: number): number[][] {
  return advantages.map((row) => row.map((advantage) => (advantage === 0 ? 0 : advantage / scale)));
}
