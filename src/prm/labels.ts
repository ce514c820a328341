/**
 * What a labeler is: a function from a solution whose steps are known to a label for each step, with what it cost.
 *
 * Where labels come from completions of prefixes, they say whether the right answer can still be reached from there, which
 * is not quite whether the step is right: a policy that recovers from errors calls them right.
 */

/** A solution of one problem, as tokens. */
export interface Solution {
  readonly id: string;
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
  /** Last token of each step in the completion; the last step holds the answer. [S] */
  readonly ends: readonly number[];
  /** Whether its answer is right; null = not known. */
  readonly correct: boolean | null;
}

/** The text so far: the prompt and some steps. */
export interface Prefix {
  /** Of the solution and the number of steps: what the randomness of its completions depends on. */
  readonly id: string;
  readonly tokens: Int32Array;
}

/** A fresh end of a solution. */
export interface Completed {
  /** What was written after the prefix, in tokens. */
  readonly tokens: number;
  /** The whole solution, for the judge. */
  readonly text: string;
}

/** What Monte-Carlo labelers need of the world. */
export interface LabelTools {
  /** The completions number `first`, first + 1, … of a prefix, n in all. Equal arguments give equal completions. */
  readonly completeFrom: (prefix: Prefix, n: number, first: number) => Promise<readonly Completed[]>;
  /** Whether a solution's answer is right; null where that could not be told, which counts as no completion at all. */
  readonly judge: (text: string) => Promise<boolean | null>;
}

export interface Spent {
  /** Completions that were sampled. */
  readonly rollouts: number;
  /** Tokens that were sampled in them. */
  readonly tokens: number;
}

export interface StepLabels {
  /** Chance that each step is right, from 0 to 1; null = not known. [S] */
  readonly labels: readonly (number | null)[];
  readonly spent: Spent;
}

export type Labeler = (solution: Solution, tools: LabelTools) => Promise<StepLabels>;

export const NOTHING_SPENT: Spent = { rollouts: 0, tokens: 0 };

export function addSpent(all: readonly Spent[]): Spent {
  return all.reduce(
    (sum, { rollouts, tokens }) => ({ rollouts: sum.rollouts + rollouts, tokens: sum.tokens + tokens }),
    NOTHING_SPENT,
  );
}

/** The prompt and the steps up to number `step`, that step included. */
export function prefixOf({ id, prompt, completion, ends }: Solution, step: number): Prefix {
  const written = completion.subarray(0, ends[step]! + 1);
  const tokens = new Int32Array(prompt.length + written.length);
  tokens.set(prompt);
  tokens.set(written, prompt.length);
  return { id: `${id}#${step}`, tokens };
}

/** Index of the first step labeled wrong (below one half), −1 if there is none. */
export function firstWrong(labels: readonly (number | null)[]): number {
  return labels.findIndex((label) => label !== null && label < 0.5);
}

/** What a step verifier knows: 1 right, 0 wrong, null where it says nothing. */
export function verifiedLabels(verdicts: readonly (boolean | null)[]): StepLabels {
  return { labels: verdicts.map((right) => (right === null ? null : Number(right))), spent: NOTHING_SPENT };
}

/**
 * Keeps a solution where two labelers find the same first wrong step, or both none: its steps up to there have labels, later
 * ones none. About 40 % of solutions are kept, and a model trained on them beats one trained on either labeler's.
 * "Lessons of developing process reward models", https://arxiv.org/abs/2501.07301
 */
export function consensus(one: Labeler, other: Labeler): Labeler {
  return async (solution, tools) => {
    const [a, b] = await Promise.all([one(solution, tools), other(solution, tools)]);
    const spent = addSpent([a.spent, b.spent]);
    const wrong = firstWrong(a.labels);
    const agreed = wrong === firstWrong(b.labels);
    const labels = a.labels.map((label, k) => {
      if (!agreed || label === null || b.labels[k] === null || (wrong >= 0 && k > wrong)) return null;
      return k === wrong ? 0 : 1;
    });
    return { labels, spent };
  };
}
