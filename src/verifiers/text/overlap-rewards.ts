/**
 * BLEU and ROUGE as rewards: the best score over the row's references. They measure wording, not truth; a completion that
 * strings together the phrases of a reference scores high. For rewriting and translation, never for answers.
 */
import { RlvrError } from "../../errors.ts";
import type { Extract } from "../answer-tag.ts";
import type { Graded } from "../verdict.ts";
import { graded } from "../verdict.ts";
import { type BleuOptions, bleu, SMOOTHINGS } from "./bleu.ts";
import { gradedShare } from "./graded-share.ts";
import { checkNumberOption } from "./number-option.ts";
import { rougeL, rougeN } from "./rouge.ts";
import { shownText } from "./shown-text.ts";
import { MAX_TOKENS, type Tokenize } from "./tokenize.ts";

export interface ReferenceRow {
  /** At least one text, each with at least one token. */
  readonly references: readonly string[];
}

export interface OverlapOptions {
  readonly tokenize: Tokenize;
  /** All that is shown after the reasoning, by default. */
  readonly extract?: Extract;
}

type ReferenceVerifier = (completion: string, row: ReferenceRow) => Graded;

/** Reward = BLEU in [0, 1], against all references at once. Smoothing is "chen-cherry-2" unless it is named. */
export function bleuReward(options: OverlapOptions & BleuOptions): ReferenceVerifier {
  const { maxN = 4, smoothing = "chen-cherry-2" } = options;
  checkNumberOption("maxN", maxN, { min: 1, max: 8, whole: true });
  if (!Object.hasOwn(SMOOTHINGS, smoothing)) {
    const known = Object.keys(SMOOTHINGS).join(", ");
    throw new RlvrError("E_VERIFIER", `smoothing is ${JSON.stringify(smoothing)}, expected one of ${known}`);
  }
  return overlap("BLEU", options, (candidate, references) => {
    const { score, brevityPenalty } = bleu(candidate, references, { maxN, smoothing });
    return { score, metrics: { brevity_penalty: brevityPenalty } };
  });
}

/** Reward = the F1 of ROUGE-L in [0, 1], with the reference where it is highest. */
export function rougeLReward(options: OverlapOptions): ReferenceVerifier {
  return overlap("ROUGE-L", options, (candidate, references) =>
    best(references.map((tokens) => rougeL(candidate, tokens))),
  );
}

/** Reward = the F1 of ROUGE-N in [0, 1], with the reference where it is highest. */
export function rougeNReward(n: number, options: OverlapOptions): ReferenceVerifier {
  checkNumberOption("n", n, { min: 1, max: 8, whole: true });
  return overlap(`ROUGE-${n}`, options, (candidate, references) =>
    best(references.map((tokens) => rougeN(candidate, tokens, n))),
  );
}

interface Scored {
  readonly score: number;
  readonly metrics: Record<string, number>;
}

function best(rouges: readonly { precision: number; recall: number; f1: number }[]): Scored {
  const { f1, precision, recall } = rouges.reduce((a, b) => (b.f1 > a.f1 ? b : a));
  return { score: f1, metrics: { precision, recall } };
}

function overlap(
  name: string,
  { tokenize, extract = shownText }: OverlapOptions,
  score: (candidate: readonly string[], references: readonly string[][]) => Scored,
): ReferenceVerifier {
  return (completion, row) => {
    const references = row.references.map(tokenize);
    if (references.length === 0 || references.some(({ length }) => length === 0 || length > MAX_TOKENS)) {
      throw new RlvrError(
        "E_TASK_DATA",
        `the row's references are ${JSON.stringify(row.references).slice(0, 200)}, expected at least one text, each of 1 to ${MAX_TOKENS} tokens`,
      );
    }
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    const candidate = tokenize(answer);
    if (candidate.length > MAX_TOKENS) {
      return graded(0, "incorrect", answer, `${candidate.length} tokens, at most ${MAX_TOKENS} are scored`);
    }
    const scored = score(candidate, references);
    return gradedShare(scored.score, answer, `${name} ${scored.score.toFixed(4)}`, scored.metrics);
  };
}
