/**
 * TreePO, https://arxiv.org/abs/2508.17445: completions that branch from shared prefixes. The advantage of a leaf is the
 * average, over its ancestors, of its reward centered among the leaves below that ancestor.
 *
 * Differs from the paper: our reading of "average of sub-group advantages", without its optional scaling by the deviation.
 */
import { average } from "../policy/statistics.ts";

/** `ancestors` lists the inner nodes above each leaf, the root included [leaves][depth]. A reward of null leaves. */
export function treeAdvantages(
  rewards: readonly (number | null)[],
  ancestors: readonly (readonly string[])[],
): number[] {
  const below = new Map<string, number[]>();
  rewards.forEach((reward, leaf) => {
    if (reward === null) return;
    for (const node of ancestors[leaf]!) below.set(node, [...(below.get(node) ?? []), reward]);
  });
  return rewards.map((reward, leaf) =>
    reward === null ? 0 : average(ancestors[leaf]!.map((node) => reward - average(below.get(node)!))),
  );
}
