/** Figures of an evaluation. All functions are pure; how sure they are is in `../rollout/intervals.ts`. */
import { RlvrError } from "../errors.ts";

/**
 * pass@k: the chance that k of the n samples, drawn without replacement, hold a correct one, if c of the n are correct.
 * Unbiased; 1 − C(n−c, k)/C(n, k) as a product. Chen et al. 2021, https://arxiv.org/abs/2107.03374, section 2.1.
 * @throws {RlvrError} E_CONFIG unless 0 ≤ c ≤ n and 1 ≤ k ≤ n.
 */
export function passAtK(n: number, c: number, k: number): number {
  checkDraw(n, k);
  if (!Number.isInteger(c) || c < 0 || c > n)
    throw new RlvrError("E_CONFIG", `c is ${c}, expected an integer from 0 to n=${n}`);
  if (n - c < k) return 1;
  let allWrong = 1;
  for (let i = n - c + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

/** @throws {RlvrError} E_CONFIG unless n and k are integers with 1 ≤ k ≤ n. */
export function checkDraw(n: number, k: number): void {
  if (!Number.isInteger(n) || !Number.isInteger(k) || k < 1 || k > n) {
    throw new RlvrError("E_CONFIG", `k is ${k} of n=${n} samples, expected integers with 1 ≤ k ≤ n`, {
      hint: "Sample at least k completions for each problem.",
    });
  }
}

/** @throws {RlvrError} E_CONFIG if there are no values. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RlvrError("E_CONFIG", "the mean of no values was asked for");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation with n − 1 in the divisor; 0 for a single value. */
export function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}
