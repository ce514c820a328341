/** Math spans and numbers in prose, by linear scans. */
import type { Span } from "./boxes.ts";

const DELIMITERS: readonly (readonly [open: string, close: string, lines: boolean])[] = [
  ["$$", "$$", true],
  ["$", "$", false],
  ["\\[", "\\]", true],
  ["\\(", "\\)", false],
];

export interface MathSpans {
  readonly spans: readonly Span[];
  /** Characters between delimiters, also where the span is not valid: [start, end) pairs in order. */
  readonly inside: readonly (readonly [number, number])[];
}

/** `$…$`, `\(…\)` on one line and `$$…$$`, `\[…\]` on several. */
export function mathSpans(text: string): MathSpans {
  const spans: Span[] = [];
  const inside: (readonly [number, number])[] = [];
  const missing = new Set<string>(); // closers that do not occur any more: each is searched for once
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c !== "$" && c !== "\\") continue;
    const delimiter = DELIMITERS.find(([open]) => text.startsWith(open, at));
    if (delimiter === undefined) {
      at++; // an escaped character
      continue;
    }
    const [open, close, lines] = delimiter;
    const end = missing.has(close) ? -1 : findClose(text, close, at + open.length);
    if (end === -1) {
      missing.add(close);
      at += open.length - 1;
      continue;
    }
    const body = text.slice(at + open.length, end);
    inside.push([at, end + close.length]);
    if (body.trim() !== "" && (lines || !body.includes("\n"))) {
      spans.push({ text: body, start: at, end: end + close.length });
    }
    at = end + close.length - 1;
  }
  return { spans, inside };
}

function findClose(text: string, close: string, from: number): number {
  for (let at = text.indexOf(close, from); at !== -1; at = text.indexOf(close, at + 1)) {
    if (close[0] === "\\" || text[at - 1] !== "\\") return at;
  }
  return -1;
}

/** The last span, together with those before it that only a comma, "and" or "or" divides from it. */
export function lastSpans(text: string, spans: readonly Span[]): Span | null {
  const last = spans.at(-1);
  if (last === undefined) return null;
  let joined = last;
  for (let at = spans.length - 2; at >= 0 && spans.length - at < 32; at--) {
    const span = spans[at]!;
    const gap = text.slice(span.end, joined.start);
    if (gap.length > 12 || !/^\s*(?:,|;|,?\s*(?:and|or))\s*$/.test(gap)) break;
    joined = { text: `${span.text} , ${joined.text}`, start: span.start, end: joined.end };
  }
  return joined;
}

const NUMBER = /(?<![\w.\\])[-−]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\/\d+(?:\.\d+)?)?(?:\s?\\?%)?/g;

/** The last number outside math; numbers that are only listed side by side are taken together. */
export function lastNumber(text: string, { inside }: MathSpans): Span | null {
  let group: { start: number; end: number } | null = null;
  let region = 0;
  for (const match of text.matchAll(NUMBER)) {
    const start = match.index;
    const end = start + match[0].replace(/,+$/, "").length;
    while (region < inside.length && inside[region]![1] <= start) region++;
    if (region < inside.length && inside[region]![0] < end) continue;
    const gap: string = group === null ? "x" : text.slice(group.end, start);
    if (group !== null && gap.length < 12 && /^(?:\s|,|;|\/|\band\b|\bor\b)*$/.test(gap)) group.end = end;
    else group = { start, end };
  }
  return group === null ? null : { text: text.slice(group.start, group.end), ...group };
}
