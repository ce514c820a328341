/**
 * Reasoning steps as spans of the tokens that were sampled. A rule looks at the text and says after which characters a step
 * is over; the tokenizer's own decoder says which token that is. Text is never encoded again.
 *
 * Every token belongs to exactly one step: what stands between two ends to the step that ends next, the answer and the
 * end-of-sequence token to the last. A piece without a letter or digit (an empty line, a lone tag) is no step: it joins
 * the next one, so nobody earns anything by writing separators.
 */
import { RlvrError } from "../errors.ts";
import type { Tokenizer } from "../policy/index.ts";

/** Text → the places (UTF-16 units) where a step is over, rising. The end of the text need not be among them. */
export type StepRule = (text: string) => readonly number[];

/** A step is over after each match of the pattern, which needs the flag g. */
function after(pattern: RegExp): StepRule {
  return (text) => Array.from(text.matchAll(pattern), (match) => match.index + match[0].length);
}

/** A step is over before each match of the pattern, which needs the flag g. */
function before(pattern: RegExp): StepRule {
  return (text) => Array.from(text.matchAll(pattern), (match) => match.index);
}

/** The rules that go by a name. */
export const STEP_RULES = {
  /** Each line. */
  line: after(/\n/g),
  /** Paragraphs: what an empty line separates. */
  "blank-line": after(/\n(?:[ \t\r]{0,80}\n)+/g),
  /** "Step 1: …", "## Step 2", "**Step 3.**" at the beginning of a line. */
  "step-k": before(/^[ \t]{0,8}(?:#{1,6} |\*\*)?step[ \t]\d{1,4}\b/gim),
  /** What a closing tag such as </step> ends. */
  tag: after(/<\/[A-Za-z][\w-]{0,63}>/g),
} satisfies Record<string, StepRule>;

/** A step is over after each of these texts, such as ",". @throws {RlvrError} E_CONFIG if there is none, or an empty one. */
export function separators(texts: readonly string[]): StepRule {
  if (texts.length === 0 || texts.includes("")) {
    throw new RlvrError(
      "E_CONFIG",
      `separators are ${JSON.stringify(texts)}, expected at least one, none of them empty`,
    );
  }
  return (text) => {
    const ends = texts.flatMap((separator) => {
      const found: number[] = [];
      for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + separator.length)) {
        found.push(at + separator.length);
      }
      return found;
    });
    return [...new Set(ends)].sort((a, b) => a - b);
  };
}

/** The steps of one completion. */
export interface StepSpans {
  /** Index of the last token of each step among the completion's tokens, 0-based, rising; the last is its last token. [S] */
  readonly ends: readonly number[];
  /** Their texts; together they are the completion. [S] */
  readonly texts: readonly string[];
}

const TAG = /<\/?[A-Za-z][\w-]{0,63}>/g;
const CONTENT = /[\p{L}\p{N}]/u;

/** Whether a piece of text says anything: a letter or a digit outside tags. */
function hasContent(piece: string): boolean {
  return CONTENT.test(piece.replaceAll(TAG, ""));
}

/**
 * Where the steps of a text end, in UTF-16 units; the last is its length. One step at least, whatever the text.
 * @throws {RlvrError} E_CONFIG if the rule gives places that do not rise or are outside the text
 */
export function stepPlaces(text: string, rule: StepRule): number[] {
  const places: number[] = [];
  let last = 0;
  let says = false; // whether there is content since the last step's end
  for (const place of rule(text)) {
    if (!Number.isInteger(place) || place < last || place > text.length) {
      throw new RlvrError(
        "E_CONFIG",
        `a step rule gave the place ${place} after ${last}, expected up to ${text.length}`,
      );
    }
    says ||= hasContent(text.slice(last, place));
    last = place;
    if (!says) continue;
    places.push(place);
    says = false;
  }
  if (places.length > 0 && !says && !hasContent(text.slice(last))) places.pop();
  return [...places, text.length];
}

/**
 * Splits sampled tokens into steps. A token that crosses the end of a step belongs to the step that it ends; ends inside
 * one token are one end.
 *
 * @param tokens of a completion, the end-of-sequence id included where there is one
 */
export function splitSteps(
  tokens: Int32Array,
  tokenizer: Pick<Tokenizer, "createDecoder" | "stopIds">,
  rule: StepRule,
): StepSpans {
  if (tokens.length === 0) return { ends: [], texts: [] };
  const { text, lengths } = decodeTokens(tokens, tokenizer);
  return spansAt(text, lengths, stepPlaces(text, rule));
}

/**
 * The text of a completion without its end-of-sequence token, and how much of it there is after each token, in UTF-16
 * units: a token inside a character adds nothing. [T]
 */
export function decodeTokens(
  tokens: Int32Array,
  tokenizer: Pick<Tokenizer, "createDecoder" | "stopIds">,
): { text: string; lengths: number[] } {
  const decoder = tokenizer.createDecoder();
  const last = tokens.length - 1;
  let text = "";
  const lengths = Array.from(tokens, (id, t) => {
    if (t < last || !tokenizer.stopIds.includes(id)) text += decoder.push(id);
    if (t === last) text += decoder.end();
    return text.length;
  });
  return { text, lengths };
}

/** Places in the text → last tokens of steps. */
export function spansAt(text: string, lengths: readonly number[], places: readonly number[]): StepSpans {
  const ends: number[] = [];
  const texts: string[] = [];
  let t = 0;
  let from = 0;
  for (const [i, place] of places.entries()) {
    while (t < lengths.length - 1 && lengths[t]! < place) t++;
    const end = i === places.length - 1 ? lengths.length - 1 : t;
    const to = i === places.length - 1 ? text.length : lengths[end]!;
    if (ends.length > 0 && end <= ends.at(-1)!) continue; // two ends inside one token
    if (i < places.length - 1 && end === lengths.length - 1) continue; // the last step takes it all
    ends.push(end);
    texts.push(text.slice(from, to));
    from = to;
  }
  return { ends, texts };
}
