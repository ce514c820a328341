/** How sure a measured share is. All functions are pure; what draws numbers takes a seed. */
import { Rng } from "../rng.ts";

/** Two-sided 95 % point of the normal distribution. */
const Z95 = 1.959963984540054;
const RESAMPLES = 2000;

/** [low, high] */
export type Interval = [number, number];

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
  // exact at the ends, where rounding would leave 3e-18
  return [successes === 0 ? 0 : Math.max(0, center - half), successes === n ? 1 : Math.min(1, center + half)];
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
