/**
 * From scores of steps to rewards of steps: what a return sums up. The raw scores pay for every step that is written, so a
 * policy learns to write empty ones; each of these forms takes that away. All go with a reward for success at the end.
 *
 * A shaping is for every algorithm that takes rewards of steps: PPO as they are, GRPO through their suffix sums.
 */

/** Scores of the steps of one completion, from 0 to 1 [S] → their rewards [S]. */
export type StepShaping = (scores: readonly number[]) => number[];

/** The scores themselves. More steps earn more: for comparison only. */
export const rawScores: StepShaping = (scores) => [...scores];

/**
 * How much lower each step makes the worst so far: r_k = min(1, p_1 … p_k) − min(1, p_1 … p_{k−1}), never above 0.
 *
 * The sum is the lowest score − 1 whatever the number and order of steps; and the step that brought it down bears it alone.
 * Ours: the return of PURE's min form (https://arxiv.org/abs/2504.15275), as differences of the prefix's value.
 */
export const drops: StepShaping = (scores) => {
  let lowest = 1;
  return scores.map((score) => {
    const before = lowest;
    lowest = Math.min(lowest, score);
    return lowest - before;
  });
};

/**
 * r*_k = p_k · softmax(−p/T)_k: nearly all weight is on the worst step, so the sum is nearly the minimum.
 * PURE, https://arxiv.org/abs/2504.15275; T = 0.1 there. With T → 0 it is the minimum exactly; above that many good
 * steps raise the sum a little, by what the property tests say.
 */
export function softMinimum(temperature = 0.1): StepShaping {
  return (scores) => {
    const lowest = Math.min(...scores);
    const weights = scores.map((score) => Math.exp((lowest - score) / temperature));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return scores.map((score, k) => (score * weights[k]!) / sum);
  };
}

/** r_k = min(p_k − η, 0): good steps earn nothing, bad ones cost. Clip of https://arxiv.org/abs/2410.15115 */
export function clipped(eta: number): StepShaping {
  return (scores) => scores.map((score) => Math.min(score - eta, 0));
}

/**
 * r_k = p_k − p_{k+1}, p_{K−1} for the last but one, 0 for the last, which the reward for success is for. The sum from step k
 * on is p_k alone. Delta of https://arxiv.org/abs/2410.15115; which step is the last is our reading.
 */
export const deltas: StepShaping = (scores) =>
  scores.map((score, k) => (k === scores.length - 1 ? 0 : k === scores.length - 2 ? score : score - scores[k + 1]!));
