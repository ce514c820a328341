/** Dynamic sampling: only groups that teach something are trained on. DAPO §3.2, https://arxiv.org/abs/2503.14476 */

import { average } from "../policy/statistics.ts";
import { gradedRewards, type RewardGroup } from "./advantages.ts";
import { isEqual } from "./statistics.ts";

/** Whether the graded rewards of a group differ by more than the tolerance. */
export function hasSignal(group: Pick<RewardGroup, "rewards">, tolerance?: number): boolean {
  return !isEqual(gradedRewards(group), tolerance);
}

/**
 * Which groups to keep: rewards that differ, and a mean strictly between `low` and `high`. DAPO has 0 and 1, PRIME .2 and
 * .8, for rewards in [0, 1]; without bounds only the difference counts.
 */
export function keepMask(
  groups: readonly Pick<RewardGroup, "rewards">[],
  bounds: { readonly low?: number; readonly high?: number; readonly tolerance?: number } = {},
): boolean[] {
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY, tolerance } = bounds;
  return groups.map((group) => {
    const mean = average(gradedRewards(group));
    return hasSignal(group, tolerance) && mean > low && mean < high;
  });
}
