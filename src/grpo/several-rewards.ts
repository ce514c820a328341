/** Advantages from several named rewards, such as correctness and layout: sum then normalize, or normalize then sum. */
import { RlvrError } from "../errors.ts";
import { average, variance } from "../policy/statistics.ts";
import { type Advantage, groupNormalized, type NormalizeOptions, type RewardGroup } from "./advantages.ts";
import { isEqual } from "./statistics.ts";

/** Weight of each named reward; a reward that is not named here does not count. */
export type RewardWeights = Readonly<Record<string, number>>;

/** The weighted sum goes through one normalization (TRL's default): a reward of wide range drowns the others. */
export function sumThenNormalize(weights: RewardWeights, options: NormalizeOptions = {}): Advantage {
  const advantage = groupNormalized(options);
  return (groups) =>
    advantage(
      groups.map((group) => ({
        ...group,
        rewards: columns(group, weights).reduce<(number | null)[]>(
          (sums, { weight, rewards }) => sums.map((sum, i) => plus(sum, weight, rewards[i]!)),
          group.rewards.map((reward) => (reward === null ? null : 0)),
        ),
      })),
    );
}

/**
 * GDPO, https://arxiv.org/abs/2601.05242: each reward is normalized in its group, the weighted sum is then normalized over
 * the batch. Completions whose sums are equal but whose parts differ keep their difference.
 */
export function normalizeThenSum(weights: RewardWeights, options: NormalizeOptions = {}): Advantage {
  const { ddof = 1, eps = 1e-4, tolerance } = options;
  const advantage = groupNormalized(options);
  return (groups) => {
    const sums = groups.map((group) =>
      columns(group, weights).reduce(
        (sum, { weight, rewards }) => {
          const [normalized] = advantage([{ ...group, rewards }]) as [number[]];
          return sum.map((x, i) => x + weight * normalized[i]!);
        },
        group.rewards.map(() => 0),
      ),
    );
    const valid = sums.flatMap((row, p) => row.filter((_, i) => groups[p]!.rewards[i] !== null));
    if (isEqual(valid, tolerance)) return sums.map((row) => row.map(() => 0));

    const mean = average(valid);
    const scale = Math.sqrt(variance(valid, ddof)) + eps;
    return sums.map((row, p) => row.map((x, i) => (groups[p]!.rewards[i] === null ? 0 : (x - mean) / scale)));
  };
}

interface Column {
  readonly weight: number;
  readonly rewards: readonly (number | null)[]; // [G]
}

/** One column for each weight; an ungraded completion is null in all. */
function columns(group: RewardGroup, weights: RewardWeights): Column[] {
  return Object.entries(weights).map(([name, weight]) => ({
    weight,
    rewards: group.rewards.map((reward, i) => {
      if (reward === null) return null;
      const part = group.parts?.[i]?.[name];
      if (part !== undefined) return part;
      throw new RlvrError("E_CONFIG", `a completion has no reward named ${JSON.stringify(name)}, expected one`, {
        hint: `let the verifier return ${JSON.stringify(name)} among its metrics, or take it out of rewardWeights`,
      });
    }),
  }));
}

function plus(sum: number | null, weight: number, reward: number | null): number | null {
  return sum === null || reward === null ? null : sum + weight * reward;
}
