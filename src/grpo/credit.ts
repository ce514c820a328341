/**
 * From judged completions to the advantage of each token.
 *
 * Most advantages are one number for a completion, which all of its tokens get; process supervision and REINFORCE++ tell
 * tokens apart. Both are a `Credit`, so the training loop knows only one kind.
 */
import { RlvrError } from "../errors.ts";
import { shapedRewards } from "../policy/kl-reward.ts";
import type { Advantage, RewardGroup } from "./advantages.ts";
import { type ProcessOptions, processAdvantages, type ScoredSteps } from "./process.ts";
import { type ReinforcePlusPlusOptions, reinforcePlusPlus } from "./reinforce-plus-plus.ts";
import { isEqual } from "./statistics.ts";

/** One completion, as the advantages see it. */
export interface CreditRow {
  /** null: not graded, or left out by the truncation policy. */
  readonly reward: number | null;
  /** L, tokens that the policy wrote. */
  readonly length: number;
  readonly parts?: Readonly<Record<string, number>>;
  readonly steps?: ScoredSteps;
  /** β·KL of each token where the KL is part of the reward. [L] */
  readonly penalty?: readonly number[];
}

export interface CreditGroup {
  readonly rows: readonly CreditRow[]; // [G]
  readonly greedyReward?: number | null;
}

export interface Credit {
  /** [P] groups of G completions of L tokens → advantages [P][G][L]; all 0 for a reward of null. */
  readonly assign: (groups: readonly CreditGroup[]) => number[][][];
  /** Whether a group can teach anything: dynamic sampling keeps only those. */
  readonly hasSignal: (group: CreditGroup) => boolean;
}

/** Every token of a completion gets the completion's advantage; a KL penalty is summed and taken off the reward first. */
export function perCompletion(advantage: Advantage): Credit {
  return {
    assign: (groups) => {
      const advantages = advantage(groups.map(rewardGroup));
      return groups.map(({ rows }, p) => rows.map(({ length }, i) => new Array(length).fill(advantages[p]![i]!)));
    },
    hasSignal: (group) => advantage([rewardGroup(group)])[0]!.some((number) => number !== 0),
  };
}

/** GRPO with process supervision. Every graded completion needs `steps`; a penalty is not supported. */
export function perStep(options: ProcessOptions = {}): Credit {
  return {
    assign: (groups) =>
      groups.map((group) => {
        const lengths = group.rows.map(({ length }) => length);
        return processAdvantages(stepsOf(group), lengths, options).advantages;
      }),
    hasSignal: (group) =>
      !isEqual(
        stepsOf(group).flatMap((steps) => steps?.rewards ?? []),
        options.tolerance,
      ),
  };
}

/** The steps of the graded completions of a group; null for the others. @throws {RlvrError} E_CONFIG if one has none */
export function stepsOf({ rows }: CreditGroup): (ScoredSteps | null)[] {
  return rows.map(({ reward, steps }) => {
    if (reward === null) return null;
    if (steps !== undefined) return steps;
    throw new RlvrError("E_CONFIG", "process supervision has a completion without scored steps", {
      hint: "let collect() give each trajectory its steps: rewards and token ends",
    });
  });
}

/** REINFORCE++: token rewards, discounted and whitened over the batch. A group alone never lacks signal. */
export function perToken(options: ReinforcePlusPlusOptions = {}): Credit {
  return {
    assign: (groups) => {
      const graded = groups.flatMap(({ rows }) => rows.filter(({ reward }) => reward !== null));
      const masks = graded.map(({ length }) => new Array(length).fill(1));
      const advantages = reinforcePlusPlus(graded.map(tokenRewards), masks, options).advantages.values();
      return groups.map(({ rows }) =>
        rows.map(({ reward, length }) => (reward === null ? new Array(length).fill(0) : advantages.next().value!)),
      );
    },
    hasSignal: ({ rows }) => rows.some(({ reward }) => reward !== null),
  };
}

function rewardGroup({ rows, greedyReward }: CreditGroup): RewardGroup {
  return {
    rewards: rows.map(({ reward, penalty }) => (reward === null ? null : reward - sum(penalty ?? []))),
    lengths: rows.map(({ length }) => length),
    parts: rows.map(({ parts }) => parts ?? null),
    ...(greedyReward === undefined ? {} : { greedyReward }),
  };
}

/** The reward on the last token, minus the penalties. [L] */
function tokenRewards({ reward, length, penalty }: CreditRow): number[] {
  return shapedRewards(reward ?? 0, penalty ?? new Array<number>(length).fill(0), length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, x) => total + x, 0);
}
