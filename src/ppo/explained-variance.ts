import { variance } from "../policy/statistics.ts";

/**
 * 1 − Var(R − V)/Var(R): the share of the returns' variance that the critic explains. 1 = it knows them, 0 = no better than
 * a constant, below 0 = worse. null where the returns are all equal, or there are fewer than two.
 */
export function explainedVariance(returns: readonly number[], values: readonly number[]): number | null {
  const all = variance(returns, 0);
  if (all === 0) return null;
  return (
    1 -
    variance(
      returns.map((R, i) => R - values[i]!),
      0,
    ) /
      all
  );
}
