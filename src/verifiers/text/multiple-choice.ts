/**
 * One choice of several, named by its letter or, where the row carries them, by its text.
 *
 * Accepted for A: `A` · `(A)` · `A.` · `\text{A}` · `answer: A` · `Option A` · `(A) Paris` where Paris is choice A.
 * Refused for A: `A or B` · `A, B` · `B` · `not A` · `(A) Rome` where Rome is choice B · `A` in running prose.
 *
 * Exactly one choice must be named. Where the row carries no texts, what stands behind a label must name no other letter
 * and hold no "or": a text that does so by accident is refused, so give the texts where there are some.
 */
import { RlvrError } from "../../errors.ts";
import { afterThink, answerTag, type Extract } from "../answer-tag.ts";
import { cleanAnswer } from "../math/clean.ts";
import { extractAnswer } from "../math/extract.ts";
import { isWordy, plainText, textKey } from "../math/text.ts";
import { type Graded, graded } from "../verdict.ts";
import { checkNumberOption } from "./number-option.ts";

export interface ChoiceRow {
  /** The letter of the right choice, or its text where there are `choices`. */
  readonly answer: string;
  /** The texts of the choices, A first. */
  readonly choices?: readonly string[] | undefined;
}

export interface ChoiceOptions {
  /** How many choices there are where the row carries no texts: 2–26, 10 by default (A–J). */
  readonly choices?: number;
}

const MAX_CHOICES = 26;
const MAX_ANSWER = 1000; // the longest choice of a public set is a paragraph
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** 1 for the right choice alone, 0 for anything else. Throws E_TASK_DATA where the row names no choice of its own. */
export function multipleChoice(
  extract: Extract = choiceSlot,
  options: ChoiceOptions = {},
): (completion: string, row: ChoiceRow) => Graded {
  const { choices: count = 10 } = options;
  checkNumberOption("choices", count, { min: 2, max: MAX_CHOICES, whole: true });
  return (completion, row) => {
    const texts = choiceTexts(row);
    const letters = LETTERS.slice(0, texts?.length ?? count);
    const gold = readChoice(row.answer, letters, texts);
    if (gold.length !== 1) {
      throw new RlvrError(
        "E_TASK_DATA",
        `the row's answer is ${JSON.stringify(row.answer)}, expected one of ${letters}`,
        {
          hint: "write the letter of the right choice, or its text as it stands in choices",
        },
      );
    }
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    if (answer.length > MAX_ANSWER) return graded(0, "incorrect", answer, `over ${MAX_ANSWER} characters: no choice`);
    const got = readChoice(answer, letters, texts);
    if (got.length === 0) return graded(0, "unparsed", answer, `names no choice of ${letters}`);
    if (got.length > 1) return graded(0, "incorrect", answer, `names several choices: ${got.join(", ")}`);
    return got[0] === gold[0]
      ? graded(1, "correct", answer, `choice ${gold[0]}`)
      : graded(0, "incorrect", answer, `chose ${got[0]}, expected ${gold[0]}`);
  };
}

const PHRASE = /\banswer(?:\*\*)?\s{0,3}(?:is|:|=)(?:\*\*)?/gi;

/**
 * Where a choice stands: the one answer tag where there is one, else the last box or `####` line, else the rest of the line
 * behind the last "answer is" or "answer:", else a line that is all there is.
 */
export const choiceSlot: Extract = (completion) => {
  const shown = afterThink(completion);
  if (shown === null) return { found: false, reason: "<think> is never closed" };
  if (shown.includes("<answer>")) return answerTag(completion);
  const { candidates } = extractAnswer(completion, { extraction: "reward" });
  if (candidates.length > 0) return { found: true, answer: candidates.join(", ") };

  const text = shown.trim();
  let start = 0;
  for (const phrase of text.matchAll(PHRASE)) start = phrase.index + phrase[0].length;
  const line = text.slice(start).trimStart().split("\n", 1)[0]!.trim();
  if (start === 0 && line !== text) return { found: false, reason: "no box, no answer phrase, and more than one line" };
  return line === "" ? { found: false, reason: "the answer is empty" } : { found: true, answer: line };
};

function choiceTexts({ choices }: ChoiceRow): readonly string[] | null {
  if (choices === undefined) return null;
  const keys = choices.map(keyOf);
  if (choices.length < 2 || choices.length > MAX_CHOICES || new Set(keys).size < keys.length || keys.includes("")) {
    throw new RlvrError(
      "E_TASK_DATA",
      `the row's choices are ${JSON.stringify(choices)}, expected 2 to ${MAX_CHOICES} different texts`,
    );
  }
  return keys;
}

/** What a text of a choice is compared by: words without case and punctuation, or the plain characters of a formula. */
function keyOf(text: string): string {
  const clean = cleanAnswer(text);
  return isWordy(clean) ? textKey(clean) : plainText(clean).replaceAll(/\s+/g, "");
}

const LEAD = /^(?:the\s)?(?:(?:correct|right|best|final)\s)?(?:answer|option|choice)\s?(?:is\b|:)?\s*/i;
const LONE = /^[([]?\s?([A-Za-z])\s?[)\]]?[.:)]?$/;
const LABELED = /^(?:\(([A-Za-z])\)|([A-Za-z])[.):])\s*(.+)$/s;

/** The letters that an answer names, each once. [] where it names none. */
function readChoice(text: string, letters: string, keys: readonly string[] | null): string[] {
  const known = (letter: string) => letters.includes(letter);
  const clean = plainText(cleanAnswer(text)).replace(LEAD, "");

  const named = keys?.indexOf(keyOf(clean)) ?? -1;
  const lone = LONE.exec(clean)?.[1]?.toUpperCase();
  // Where the choices are letters themselves, in another order, a letter alone means two things.
  if (named !== -1 && lone !== undefined && known(lone) && lone !== letters[named]) return [lone, letters[named]!];
  if (named !== -1) return [letters[named]!];
  if (lone !== undefined) return known(lone) ? [lone] : [];

  const [, inParentheses, bare, behind = ""] = LABELED.exec(clean) ?? [];
  const label = (inParentheses ?? bare)?.toUpperCase();
  const mentioned = standaloneLetters(label === undefined ? clean : behind).filter(known);
  if (label === undefined || !known(label)) return mentioned.length > 1 ? mentioned : [];

  const said = keys?.indexOf(keyOf(behind)) ?? -1;
  if (said !== -1) return said === letters.indexOf(label) ? [label] : [label, letters[said]!];
  const others = mentioned.filter((letter) => letter !== label);
  if (others.length > 0) return [label, ...others];
  return /\bor\b/i.test(behind) ? [label, "another"] : [label];
}

/** Capital letters that stand alone, each once. */
function standaloneLetters(text: string): string[] {
  return [...new Set([...text.matchAll(/(?<![\p{L}\p{N}'’])[A-Z](?![\p{L}\p{N}'’])/gu)].map(([letter]) => letter))];
}
