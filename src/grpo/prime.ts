/**
 * PRIME, https://arxiv.org/abs/2502.01456: token rewards of an implicit process reward model, and the outcome, each
 * compared with the K − 1 siblings.
 *
 *   A_{i,t} = Σ_{s≥t} γ^{s−t} [ r_{i,s} − mean_{j≠i} mean_s r_{j,s} ] + o_i − mean_{j≠i} o_j
 *
 * Differs from the released code, which scales r by K/(K − 1) first and whitens the sum over the batch afterwards.
 */
import { average } from "../policy/statistics.ts";
import type { Credit } from "./credit.ts";
import { spread } from "./process.ts";
import { fromGraded, meanOfOthers, outcomeParts } from "./step-returns.ts";

export interface PrimeOptions {
  /** Discount of what comes after; 1 in the paper. */
  readonly gamma?: number;
  readonly tolerance?: number;
}

/** Rewards of tokens (or of steps) [K][S] and outcomes [K] → advantages [K][S]. */
export function primeAdvantages(
  processRewards: readonly (readonly number[])[],
  outcomes: readonly number[],
  gamma = 1,
): number[][] {
  const means = processRewards.map(average);
  const outcome = outcomeParts(
    outcomes.map((reward) => ({ reward })),
    1,
  );
  return processRewards.map((rewards, i) => {
    const baseline = meanOfOthers(means, i) ?? means[i]!;
    const returns = new Array<number>(rewards.length);
    let after = 0;
    for (let t = rewards.length - 1; t >= 0; t--) returns[t] = after = rewards[t]! - baseline + gamma * after;
    return returns.map((value) => value + outcome[i]!);
  });
}

/** The `steps` of a completion are its tokens, or spans of them, with the implicit rewards. */
export function prime({ gamma = 1, tolerance }: PrimeOptions = {}): Credit {
  return fromGraded(tolerance, (graded) => {
    const advantages = primeAdvantages(
      graded.map(({ steps }) => steps.rewards),
      graded.map(({ reward }) => reward),
      gamma,
    );
    return graded.map(({ steps, length }, i) => spread(advantages[i]!, steps.ends, length));
  });
}
