/**
 * Where the answer stands in a response. The rules, in order:
 *
 *   answer-tag  `<answer>…</answer>`, exactly one; by option, or in lenient mode where it is there
 *   boxed       the last `\boxed{}`, or the last ones where they are one list
 *   hash        the line behind the last `####`
 *   phrase      "the answer is X"; by option, or in lenient mode
 *   span, bare, number    lenient mode alone: the last math span, a response that is nothing but an answer, the last number
 *
 * Only the last 16 KiB count, only what follows the last `</think>`, and nothing behind a stop token. An open `<think>`
 * hides everything. All scans are linear.
 */
import { afterThink, answerTag } from "../answer-tag.ts";
import { lastBoxes, type Span } from "./boxes.ts";
import { type MathOptions, type MathSettings, settingsOf } from "./presets.ts";
import { lastNumber, lastSpans, mathSpans } from "./spans.ts";

export type ExtractionRule = "answer-tag" | "boxed" | "hash" | "phrase" | "span" | "bare" | "number";

export interface Extraction {
  /** The pieces found: several boxes or spans that are one list, else one. Empty where nothing was found. */
  readonly candidates: readonly string[];
  readonly rule: ExtractionRule | null;
  /** Where it stands in the response, [start, end). */
  readonly span: readonly [number, number] | null;
}

