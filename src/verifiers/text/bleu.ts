/**
 * BLEU of one sentence — Papineni et al. 2002, https://aclanthology.org/P02-1040, as NLTK's `sentence_bleu` computes it:
 *
 *   BLEU = BP · exp( Σ_n ln p_n / N ),  n = 1 … N
 *   p_n  = clipped matches m_n / n-grams of the candidate l_n;  l_n is at least 1
 *   BP   = 1 where c > r, else e^(1 − r/c);  c = candidate, r = closest reference length (the shorter of two)
 *
 * One n without a match makes all 0, so a reward on sentences needs a smoothing of Chen & Cherry 2014,
 * https://aclanthology.org/W14-3346, numbered as there. Without a unigram in common it is 0 under all of them.
 */
import { countIds, ngramIds } from "./ngrams.ts";

/** Matches m_n and totals l_n for n = 1 … N → precisions p_n. */
type Smooth = (matches: readonly number[], totals: readonly number[]) => number[];

const EPSILON = 0.1; // of technique 1, as in NLTK; the paper leaves it open

export const SMOOTHINGS = {
  none: (matches, totals) => matches.map((m, i) => m / totals[i]!),
  /** 1: a small number in place of 0 matches. */
  "chen-cherry-1": (matches, totals) => matches.map((m, i) => (m === 0 ? EPSILON : m) / totals[i]!),
  /** 2, Lin & Och 2004: one match and one n-gram more, for n > 1. */
  "chen-cherry-2": (matches, totals) => matches.map((m, i) => (i === 0 ? m / totals[i]! : (m + 1) / (totals[i]! + 1))),
  /** 3, NIST: the k-th n without a match counts 1/2^k matches. */
  "chen-cherry-3": (matches, totals) => {
    let scale = 1;
    return matches.map((m, i) => (m === 0 ? (scale /= 2) : m) / totals[i]!);
  },
} as const satisfies Record<string, Smooth>;

export type Smoothing = keyof typeof SMOOTHINGS;

export interface BleuOptions {
  /** N, 4 by default. */
  readonly maxN?: number;
  readonly smoothing?: Smoothing;
}

export interface Bleu {
  readonly score: number;
  /** p_1 … p_N, smoothed. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
}

/** Of token lists. Score in [0, 1]; 0 for an empty candidate. At least one reference. */
export function bleu<Token>(
  candidate: readonly Token[],
  references: readonly (readonly Token[])[],
  { maxN = 4, smoothing = "none" }: BleuOptions = {},
): Bleu {
  const matches: number[] = [];
  const totals: number[] = [];
  for (let n = 1; n <= maxN; n++) {
    const [grams, ...referenceGrams] = ngramIds([candidate, ...references], n) as [number[], ...number[][]];
    matches.push(clippedMatches(grams, referenceGrams));
    totals.push(Math.max(1, grams.length));
  }
  const precisions = SMOOTHINGS[smoothing](matches, totals);
  const brevityPenalty = brevity(
    candidate.length,
    references.map(({ length }) => length),
  );
  if (matches[0] === 0 || precisions.includes(0)) return { score: 0, precisions, brevityPenalty };
  const meanLog = precisions.reduce((sum, p) => sum + Math.log(p), 0) / maxN;
  return { score: Math.min(1, brevityPenalty * Math.exp(meanLog)), precisions, brevityPenalty };
}

/** An n-gram of the candidate matches at most as often as the reference with most of it has it. */
function clippedMatches(grams: readonly number[], references: readonly (readonly number[])[]): number {
  const counts = references.map(countIds);
  let matches = 0;
  for (const [gram, count] of countIds(grams)) {
    const most = counts.reduce((best, reference) => Math.max(best, reference.get(gram) ?? 0), 0);
    matches += Math.min(count, most);
  }
  return matches;
}

function brevity(candidate: number, references: readonly number[]): number {
  if (candidate === 0) return 0;
  const distance = (length: number) => Math.abs(length - candidate);
  const closest = references.reduce((best, length) => {
    if (distance(length) !== distance(best)) return distance(length) < distance(best) ? length : best;
    return Math.min(length, best);
  });
  return candidate > closest ? 1 : Math.exp(1 - closest / candidate);
}
