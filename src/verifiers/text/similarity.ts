/**
 * How alike the answer and `row.answer` are, in [0, 1]; 1 only pays "correct".
 *
 *   levenshtein   1 − edit distance / longer length, in code points
 *   jaro-winkler  matches within a window, favoring a common beginning
 *   token-f1      harmonic mean of precision and recall of words as multisets (SQuAD, https://arxiv.org/abs/1606.05250,
 *                 without its removal of English articles)
 *
 * Near misses are paid by definition: 41 is half of 42, and "not guilty" most of "guilty". For spelling, transcription and
 * extraction; never for numbers or short facts.
 */
import { RlvrError } from "../../errors.ts";
import type { Extract } from "../answer-tag.ts";
import { type Graded, graded } from "../verdict.ts";
import { jaroWinkler, levenshteinSimilarity } from "./edit-distance.ts";
import { gradedShare } from "./graded-share.ts";
import { rougeN } from "./rouge.ts";
import { rowAnswer, type TextRow, tooLong } from "./row-answer.ts";
import { wordTokens } from "./tokenize.ts";

const MEASURES = {
  levenshtein: levenshteinSimilarity,
  "jaro-winkler": jaroWinkler,
  "token-f1": (a: string, b: string) => rougeN(wordTokens(a), wordTokens(b), 1).f1,
} as const satisfies Record<string, (answer: string, gold: string) => number>;

export interface SimilarityOptions {
  readonly measure: keyof typeof MEASURES;
}

/** Reward = the similarity; 0 for no answer or one over 4,096 characters. Throws E_TASK_DATA for a blank gold. */
export function similarity(
  extract: Extract,
  { measure }: SimilarityOptions,
): (completion: string, row: TextRow) => Graded {
  if (!Object.hasOwn(MEASURES, measure)) {
    const known = Object.keys(MEASURES).join(", ");
    throw new RlvrError("E_VERIFIER", `the measure is ${JSON.stringify(measure)}, expected one of ${known}`);
  }
  return (completion, row) => {
    const gold = rowAnswer(row).trim().normalize("NFC");
    if (measure === "token-f1" && wordTokens(gold).length === 0) {
      throw new RlvrError(
        "E_TASK_DATA",
        `the row's answer is ${JSON.stringify(row.answer)}, expected words for token-f1`,
      );
    }
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    const long = tooLong(answer);
    if (long !== null) return graded(0, "incorrect", answer, long);
    const share = MEASURES[measure](answer.trim().normalize("NFC"), gold);
    return gradedShare(share, answer, `${measure} ${share.toFixed(4)} to ${JSON.stringify(row.answer.slice(0, 200))}`);
  };
}
