/**
 * What an answer may mean: a small set of trees, its words, its choice letter.
 *
 * The commas decide how many trees there are: `1,024` is 1024, 1.024 or a list. A gold is read more narrowly than an
 * answer, because its author meant one of them, and what the gold can be picks what the answer may be.
 */
import type { Node } from "./ast.ts";
import { canonical } from "./canonical.ts";
import { cleanAnswer } from "./clean.ts";
import type { Fuel } from "./fuel.ts";
import { parseTokens } from "./parse.ts";
import { choiceLetter, isWordy, textKey } from "./text.ts";
import { type CommaReading, tokenize } from "./tokens.ts";

export const MAX_CHARACTERS = 1_000;

export interface Readings {
  /** The text without wrappers. */
  readonly clean: string;
  readonly nodes: readonly Node[];
  /** Key of its words, "" where it is no text. */
  readonly words: string;
  readonly choice: string | null;
}

/** Null where the text is empty or too long to be an answer. */
export function readingsOf(text: string, side: "gold" | "answer", fuel: Fuel): Readings | null {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > MAX_CHARACTERS) return null;
  const clean = cleanAnswer(trimmed);
  if (clean === "") return null;
  fuel.spend(clean.length);
  const nodes: Node[] = [];
  const seen = new Set<string>();
  for (const comma of commaReadings(clean, side)) {
    const tokens = tokenize(clean, comma, fuel);
    const node = tokens === null ? null : parseTokens(tokens, fuel);
    const key = node === null ? "" : canonical(node, fuel);
    if (node === null || seen.has(key)) continue;
    seen.add(key);
    nodes.push(node);
  }
  const wordy = side === "answer" || isWordy(clean);
  return { clean, nodes, words: wordy ? textKey(clean) : "", choice: choiceLetter(clean) };
}

function commaReadings(text: string, side: "gold" | "answer"): readonly CommaReading[] {
  if (!/\d,\d/.test(text)) return ["thousands"];
  const grouped = /(?:^|[^\d,.])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])/.test(text);
  const padded = /,0\d/.test(text); // 1,024 lists no 024
  const readings: CommaReading[] = grouped ? ["thousands"] : [];
  if (!padded || !grouped) readings.push("list");
  const one = /^[^,]*\d,\d+[^,]*$/.test(text) || text.includes(";");
  // A gold 1,2 is a list of two; 1,22 and 0,5 may be decimals.
  if (one && (side === "answer" || (!grouped && /\d,\d{2}|(?:^|\D)0,\d/.test(text)))) readings.push("decimal");
  return readings;
}
