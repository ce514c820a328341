/** Figures of an evaluation, with how sure they are. All functions are pure; what draws numbers takes a seed. */
import { RlvrError } from "../errors.ts";
import { Rng } from "../rng.ts";

/** Two-sided 95 % point of the normal distribution. */
const Z95 = 1.959963984540054;
const RESAMPLES = 2000;

/** [low, high] */
export type Interval = [number, number];

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

/**
 * Wilson's 95 % interval of a share, successes out of n independent trials. Wilson 1927; Brown, Cai and DasGupta 2001, eq. 4.
 * Never empty, also at 0 and n; so it is right for "all correct" too.
 */
export function wilson(successes: number, n: number, z = Z95): Interval {
  if (n === 0) return [0, 1];
  const p = successes / n;
  const scale = 1 + z ** 2 / n;
  const center = (p + z ** 2 / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  return [Math.max(0, center - half), Math.min(1, center + half)];
}

/**
 * 95 % interval of the mean of one number a problem, by resampling problems: percentile bootstrap, Efron 1979.
 *
 * The samples of one problem are not independent, problems are. So pass@1 of 100 problems with 8 samples each goes in as
 * 100 shares, not as 800 trials.
 */
export function bootstrapInterval(perProblem: readonly number[], seed: number, resamples = RESAMPLES): Interval {
  const rng = new Rng(seed, "bootstrap");
  const count = perProblem.length;
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += perProblem[rng.integer(0, count - 1)]!;
    return sum / count;
  });
  means.sort((a, b) => a - b);
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/**
 * 95 % interval of a share measured on problems, each with a number from 0 to 1. Where all are equal the bootstrap would
 * claim certainty, so there it is Wilson's for that many problems.
 */
export function shareInterval(perProblem: readonly number[], seed: number): Interval {
  const first = perProblem[0] ?? 0;
  if (perProblem.every((value) => value === first)) return wilson(first * perProblem.length, perProblem.length);
  return bootstrapInterval(perProblem, seed);
}

/** Linear interpolation between the order statistics of a sorted array (type 7 of Hyndman and Fan 1996). */
function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
