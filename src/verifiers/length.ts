/**
 * Rewards by length. A verifier sees text, not tokens: the unit is what `measure` counts, and every limit is in that unit.
 * For tokens pass the tokenizer's count, `(text) => tokenizer.encode(text).length`.
 */
import { RlvrError } from "../errors.ts";
import { checkNumberOption } from "./text/number-option.ts";
import { type Graded, graded, type Verifier } from "./verdict.ts";

/** The length of a text, in a unit of the author's choice. Pure, finite and not negative. */
export type Measure = (text: string) => number;

/** Unicode code points. */
export const countCharacters: Measure = (text) => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

/** Runs of anything but white space. */
export const countWords: Measure = (text) => {
  let count = 0;
  for (const _ of text.matchAll(/\S+/g)) count++;
  return count;
};

export interface OverlongOptions {
  readonly measure: Measure;
  /** L_max. */
  readonly maxLength: number;
  /** L_cache: the penalty grows over the last so many units. At most `maxLength`. */
  readonly buffer: number;
}

/**
 * Soft overlong punishment — DAPO eq. 13, https://arxiv.org/abs/2503.14476, in units of `measure`:
 *
 *   0                                   for |y| ≤ L_max − L_cache
 *   ((L_max − L_cache) − |y|) / L_cache for |y| ≤ L_max
 *   −1                                  beyond
 *
 * In [−1, 0]; to be added with a weight. A run that sees tokens has the same as its truncation policy.
 */
export function softOverlong(options: OverlongOptions): (completion: string) => Graded {
  const { measure, maxLength, buffer } = options;
  checkNumberOption("maxLength", maxLength, { min: 1 });
  checkNumberOption("buffer", buffer, { max: maxLength });
  if (buffer <= 0) throw new RlvrError("E_VERIFIER", `buffer is ${buffer}, expected a number above 0`);
  return (completion) => {
    const length = measure(completion);
    const over = Math.min(1, Math.max(0, (length - (maxLength - buffer)) / buffer));
    const reason = `length ${length}; free up to ${maxLength - buffer}, −1 from ${maxLength}`;
    const outcome = over === 0 ? "correct" : over === 1 ? "incorrect" : "partial";
    return graded(over === 0 ? 0 : -over, outcome, null, reason, { length });
  };
}

/** [reward at length 0, reward at `maxLength`]. */
export type Slope = readonly [short: number, long: number];

export interface CosineOptions {
  readonly measure: Measure;
  /** L_max. */
  readonly maxLength: number;
  /** Rewards of right answers, (2, 1) by default: short ones are better. */
  readonly correct?: Slope;
  /** Rewards of all others, (−10, 0) by default: more thought before a wrong answer is better than less. */
  readonly wrong?: Slope;
  /** Reward at and beyond `maxLength`, right or wrong; −10 by default. */
  readonly exceeded?: number;
}

/**
 * Cosine reward — Yeo et al., https://arxiv.org/abs/2502.03373, "Cosine Reward", with its defaults:
 *
 *   R = CosFn(L, L_max, r_0, r_L) where L < L_max, else r_e
 *   CosFn(t, T, a, b) = b + ½·(a − b)·(1 + cos(π·t/T))
 *
 * r_0 is the reward at length 0 and r_L at L_max, one pair for correct and one for all other outcomes of `verifier`. What
 * is not graded stays so. A wrong answer that pays more for length invites filler: the paper adds `repetitionPenalty`.
 */
export function cosineLength<Row>(verifier: Verifier<Row>, options: CosineOptions): Verifier<Row> {
  const { measure, maxLength, correct = [2, 1], wrong = [-10, 0], exceeded = -10 } = options;
  checkNumberOption("maxLength", maxLength, { min: 1 });
  for (const reward of [...correct, ...wrong, exceeded]) checkNumberOption("a reward", reward);
  if (Math.max(...wrong) > Math.min(...correct) || exceeded > Math.min(...correct, ...wrong)) {
    const given = `correct ${correct.join("…")}, wrong ${wrong.join("…")}, exceeded ${exceeded}`;
    throw new RlvrError("E_VERIFIER", `the rewards are ${given}, expected exceeded ≤ wrong ≤ correct at every length`);
  }
  return async (completion, row, context) => {
    const verdict = await verifier(completion, row, context);
    if (verdict.status === "not-graded") return verdict;
    const length = measure(completion);
    const [short, long] = verdict.outcome === "correct" ? correct : wrong;
    const cosine = long + 0.5 * (short - long) * (1 + Math.cos((Math.PI * length) / maxLength));
    const reward = length < maxLength ? cosine : exceeded;
    return { ...verdict, reward, metrics: { ...verdict.metrics, length } };
  };
}
