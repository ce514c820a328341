/**
 * maj@k: accuracy of the most frequent answer among k samples (self-consistency, https://arxiv.org/abs/2203.11171).
 *
 * Exact expectation over all ways of drawing k of the n samples, so it needs no draws and has no noise. Ties are broken
 * evenly. Samples without an answer do not vote; if none of the k has one, the draw counts as wrong.
 */
import { RlvrError } from "../errors.ts";
import { checkDraw } from "./statistics.ts";

export interface Vote {
  /** As the verifier understood it; null = none. Equal texts are one candidate. */
  readonly answer: string | null;
  readonly correct: boolean;
}

const MOST_SAMPLES = 1000; // C(1000, 500) ≈ 2.7e299 is the last that fits a double comfortably

/** @throws {RlvrError} E_CONFIG unless 1 ≤ k ≤ n ≤ 1000. */
export function majorityAtK(votes: readonly Vote[], k: number): number {
  checkDraw(votes.length, k);
  if (votes.length > MOST_SAMPLES) {
    throw new RlvrError("E_CONFIG", `maj@k was asked for ${votes.length} samples, expected at most ${MOST_SAMPLES}`);
  }
  const candidates = candidatesOf(votes);
  const abstained = votes.filter(({ answer }) => answer === null).length;
  let expected = 0;
  for (const candidate of candidates.filter(({ correct }) => correct > 0)) {
    const others = candidates.filter((other) => other !== candidate).map(({ size }) => size);
    const share = candidate.correct / candidate.size; // one answer, two verdicts: the layout around it may differ
    expected += share * winningDraws(candidate.size, others, abstained, k);
  }
  return expected / choose(votes.length, k);
}

function candidatesOf(votes: readonly Vote[]): { size: number; correct: number }[] {
  const byAnswer = new Map<string, { size: number; correct: number }>();
  for (const { answer, correct } of votes) {
    if (answer === null) continue;
    const candidate = byAnswer.get(answer) ?? { size: 0, correct: 0 };
    byAnswer.set(answer, { size: candidate.size + 1, correct: candidate.correct + (correct ? 1 : 0) });
  }
  return [...byAnswer.values()];
}

/** How many of the C(n, k) draws a candidate of `size` samples wins; a tie with t others counts 1/(t+1). */
function winningDraws(size: number, others: readonly number[], abstained: number, k: number): number {
  let total = 0;
  for (let top = 1; top <= Math.min(size, k); top++) {
    const rest = k - top;
    // ways[drawn][ties]: draws of `drawn` samples from the others, each of them at most `top` times, `ties` exactly so
    let ways = table(rest, others.length);
    for (let drawn = 0; drawn <= Math.min(abstained, rest); drawn++) ways[drawn]![0] = choose(abstained, drawn);
    for (const other of others) ways = addCandidate(ways, other, top, rest, others.length);
    const won = ways[rest]!.reduce((sum, count, ties) => sum + count / (ties + 1), 0);
    total += choose(size, top) * won;
  }
  return total;
}

function addCandidate(ways: number[][], size: number, top: number, rest: number, mostTies: number): number[][] {
  const next = table(rest, mostTies);
  for (let drawn = 0; drawn <= rest; drawn++) {
    for (let ties = 0; ties <= mostTies; ties++) {
      const count = ways[drawn]![ties]!;
      if (count === 0) continue;
      for (let more = 0; more <= Math.min(size, top, rest - drawn); more++) {
        next[drawn + more]![ties + (more === top ? 1 : 0)]! += count * choose(size, more);
      }
    }
  }
  return next;
}

function table(rest: number, mostTies: number): number[][] {
  return Array.from({ length: rest + 1 }, () => new Array<number>(mostTies + 1).fill(0));
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) result = (result * (n - i + 1)) / i;
  return k > n ? 0 : result;
}
