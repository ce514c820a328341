/**
 * Answers in words, and choice letters.
 *
 * Words are equal without regard to case, space and punctuation, as wholes: never by substring, and nothing is equal to
 * the empty text. In words with digits, signs and points count. A choice is its letter, however it is wrapped; what is
 * written behind the letter is its text, as long as it names no other choice.
 */

/** The words of an answer without LaTeX wrappers. */
export function plainText(text: string): string {
  return text
    .replaceAll(/\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|operatorname|mbox|emph|rm|bf)\b\s*/g, "")
    .replaceAll(/\\[ ,;:!]|~|\\quad|\\qquad/g, " ")
    .replaceAll(/\\left\b|\\right\b/g, "")
    .replaceAll(/[{}$]|\\(?=[%&])/g, "")
    .trim();
}

/** The key by which words are compared; "" where there are none. */
export function textKey(text: string): string {
  const plain = plainText(text).toLowerCase();
  if (!/\p{L}/u.test(plain)) return "";
  return plain.replaceAll(/\p{N}/u.test(plain) ? /[^\p{L}\p{N}+\-./:\\^]/gu : /[^\p{L}\\^+]/gu, "");
}

/** Is this written in words: a run of two letters or a text command, and no formula? */
export function isWordy(text: string): boolean {
  const wrapped = /\\(?:text|textbf|textit|textrm|textnormal|mathrm|mbox)\b/.test(text);
  const plain = plainText(text);
  if (/[\\^_=<>+*|]/.test(plain) || !/\p{L}/u.test(plain)) return false;
  return wrapped || /\p{L}{2}/u.test(plain);
}

const LONE_LETTER = /^\(?\s*([A-Ja-j])\s*\)?[.:)]?$/;

/** The letter of an answer that is nothing but a choice: A, (A), A., \text{(A)}. Null for anything else. */
export function choiceLetter(text: string): string | null {
  const plain = plainText(text);
  const match = LONE_LETTER.exec(plain);
  if (match === null) return null;
  const letter = match[1]!;
  if (letter >= "a" && plain === letter) return null; // a bare small letter is a variable
  return letter.toUpperCase();
}

/** The choice that an answer begins with, `(C) 12`; null where it names several. */
export function choiceWithText(text: string): string | null {
  const plain = plainText(text);
  const match = /^(?:\(([A-J])\)|([A-J])[.):])\s*\S/.exec(plain);
  if (match === null) return null;
  const rest = plain.slice(match[0].length - 1);
  if (/(?:^|[^A-Za-z])[A-J](?:$|[^A-Za-z])|\b(?:or|and)\b/i.test(rest)) return null;
  return match[1] ?? match[2]!;
}
