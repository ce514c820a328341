/**
 * Several annotators on the same comparisons: votes on one pair of completions as one comparison with a soft label, and how
 * far each annotator is to be trusted.
 *
 * Trust is the one-coin form of A. P. Dawid & A. M. Skene (1979): each annotator is right with a probability of their own,
 * whichever side is right. EM finds these and the probability of each answer, from the votes alone:
 *
 *   E: P(first better) = Π_votes / (Π_votes + Π_opposite), Π = product over voters of p_a if they agree with it, else 1 − p_a
 *   M: p_a = (prior + expected number of right votes) / (2·prior + votes)      prior: a Beta(1 + prior, 1 + prior)
 *
 * It starts from the majority, so the majority is taken to be right more often than not.
 */
import { type Comparison, plainText } from "./records.ts";

/** A pair of completions, whichever was chosen, with all votes on it. */
export interface VotedPair {
  readonly prompt: Comparison["prompt"];
  /** In an order that does not depend on who was chosen. */
  readonly first: Comparison["chosen"];
  readonly second: Comparison["chosen"];
  readonly votes: readonly Vote[];
}

export interface Vote {
  /** Undefined = not said: each such vote is of an annotator of its own. */
  readonly annotator: string | undefined;
  readonly forFirst: boolean;
}

/** Comparisons of the same two completions behind the same prompt, put together. In the order of their first appearance. */
export function collectVotes(comparisons: readonly Comparison[]): VotedPair[] {
  const pairs = new Map<string, VotedPair & { votes: Vote[] }>();
  for (const { prompt, chosen, rejected, annotator } of comparisons) {
    const forFirst = plainText(chosen) <= plainText(rejected);
    const [first, second] = forFirst ? [chosen, rejected] : [rejected, chosen];
    const key = JSON.stringify([prompt, first, second].map(plainText));
    const pair = pairs.get(key) ?? { prompt, first, second, votes: [] };
    pairs.set(key, pair);
    pair.votes.push({ annotator, forFirst });
  }
  return [...pairs.values()];
}

export interface Trust {
  /** Probability that the annotator's vote is right. */
  readonly accuracy: ReadonlyMap<string, number>;
  /** P(first is better), for each pair. */
  readonly posterior: readonly number[];
}

const PRIOR = 1;
/** Of votes where nobody is named: between guessing and certainty, so that more votes count for more. */
const UNNAMED = 0.75;
const ROUNDS = 100;
const CONVERGED = 1e-9;

/** Accuracies by EM. Votes without a name count as those of an annotator of the middling accuracy. */
export function annotatorTrust(pairs: readonly VotedPair[]): Trust {
  const names = new Set(pairs.flatMap(({ votes }) => votes.flatMap(({ annotator }) => annotator ?? [])));
  let posterior = pairs.map(({ votes }) => votes.filter(({ forFirst }) => forFirst).length / votes.length);
  let accuracy = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    accuracy = accuraciesOf(pairs, posterior, names);
    const middling = [...accuracy.values()].reduce((sum, p) => sum + p, 0) / Math.max(1, accuracy.size);
    const next = pairs.map(({ votes }) => answerOf(votes, accuracy, accuracy.size > 0 ? middling : UNNAMED));
    const moved = Math.max(0, ...next.map((p, i) => Math.abs(p - posterior[i]!)));
    posterior = next;
    if (moved < CONVERGED) break;
  }
  return { accuracy, posterior };
}

function accuraciesOf(pairs: readonly VotedPair[], posterior: readonly number[], names: ReadonlySet<string>) {
  const right = new Map([...names].map((name) => [name, PRIOR]));
  const given = new Map([...names].map((name) => [name, 2 * PRIOR]));
  for (const [i, { votes }] of pairs.entries()) {
    for (const { annotator, forFirst } of votes) {
      if (annotator === undefined) continue;
      right.set(annotator, right.get(annotator)! + (forFirst ? posterior[i]! : 1 - posterior[i]!));
      given.set(annotator, given.get(annotator)! + 1);
    }
  }
  return new Map([...names].map((name) => [name, right.get(name)! / given.get(name)!]));
}

function answerOf(votes: readonly Vote[], accuracy: ReadonlyMap<string, number>, unnamed: number): number {
  let logOdds = 0;
  for (const { annotator, forFirst } of votes) {
    const p = annotator === undefined ? unnamed : accuracy.get(annotator)!;
    logOdds += (forFirst ? 1 : -1) * Math.log(p / (1 - p));
  }
  return 1 / (1 + Math.exp(-logOdds));
}

/**
 * One comparison for each pair, with the share of its votes as soft label, or, given trust, the probability that it is
 * right. The side with at least half is the chosen one.
 */
export function softLabels(pairs: readonly VotedPair[], trust?: Trust): Comparison[] {
  return pairs.map(({ prompt, first, second, votes }, i) => {
    const share = votes.filter(({ forFirst }) => forFirst).length / votes.length;
    const p = trust?.posterior[i] ?? share;
    const [chosen, rejected] = p >= 0.5 ? [first, second] : [second, first];
    return { kind: "comparison", prompt, chosen, rejected, target: Math.max(p, 1 - p) };
  });
}

/** Weight of an annotator's comparisons in a loss: 2p − 1, 0 for one who guesses or is more often wrong than right. */
export function annotatorWeight(accuracy: number): number {
  return Math.max(0, 2 * accuracy - 1);
}

/** Each comparison with its annotator's weight; unnamed ones stay as they are. */
export function weighByTrust(comparisons: readonly Comparison[], { accuracy }: Trust): Comparison[] {
  return comparisons.map((comparison) => {
    const known = comparison.annotator === undefined ? undefined : accuracy.get(comparison.annotator);
    return known === undefined ? comparison : { ...comparison, weight: annotatorWeight(known) };
  });
}
