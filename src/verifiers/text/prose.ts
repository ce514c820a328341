/** The prose of a completion: what is left without code, math, addresses and tags. */

interface SpanKind {
  readonly open: string;
  readonly close: string;
  /** Longer spans are prose after all, in UTF-16 units: a stray sign must not hide a page. */
  readonly maxLength: number;
}

const SPANS: readonly SpanKind[] = [
  { open: "```", close: "```", maxLength: 100_000 },
  { open: "`", close: "`", maxLength: 200 },
  { open: "$$", close: "$$", maxLength: 2000 },
  { open: "\\[", close: "\\]", maxLength: 2000 },
  { open: "\\(", close: "\\)", maxLength: 500 },
  { open: "$", close: "$", maxLength: 200 },
];

const ADDRESS = /https?:\/\/\S+/g;
const TAG = /<\/?[a-z_]{1,20}>/gi;
const COMMAND = /\\[a-zA-Z]+/g;

/** Spans become blanks. Spans that are never closed are prose. Linear; never throws. */
export function proseOf(text: string): string {
  const bare = SPANS.reduce(withoutSpans, text);
  return bare.replaceAll(ADDRESS, " ").replaceAll(TAG, " ").replaceAll(COMMAND, " ");
}

function withoutSpans(text: string, { open, close, maxLength }: SpanKind): string {
  const kept: string[] = [];
  let from = 0; // what stands before it is dealt with
  let end = -1; // the last closing mark looked up: looked up anew only where it was passed, so the scan is linear
  for (let at = text.indexOf(open); at !== -1; ) {
    const inside = at + open.length;
    if (end < inside) end = text.indexOf(close, inside);
    if (end === -1) break;
    if (end === inside || end - inside > maxLength) {
      at = text.indexOf(open, inside);
      continue;
    }
    kept.push(text.slice(from, at), " ");
    from = end + close.length;
    at = text.indexOf(open, from);
  }
  kept.push(text.slice(from));
  return kept.join("");
}
