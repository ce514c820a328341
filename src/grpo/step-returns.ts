/**
 * Advantages from rewards of steps, without statistics over steps: a completion's own steps cannot move what it is compared
 * with. The reward of the whole completion comes with them, so that no step pays without success.
 *
 *   A_{i,k} = w·( r_i − mean_{j≠i} r_j ) + G_{i,k} − b_i
 *
 * PURE, https://arxiv.org/abs/2504.15275, has G = the sum of softly minimized rewards; see prm/shaping.ts.
 */
import { average } from "../policy/statistics.ts";
import { type Credit, type CreditGroup, stepsOf } from "./credit.ts";
import { type ScoredSteps, type StepCredit, spread, valueDifferences } from "./process.ts";
import { ZERO_VARIANCE_TOLERANCE } from "./statistics.ts";

/** Returns of whole completions, those of their first steps → what is taken off each of them. */
export type StepBaseline = (returns: readonly number[]) => number[];

/** The mean of the siblings' returns; of a completion without siblings its own. */
export const siblings: StepBaseline = (returns) => returns.map((own, i) => meanOfOthers(returns, i) ?? own);

/** For credits that are differences already. */
export const noBaseline: StepBaseline = (returns) => returns.map(() => 0);

export interface StepReturnOptions {
  /** Rewards of the steps → G, what the tokens of each step get. [S] → [S] */
  readonly credit: StepCredit;
  readonly baseline: StepBaseline;
  /** w, weight of the reward of the whole completion. */
  readonly outcomeWeight: number;
  readonly tolerance?: number;
}

/** Every graded completion needs `steps`; of no step it gets the outcome's part alone. A penalty is not supported. */
export function perStepReturn({ credit, baseline, outcomeWeight, tolerance }: StepReturnOptions): Credit {
  return fromGraded(tolerance, (graded) => {
    const returns = graded.map(({ steps }) => credit(steps.rewards));
    const offsets = baseline(returns.map((steps) => steps[0] ?? 0));
    const outcomes = outcomeParts(graded, outcomeWeight);
    return graded.map(({ steps, length }, i) => {
      const values = returns[i]!.map((G) => G - offsets[i]! + outcomes[i]!);
      return steps.ends.length === 0 ? constant(outcomes[i]!, length) : spread(values, steps.ends, length);
    });
  });
}

/**
 * VinePPO as a credit: the `rewards` of the steps are values V̂ at the *starts* of the steps, estimated by fresh completions;
 * the completion's own reward stands at the end. https://arxiv.org/abs/2410.01679
 */
export function perValueDifference(tolerance?: number): Credit {
  return fromGraded(tolerance, (graded) =>
    graded.map(({ steps, reward, length }) => spread(valueDifferences(steps.rewards, reward), steps.ends, length)),
  );
}

interface GradedRow {
  readonly reward: number;
  readonly length: number;
  readonly steps: ScoredSteps;
}

/** A credit from advantages of the graded completions of a group; the others get 0, and have no part in it. */
export function fromGraded(
  tolerance: number = ZERO_VARIANCE_TOLERANCE,
  assign: (graded: readonly GradedRow[]) => number[][],
): Credit {
  const ofGroup = (group: CreditGroup): number[][] => {
    const steps = stepsOf(group);
    const rows = group.rows.map(({ reward, length }, i) => ({ reward, length, steps: steps[i] ?? null }));
    const graded = rows.filter((row): row is GradedRow => row.reward !== null && row.steps !== null);
    const advantages = assign(graded).values();
    return rows.map(({ reward, length }) => (reward === null ? constant(0, length) : advantages.next().value!));
  };
  return {
    assign: (groups) => groups.map(ofGroup),
    hasSignal: (group) => ofGroup(group).some((row) => row.some((advantage) => Math.abs(advantage) > tolerance)),
  };
}

/** w·(r_i − mean of the siblings' rewards); 0 without siblings. */
export function outcomeParts(graded: readonly { readonly reward: number }[], weight: number): number[] {
  const rewards = graded.map(({ reward }) => reward);
  return rewards.map((reward, i) => weight * (reward - (meanOfOthers(rewards, i) ?? reward)));
}

export function meanOfOthers(values: readonly number[], i: number): number | null {
  return values.length < 2 ? null : average(values.filter((_, j) => j !== i));
}

function constant(value: number, length: number): number[] {
  return new Array<number>(length).fill(value);
}
