/**
 * Labels from fresh completions of each prefix. Math-Shepherd, https://arxiv.org/abs/2312.08935
 *
 *   hard  y_k = 1 if any of N completions from step k reaches the right answer        soft  y_k = the share that does
 *
 * The last step holds the answer, so it is labeled by the answer's correctness and costs nothing.
 *
 * Differs from the paper: stops as soon as more completions would change nothing (hard) or little (soft).
 */
import { RlvrError } from "../errors.ts";
import {
  addSpent,
  type Labeler,
  type LabelTools,
  NOTHING_SPENT,
  type Prefix,
  prefixOf,
  type Solution,
  type Spent,
  type StepLabels,
} from "./labels.ts";

/** Successes out of n completions → an interval of the chance of success. */
export type ShareBound = (successes: number, n: number) => readonly [low: number, high: number];

/** Hoeffding's interval at confidence 1 − δ, ± √(ln(2/δ)/2n): it holds for every n, and is wider than Wilson's. */
export function hoeffding(delta = 0.05): ShareBound {
  return (successes, n) => {
    const half = Math.sqrt(Math.log(2 / delta) / (2 * n));
    return [Math.max(0, successes / n - half), Math.min(1, successes / n + half)];
  };
}

export interface HardLabels {
  /** N, most completions of a prefix. */
  readonly rollouts: number;
}

export interface SoftLabels extends HardLabels {
  /** A prefix is done when the bound is narrower than this. 0 = always N. */
  readonly width: number;
  readonly bound: ShareBound;
}

/** What the counts say without stopping early: successes of N completions [S] → labels [S]. */
export function countLabels(successes: readonly number[], n: number): { hard: number[]; soft: number[] } {
  return { hard: successes.map((count) => (count > 0 ? 1 : 0)), soft: successes.map((count) => count / n) };
}

/** Hard labels; a prefix is done with its first success. The labels are those of N completions, for fewer. */
export function hardLabels({ rollouts }: HardLabels): Labeler {
  checkRollouts(rollouts);
  return eachPrefix((prefix, tools) =>
    sequential(prefix, tools, rollouts, ({ successes }) => successes > 0).then(({ successes, n, spent }) => ({
      label: n === 0 ? null : Math.min(1, successes),
      spent,
    })),
  );
}

/** Soft labels; a prefix is done when the bound of its share is narrow enough. */
export function softLabels({ rollouts, width, bound }: SoftLabels): Labeler {
  checkRollouts(rollouts);
  const isNarrow = ({ successes, n }: Counts) => {
    if (n === 0) return false;
    const [low, high] = bound(successes, n);
    return high - low <= width;
  };
  return eachPrefix((prefix, tools) =>
    sequential(prefix, tools, rollouts, isNarrow).then(({ successes, n, spent }) => ({
      label: n === 0 ? null : successes / n,
      spent,
    })),
  );
}

/**
 * The first wrong step by bisection: a prefix with a success has no error yet, one without has. Needs O(N log S) completions
 * instead of O(N·S); a right solution has no wrong step and costs nothing. OmegaPRM, https://arxiv.org/abs/2406.06592
 *
 * It takes for granted that nothing is right after an error, so steps before it are labeled 1 and later ones 0.
 */
export function bisectionLabels({ rollouts }: HardLabels): Labeler {
  checkRollouts(rollouts);
  return async (solution, tools) => {
    const S = solution.ends.length;
    if (solution.correct === null) return { labels: new Array(S).fill(null), spent: NOTHING_SPENT };
    if (solution.correct) return { labels: new Array(S).fill(1), spent: NOTHING_SPENT };
    const spent: Spent[] = [];
    let [fine, wrong] = [-1, S - 1]; // the last step known to be fine, the first known to be wrong
    while (wrong - fine > 1) {
      const middle = Math.floor((fine + wrong) / 2);
      const counts = await sequential(prefixOf(solution, middle), tools, rollouts, ({ successes }) => successes > 0);
      spent.push(counts.spent);
      if (counts.n === 0) return { labels: new Array(S).fill(null), spent: addSpent(spent) };
      if (counts.successes > 0) fine = middle;
      else wrong = middle;
    }
    return { labels: solution.ends.map((_, k) => (k < wrong ? 1 : 0)), spent: addSpent(spent) };
  };
}

function eachPrefix(
  label: (prefix: Prefix, tools: LabelTools) => Promise<{ label: number | null; spent: Spent }>,
): Labeler {
  return async (solution, tools): Promise<StepLabels> => {
    const inner = solution.ends.slice(0, -1).map((_, k) => label(prefixOf(solution, k), tools));
    const found = await Promise.all(inner);
    return {
      labels: [...found.map((one) => one.label), ...lastLabel(solution)],
      spent: addSpent(found.map(({ spent }) => spent)),
    };
  };
}

function lastLabel({ ends, correct }: Solution): (number | null)[] {
  return ends.length === 0 ? [] : [correct === null ? null : Number(correct)];
}

interface Counts {
  readonly successes: number;
  /** Completions that were judged. */
  readonly n: number;
}

/** Completions in rounds of 1, 1, 2, 4, …, so that few are sampled in vain and few rounds are waited for. */
async function sequential(
  prefix: Prefix,
  { completeFrom, judge }: LabelTools,
  most: number,
  isDone: (counts: Counts) => boolean,
): Promise<Counts & { spent: Spent }> {
  let [successes, n, tokens, taken] = [0, 0, 0, 0];
  while (taken < most && !isDone({ successes, n })) {
    const completions = await completeFrom(prefix, Math.min(Math.max(1, taken), most - taken), taken);
    taken += completions.length;
    const verdicts = await Promise.all(completions.map(({ text }) => judge(text)));
    successes += verdicts.filter((right) => right === true).length;
    n += verdicts.filter((right) => right !== null).length;
    tokens += completions.reduce((sum, one) => sum + one.tokens, 0);
  }
  return { successes, n, spent: { rollouts: taken, tokens } };
}

function checkRollouts(rollouts: number): void {
  if (Number.isInteger(rollouts) && rollouts >= 1) return;
  throw new RlvrError("E_CONFIG", `rollouts is ${rollouts}, expected at least 1 completion of a prefix`);
}
