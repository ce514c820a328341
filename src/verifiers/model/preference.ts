/**
 * How likely one answer is better than another, from what a judge says of the two.
 *
 * RLAIF (https://arxiv.org/abs/2309.00267) §2.2: soft labels from the judge's log-probs, both orders averaged against
 * position bias. Constitutional AI (https://arxiv.org/abs/2212.08073) §4.1: over-confident judgments are clamped, §4.3: labels
 * are averaged over principles.
 */

/** p(A) = exp(a) / (exp(a) + exp(b)) of the judge's log-probs for "A" and "B"; −∞ for a letter that it would never say. */
export function softPreference(logProbA: number, logProbB: number): number {
  if (logProbA === logProbB) return 0.5; // both may be −∞
  return 1 / (1 + Math.exp(logProbB - logProbA));
}

/** Constitutional AI has [.40, .60] for judges that reason first: they are nearly always sure. */
export function clampPreference(p: number, [low, high]: readonly [low: number, high: number]): number {
  return Math.min(high, Math.max(low, p));
}

/** From p(A) with the first answer as A, and p(A) with the two swapped: p(the first answer is better). */
export function debiasedPreference(pFirstAsA: number, pSecondAsA: number): number {
  return (pFirstAsA + (1 - pSecondAsA)) / 2;
}

/** Mean over principles. */
export function ensemblePreference(perPrinciple: readonly number[]): number {
  return perPrinciple.reduce((sum, p) => sum + p, 0) / perPrinciple.length;
}
