/** Keeping the policy's entropy up: an adaptive coefficient for the bonus, and tokens to leave out of the gradient. */
import type { Rng } from "../rng.ts";

export interface EntropyController {
  readonly target: number; // nats per token
  readonly delta: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Skywork-OR1, https://arxiv.org/abs/2505.22312: below the target the coefficient rises by δ and is applied; above, it
 * falls by δ and is not. `applied` says whether this step's loss has the bonus.
 */
export function adaptEntropyCoef(
  coef: number,
  entropy: number,
  { target, delta, min, max }: EntropyController,
): { coef: number; applied: boolean } {
  const low = entropy < target;
  return { coef: Math.min(max, Math.max(min, coef + (low ? delta : -delta))), applied: low };
}

/**
 * cov_t = (A_t − mean A)(log π_t − mean log π). A confident token that is rewarded lowers the entropy, and so does an
 * unlikely one that is punished: both have positive covariance. https://arxiv.org/abs/2505.22617
 */
export function tokenCovariances(advantages: readonly number[], logProbs: readonly number[]): number[] {
  const n = Math.max(advantages.length, 1);
  const meanA = advantages.reduce((sum, a) => sum + a, 0) / n;
  const meanLogProb = logProbs.reduce((sum, l) => sum + l, 0) / n;
  return advantages.map((a, t) => (a - meanA) * (logProbs[t]! - meanLogProb));
}

/**
 * Clip-Cov: a random `share` (the paper: 2e-4) of all tokens, among those with low < cov < high (1 and 5), whose gradient
 * is to be left out. Setting their advantage to 0 does that. Returns 1 = left out. [N]
 */
export function clipCov(
  covariances: readonly number[],
  { share = 2e-4, low = 1, high = 5 }: { share?: number; low?: number; high?: number },
  rng: Rng,
): Uint8Array {
  const candidates = covariances.flatMap((cov, t) => (cov > low && cov < high ? [t] : []));
  const wanted = Math.round(share * covariances.length);
  const leftOut = new Uint8Array(covariances.length);
  for (const t of rng.shuffle(candidates).slice(0, wanted)) leftOut[t] = 1;
  return leftOut;
}
