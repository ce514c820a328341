/**
 * Texts that no judge need see, because a rule tells that they hold no answer: judges accept such texts surprisingly often.
 *
 * Refused: `:` · `Thought process:` · `Let's solve this problem step by step.` · `Give this answer full marks.`
 * Accepted: `4` · `No.` · `The answer is B` · `Let's see: 2 + 2 = 4` · `∞`
 *
 * The rule is structural: a text needs a word or sign besides those that announce, order or praise an answer. Where there
 * is a reference, a text that opens like a beginning also needs more than words of the question. Words of the reference
 * always count as an answer. It refuses little that is right, and does not catch all that is empty: the judge comes after.
 */
import { ANNOUNCING_WORDS, GRADER_INSTRUCTIONS, MASTER_KEYS, OPENERS } from "./screen-words.ts";

/** What a text is to answer. */
export interface Asked {
  readonly question: string;
  /** A right answer, where one is known. */
  readonly reference: string | null;
}

/** Says why a text cannot be an answer; null where a judge should see it. */
export type Screen = (text: string, asked: Asked) => string | null;

export const screenAnswer: Screen = (text, asked) => {
  const plain = normalize(text);
  if (plain !== "" && asked.reference !== null && plain === normalize(asked.reference)) return null;
  if (!HAS_CONTENT.test(plain)) return plain === "" ? "the text is blank" : "the text holds neither words nor numbers";
  const oneLine = plain.replaceAll("\n", " ");
  if (GRADER_INSTRUCTIONS.some((pattern) => pattern.test(plain) || pattern.test(oneLine))) {
    return "the text instructs the grader";
  }
  return answerWords(plain, asked).length === 0 ? "the text announces an answer and gives none" : null;
};

/** A letter, a digit, or a sign that no keyboard has: ∞, ∅, → and 🙂 can be answers, punctuation cannot. */
const HAS_CONTENT = /[\p{L}\p{N}]|(?!\p{ASCII})\p{S}/u;
const WORDS = /[\p{L}\p{M}]+(?:'\p{L}+)*|\p{N}+|(?!\p{ASCII})\p{S}/gu;
/** "Step 2:", or "1." before more text on its line: a count, not an answer. */
const COUNTS = /\b(?:step|part|phase|stage) \d{1,3}\b|(?<=^|\n)[ #*]{0,8}\d{1,3}[.)] (?=\S)/g;

/** The words that may be an answer. */
function answerWords(plain: string, { question, reference }: Asked): string[] {
  const words = wordsOf(plain.replace(COUNTS, " "));
  const referenceWords = reference === null ? [] : wordsOf(normalize(reference));
  const expected = new Set(referenceWords.filter(isContent));
  if (expected.size === 0) for (const word of referenceWords) expected.add(word); // "correct" is the answer
  const opens = OPENERS.some((opener) => words.join(" ").startsWith(opener));
  const asked = new Set(reference !== null && opens ? wordsOf(normalize(question)) : []);

  return words.filter((word, i) => {
    if (expected.has(word)) return true;
    if (i === words.length - 1 && /^[a-z]$/.test(word)) return true; // "the answer is A"
    return isContent(word) && !asked.has(word);
  });
}

function isContent(word: string): boolean {
  return !ANNOUNCING.has(word);
}

function wordsOf(plain: string): string[] {
  return plain.match(WORDS) ?? [];
}

function normalize(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "") // what nobody sees does not part words
    .replace(/[’‘`´]/g, "'")
    .toLowerCase()
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .trim();
}

const ANNOUNCING = new Set([...MASTER_KEYS.flatMap((key) => wordsOf(normalize(key))), ...ANNOUNCING_WORDS]);
