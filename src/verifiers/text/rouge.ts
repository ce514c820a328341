/**
 * ROUGE-N and ROUGE-L of one pair — Lin 2004, https://aclanthology.org/W04-1013, with β = 1 as the common scorers have it:
 *
 *   ROUGE-N: hits = Σ over n-grams of min(count in candidate, count in reference)
 *   ROUGE-L: hits = length of the longest common subsequence
 *   P = hits / size of candidate,  R = hits / size of reference,  F1 = 2PR / (P + R)
 */
import { countIds, ngramIds } from "./ngrams.ts";

export interface Rouge {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Each in [0, 1]; 0 where either side has no n-gram. */
export function rougeN<Token>(candidate: readonly Token[], reference: readonly Token[], n: number): Rouge {
  const [grams, wanted] = ngramIds([candidate, reference], n) as [number[], number[]];
  const counts = countIds(grams);
  let hits = 0;
  for (const [gram, count] of countIds(wanted)) hits += Math.min(count, counts.get(gram) ?? 0);
  return scores(hits, grams.length, wanted.length);
}

/** Each in [0, 1]; 0 where either side is empty. */
export function rougeL<Token>(candidate: readonly Token[], reference: readonly Token[]): Rouge {
  return scores(longestCommonSubsequence(candidate, reference), candidate.length, reference.length);
}

/**
 * Bit-parallel (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"): bit j of `row` is 0 where the length grows at
 * reference token j. Candidate · reference / 64 word operations.
 */
export function longestCommonSubsequence<Token>(candidate: readonly Token[], reference: readonly Token[]): number {
  const positions = new Map<Token, bigint>();
  for (const [j, token] of reference.entries()) positions.set(token, (positions.get(token) ?? 0n) | (1n << BigInt(j)));
  const all = (1n << BigInt(reference.length)) - 1n;
  let row = all;
  for (const token of candidate) {
    const matches = row & (positions.get(token) ?? 0n);
    if (matches !== 0n) row = ((row + matches) | (row - matches)) & all;
  }
  let length = 0;
  for (const bit of (row ^ all).toString(2)) if (bit === "1") length++;
  return length;
}

function scores(hits: number, candidate: number, reference: number): Rouge {
  if (hits === 0) return { precision: 0, recall: 0, f1: 0 };
  const precision = hits / candidate;
  const recall = hits / reference;
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}