const MAX_TAIL = 16 * 1024;
const STOP_TOKENS = ["<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "</s>", "<|end|>"];
const NOTHING: Extraction = { candidates: [], rule: null, span: null };

/** Never throws, whatever the response. */
export function extractAnswer(response: string, options: MathOptions = {}): Extraction {
  const settings = settingsOf(options);
  const shown = afterThink(response);
  if (shown === null) return NOTHING;
  const stop = Math.min(
    ...STOP_TOKENS.map((token) => shown.indexOf(token)).map((at) => (at === -1 ? shown.length : at)),
  );
  const from = Math.max(0, stop - MAX_TAIL);
  const text = shown.slice(from, stop);
  const found = find(text, settings);
  if (found === null) return NOTHING;
  const offset = response.length - shown.length + from;
  return {
    candidates: found.candidates,
    rule: found.rule,
    span: [offset + found.start, offset + found.end],
  };
}

interface Found {
  readonly candidates: readonly string[];
  readonly rule: ExtractionRule;
  readonly start: number;
  readonly end: number;
}

function find(text: string, settings: MathSettings): Found | null {
  const lenient = settings.extraction === "lenient";
  const tagged = settings.answerTag || (lenient && text.includes("<answer>")) ? fromTag(text) : null;
  if (tagged !== null || settings.answerTag) return tagged;
  const boxed = fromBoxes(text);
  if (lenient) {
    // "The final answer is X. I hope it is correct." is as good as a box: whichever comes last
    const minerva = fromPhrase(text, MINERVA);
    if (minerva !== null && (boxed === null || minerva.start > boxed.start)) return minerva;
  }
  if (boxed !== null) return boxed;
  const hash = fromHash(text);
  if (hash !== null) return hash;
  if (lenient || settings.phrases) {
    const phrase = fromPhrase(text, PHRASE);
    if (phrase !== null) return phrase;
  }
  return lenient ? fromProse(text) : null;
}

function fromTag(text: string): Found | null {
  const extracted = answerTag(text);
  if (!extracted.found) return null;
  const boxes = lastBoxes(extracted.answer, false);
  const candidates = boxes.length > 0 ? boxes.map((box) => box.text.trim()) : [extracted.answer];
  return { candidates, rule: "answer-tag", start: text.indexOf("<answer>"), end: text.indexOf("</answer>") + 9 };
}

function fromBoxes(text: string): Found | null {
  const boxes = lastBoxes(text, false);
  if (boxes.length === 0) return null;
  return {
    candidates: boxes.map((box) => box.text.trim()),
    rule: "boxed",
    start: boxes[0]!.start,
    end: boxes.at(-1)!.end,
  };
}

function fromHash(text: string): Found | null {
  const at = text.lastIndexOf("####");
  if (at === -1) return null;
  const line = text.slice(at + 4).split("\n", 1)[0]!;
  const answer = line.trim();
  return answer === "" ? null : { candidates: [answer], rule: "hash", start: at, end: at + 4 + line.length };
}

/** Beginnings of an answer in prose, in several languages; what follows is the answer. */
const PHRASE =
  /final answer\s*(?:is|:|=)|answer\s*(?:is|:|=)|answer\*\*\s*:?|(?:ответ|respuesta|réponse|antwort|risposta|resposta|答案|答え)\s*(?:es|est|ist|è|é|是|は|为)?\s*[:：]?/giu;
const MINERVA = /final answer is:?(?=[^\n]{0,300}\. ?I hope it is correct)/giu;
const MAX_PHRASE = 300;

function fromPhrase(text: string, phrase: RegExp): Found | null {
  let last: RegExpMatchArray | null = null;
  for (const match of text.matchAll(phrase)) last = match;
  if (last === null) return null;
  const start = last.index! + last[0].length;
  const segment = sentence(text.slice(start, start + MAX_PHRASE));
  const said = segment.slice(lastIs(segment));
  const answer = pick(said);
  return answer === null
    ? null
    : { candidates: [answer], rule: "phrase", start: last.index!, end: start + segment.length };
}

/** Up to the end of the sentence or paragraph; a point between digits or before a letter ends nothing. */
function sentence(text: string): string {
  const end = /\.(?=\s|$|\*)|\n\s*\n|\bI hope\b/.exec(text.trimStart());
  const lead = text.length - text.trimStart().length;
  return end === null ? text : text.slice(0, lead + end.index);
}

/** "The volume of ABCD is 120": what stands behind the last " is ". */
function lastIs(text: string): number {
  const at = text.lastIndexOf(" is ");
  return at === -1 ? 0 : at + 4;
}

/** An answer in a phrase: all of it where it holds no prose, else its first math span, else its last number. */
function pick(said: string): string | null {
  const text = said.replaceAll("**", "").replaceAll('\\"', '"').trim();
  if (text === "") return null;
  if (!hasProse(text)) return text;
  const spans = mathSpans(text);
  return spans.spans[0]?.text.trim() ?? lastNumber(text, spans)?.text ?? (text.length <= 40 ? text : null);
}

/** Words outside commands, other than conjunctions. */
function hasProse(text: string): boolean {
  const rest = text.replaceAll(/\\[a-zA-Z]+(?:\s*\{[^{}]*\})?/g, " ");
  const words = rest.match(/[a-zA-Z]{3,}/g) ?? [];
  return words.some((word) => word !== "and" && !/^or[A-Z]$/.test(word));
}

function fromProse(text: string): Found | null {
  const spans = mathSpans(text);
  const trimmed = text.trim();
  const lead = text.length - text.trimStart().length;
  const whole = { start: lead, end: lead + trimmed.length };
  const short = trimmed.length <= 300 && !trimmed.includes("\n");
  const only = spans.spans.length === 1 ? spans.spans[0]! : null;
  if (only !== null && only.end - only.start === trimmed.length) return found("span", only);
  if (short && trimmed !== "" && !hasProse(trimmed) && spans.inside.length === spans.spans.length) {
    return { candidates: [trimmed], rule: "bare", ...whole };
  }
  if (short && only === null && isMeasure(trimmed)) return { candidates: [trimmed], rule: "bare", ...whole };
  const span = lastSpans(text, spans.spans);
  const number = lastNumber(text, spans);
  if (span !== null && (number === null || span.start > number.start)) return withUnit(text, span);
  if (number !== null) return found("number", number);
  return short && trimmed.length > 0 && trimmed.length <= 60 && spans.inside.length === 0
    ? { candidates: [trimmed], rule: "bare", ...whole }
    : null;
}

/** A number and one or two words: 28 percent. */
function isMeasure(text: string): boolean {
  const [first = "", ...words] = text.split(/\s+/);
  return /\d/.test(first) && words.length >= 1 && words.length <= 2 && !/[.:!?]\s/.test(text);
}

/** `$28$ percent`: a percent sign or word directly behind the span belongs to it. */
function withUnit(text: string, span: Span): Found {
  const unit = /^\s?(?:\\?%|percent\b|pct\b)/.exec(text.slice(span.end, span.end + 12));
  const end = span.end + (unit?.[0].length ?? 0);
  return { candidates: [span.text.trim() + (unit === null ? "" : " \\%")], rule: "span", start: span.start, end };
}

function found(rule: ExtractionRule, { text, start, end }: Span): Found {
  return { candidates: [text.trim()], rule, start, end };
}
