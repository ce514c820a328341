/**
 * From scores of steps to a score of the solution, and from scores of solutions to a choice.
 *
 * A duplicated step must not raise a solution's score: true of the minimum, the product and the last step; not of the mean
 * or the maximum, which are here for comparison.
 */
import { RlvrError } from "../errors.ts";
import type { Learner } from "../policy/index.ts";
import { joined } from "./loss.ts";

/** Scores of the steps, from 0 to 1 [S ≥ 1] → one of the solution. */
export type SolutionScore = (scores: readonly number[]) => number;

export const SOLUTION_SCORES = {
  /** A chain is as good as its worst step. Math-Shepherd, https://arxiv.org/abs/2312.08935 */
  min: (scores) => Math.min(...scores),
  /** Chance that all steps are right, if they were independent. https://arxiv.org/abs/2305.20050; prefers short chains. */
  product: (scores) => scores.reduce((product, score) => product * score, 1),
  /** The product without its preference for short chains. */
  "geometric-mean": (scores) => scores.reduce((product, score) => product * score, 1) ** (1 / scores.length),
  /** For soft labels, which are values: the last one knows the most. */
  last: (scores) => scores.at(-1)!,
  mean: (scores) => scores.reduce((sum, score) => sum + score, 0) / scores.length,
  max: (scores) => Math.max(...scores),
} satisfies Record<string, SolutionScore>;

export type SolutionScoreName = keyof typeof SOLUTION_SCORES;

/**
 * Self-consistency weighted by scores: argmax_a Σ_i 1[a_i = a]·score_i. With all scores 1 it is the majority.
 * An answer of null does not vote; of equal totals the one that came first wins. Null if nobody votes.
 */
export function weightedVote(
  answers: readonly (string | null)[],
  scores: readonly number[],
): { answer: string | null; totals: Record<string, number> } {
  const totals = new Map<string, number>();
  for (const [i, answer] of answers.entries()) {
    if (answer !== null) totals.set(answer, (totals.get(answer) ?? 0) + scores[i]!);
  }
  let winner: string | null = null;
  for (const [answer, total] of totals) if (winner === null || total > totals.get(winner)!) winner = answer;
  return { answer: winner, totals: Object.fromEntries(totals) };
}

/** Index of the highest score, the first of equals; −1 of none. */
export function bestOf(scores: readonly number[]): number {
  return scores.reduce((best, score, i) => (best < 0 || score > scores[best]! ? i : best), -1);
}

/** What a process reward model reads: a completion and where its steps end. */
export interface SteppedCompletion {
  readonly id: string;
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
  readonly ends: readonly number[]; // [S]
}

/** The chance, as the model sees it, that each step is right: σ of the score at its last token. [B][S] */
export async function scoreSteps(
  score: Learner["score"],
  completions: readonly SteppedCompletion[],
): Promise<number[][]> {
  if (completions.length === 0) return [];
  const rows = completions.map(({ id, prompt, completion }) => ({ id, tokens: joined(prompt, completion) }));
  const scored = await score(rows, 1);
  return completions.map(({ prompt, ends }, b) => {
    const { scores } = scored[b]!;
    if (scores === undefined) {
      throw new RlvrError("E_CHECKPOINT", "the model has no score head, expected a process reward model", {
        hint: "train one: rlvr prm train",
      });
    }
    return ends.map((end) => sigmoid(scores[prompt.length + end]!));
  });
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}
