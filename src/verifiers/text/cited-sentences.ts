/**
 * Sentences with what they cite and quote: `[1]`, `[f2]`, `[1, 3]`, `[1][3]`, before or behind the full stop.
 *
 * A bracket is a citation where one of its parts is a known id, or where each has a digit: `[sic]` is none, `[7]` always is.
 * A quotation stands in "…", “…” or «…» within one line. A straight mark opens behind a blank and closes behind a word, so
 * inches are no quotations.
 */
import { wordTokens } from "./tokenize.ts";

export interface CitedSentence {
  /** Words in lower case, without the citations. */
  readonly words: readonly string[];
  /** Distinct ids, in order. */
  readonly ids: readonly string[];
  /** White space collapsed, without final punctuation. */
  readonly quotes: readonly string[];
}

const BRACKET = /\[([^[\]\n]{1,200})\]/g;
const ID = /^[\w.-]{1,64}$/;
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|vs|cf|Dr|Mr|Mrs|Ms|Prof|St|No|Fig|[A-Z])$/;
// The end of a sentence, with closing marks and with the citations behind it.
const END = /[.!?。！？]{1,4}[”»")\]]{0,3}(?: ?\[[^[\]\n]{1,200}\]){0,8}(?=\s|$)/g;
const QUOTE = /(?<![^\s([{—–-])"(?=\S)([^"\n]+)"|“([^“”\n]+)”|«([^«»\n]+)»/g;

/** Linear in the length of the text, but for bounded repeats; never throws. */
export function citedSentences(text: string, isKnown: (id: string) => boolean): CitedSentence[] {
  return text
    .split("\n")
    .flatMap(sentencesOf)
    .map((sentence) => read(sentence, isKnown))
    .filter(({ words, ids }) => words.length > 0 || ids.length > 0);
}

function sentencesOf(line: string): string[] {
  const quoted = [...line.matchAll(QUOTE)].map(({ index, 0: { length } }) => [index, index + length] as const);
  const sentences: string[] = [];
  let start = 0;
  let q = 0;
  for (const { index, 0: mark } of line.matchAll(END)) {
    const end = index + mark.length;
    while (q < quoted.length && quoted[q]![1] < end) q++;
    const inQuote = q < quoted.length && quoted[q]![0] < index && end < quoted[q]![1];
    const goesOn = /[”»"]/.test(mark) && /^\s+\p{Ll}/u.test(line.slice(end, end + 8)); // "It is." they said
    if (inQuote || goesOn || (mark.startsWith(".") && ABBREVIATION.test(line.slice(Math.max(start, index - 6), index))))
      continue;
    sentences.push(line.slice(start, end));
    start = end;
  }
  return [...sentences, line.slice(start)];
}

function read(sentence: string, isKnown: (id: string) => boolean): CitedSentence {
  const ids = new Set<string>();
  const text = sentence.replaceAll(BRACKET, (bracket, inside: string) => {
    const parts = inside.split(/[,;]/).map((part) => part.trim());
    const shaped = parts.every((part) => ID.test(part));
    if (!shaped || !(parts.some(isKnown) || parts.every((part) => /\d/.test(part)))) return bracket;
    for (const id of parts) ids.add(id);
    return " ";
  });
  const quotes = [...text.matchAll(QUOTE)].map((match) => quoteText(match[1] ?? match[2] ?? match[3]!));
  return { words: wordTokens(text), ids: [...ids], quotes: quotes.filter((quote) => quote !== "") };
}

function quoteText(quote: string): string {
  let end = quote.length;
  while (end > 0 && ".,;:!?… ".includes(quote[end - 1]!)) end--;
  return collapseSpace(quote.slice(0, end));
}

/** Facts and quotations are compared in this form. */
export function collapseSpace(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
