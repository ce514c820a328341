/**
 * Repetition penalty — Yeo et al., https://arxiv.org/abs/2502.03373, "N-gram Repetition Penalty", over the whole text:
 *
 *   penalty = (1 − distinct n-grams / n-grams) · maxPenalty
 */
import { RlvrError } from "../../errors.ts";
import { type Graded, graded } from "../verdict.ts";
import { ngramIds } from "./ngrams.ts";
import { checkNumberOption } from "./number-option.ts";
import { type Tokenize, wordTokens } from "./tokenize.ts";

/** Share of n-grams that occurred before, in [0, 1); 0 for fewer than n tokens. */
export function repeatedShare<Token>(tokens: readonly Token[], n: number): number {
  const [grams = []] = ngramIds([tokens], n);
  return grams.length === 0 ? 0 : 1 - new Set(grams).size / grams.length;
}

export interface RepetitionOptions {
  /** 1 to 32; 3 by default. */
  readonly n?: number;
  /** The penalty that endless repetition approaches, below 0; −1 by default. */
  readonly maxPenalty?: number;
  /** `wordTokens` by default; a tokenizer's tokens are as good. */
  readonly tokenize?: Tokenize;
}

/** Longer texts are judged by this many first tokens: a text of a million words has shown what it is. */
const MAX_JUDGED = 100_000;

/** In [maxPenalty, 0], on the whole completion, reasoning included. To be added with a weight. */
export function repetitionPenalty(options: RepetitionOptions = {}): (completion: string) => Graded {
  const { n = 3, maxPenalty = -1, tokenize = wordTokens } = options;
  checkNumberOption("n", n, { min: 1, max: 32, whole: true });
  checkNumberOption("maxPenalty", maxPenalty, { max: 0 });
  if (maxPenalty === 0) throw new RlvrError("E_VERIFIER", "maxPenalty is 0, expected a number below 0");
  return (completion) => {
    const share = repeatedShare(tokenize(completion).slice(0, MAX_JUDGED), n);
    const outcome = share === 0 ? "correct" : "partial";
    const reason = `${(100 * share).toFixed(1)} % of the ${n}-grams were there before`;
    return graded(share === 0 ? 0 : share * maxPenalty, outcome, null, reason, { repeated_share: share });
  };
}
