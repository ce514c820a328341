/**
 * The answer is `row.answer`, character by character, after the author's choice of normalization on both sides.
 *
 * Accepted for "New York": `New York` · with `case: "ignore"` also `new york` · with `space: "collapse"` also two blanks.
 * Refused for "New York": `new york` (by default) · `New York.` · `It is New York`.
 *
 * Canonically equal Unicode is equal (NFC): é is é, however it is encoded. Numbers are better served by `exactNumber`,
 * formulas by `mathAnswer`.
 */
import type { Extract } from "../answer-tag.ts";
import { type Graded, graded } from "../verdict.ts";
import { rowAnswer, type TextRow, tooLong } from "./row-answer.ts";

export interface ExactMatchOptions {
  /** "exact" by default; "ignore" compares the lower case of both sides, without regard to the machine's locale. */
  readonly case?: "exact" | "ignore";
  /** "collapse" makes one blank of each run of white space, "ignore" removes it. Outer space never counts. */
  readonly space?: "exact" | "collapse" | "ignore";
  /** Applied to both sides, before the rest. It must be pure and never throw. */
  readonly normalize?: (text: string) => string;
}

/** 1 for the same text, 0 for any other or none. Throws E_TASK_DATA where the row's own answer is blank or too long. */
export function exactMatch(
  extract: Extract,
  options: ExactMatchOptions = {},
): (completion: string, row: TextRow) => Graded {
  const form = (text: string) => formOf(text, options);
  return (completion, row) => {
    const wanted = form(rowAnswer(row));
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    const long = tooLong(answer);
    if (long !== null) return graded(0, "incorrect", answer, long);
    const got = form(answer);
    // A row of "!!!" with a `normalize` that drops punctuation must not be equal to every empty answer.
    return got === wanted && got !== ""
      ? graded(1, "correct", answer, "the same text")
      : graded(0, "incorrect", answer, `expected ${JSON.stringify(row.answer)}`);
  };
}

function formOf(text: string, { case: letters = "exact", space = "exact", normalize }: ExactMatchOptions): string {
  let form = (normalize === undefined ? text : normalize(text)).trim().normalize("NFC");
  if (letters === "ignore") form = form.toLowerCase();
  if (space !== "exact") form = form.replaceAll(/\s+/g, space === "collapse" ? " " : "");
  return form;
}
