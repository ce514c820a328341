/** The right answer of a row, where it is a text. */
import { RlvrError } from "../../errors.ts";

/** A row with the right answer. */
export interface TextRow {
  readonly answer: string;
}

/**
 * Unicode's composition is quadratic in a run of marks (half a million of them take minutes), and edit distances are
 * quadratic in everything: no text longer than this is composed or compared.
 */
export const MAX_COMPARED = 4096; // UTF-16 units

/** The row's answer. Throws E_TASK_DATA where it is no text, blank, or longer than what is compared. */
export function rowAnswer(row: TextRow): string {
  const { answer } = row;
  if (typeof answer !== "string" || answer.trim() === "") {
    throw new RlvrError(
      "E_TASK_DATA",
      `the row's answer is ${JSON.stringify(answer)}, expected a text that is not blank`,
    );
  }
  if (answer.length > MAX_COMPARED) {
    throw new RlvrError(
      "E_TASK_DATA",
      `the row's answer has ${answer.length} characters, expected at most ${MAX_COMPARED}`,
    );
  }
  return answer;
}

/** Why an extracted answer is too long to compare, or null. */
export function tooLong(answer: string): string | null {
  return answer.length <= MAX_COMPARED
    ? null
    : `the answer has ${answer.length} characters, at most ${MAX_COMPARED} count`;
}
