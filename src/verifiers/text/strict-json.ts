/**
 * JSON in a completion: all that is shown after the reasoning, or one fence marked `json`, and nothing lenient about it.
 *
 * Length and depth are checked before anything is parsed. `__proto__` and `constructor` are ordinary names:
 * JSON.parse makes own properties of them. Where a name comes twice in an object the last value counts, as everywhere.
 */
import type { Extract, Extracted } from "../answer-tag.ts";
import { shownText } from "./shown-text.ts";

export interface JsonLimits {
  /** UTF-16 units of the text. */
  readonly maxCharacters: number;
  /** Objects and arrays inside each other. */
  readonly maxDepth: number;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type ParsedJson = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly reason: string };

/** The text of the one fence marked `json`, or all that is shown where there is no such fence. */
export const jsonText: Extract = (completion): Extracted => {
  const shown = shownText(completion);
  if (!shown.found) return shown;
  const lines = shown.answer.split("\n").map((line) => line.trim());
  const opened = lines.indexOf("```json");
  if (opened === -1) return shown;
  if (lines.indexOf("```json", opened + 1) !== -1)
    return { found: false, reason: "several fences marked json, expected one" };
  const closed = lines.indexOf("```", opened + 1);
  if (closed === -1) return { found: false, reason: "the fence marked json is never closed" };
  return {
    found: true,
    answer: lines
      .slice(opened + 1, closed)
      .join("\n")
      .trim(),
  };
};

/** Never throws. Linear in the length of the text. */
export function parseStrictJson(text: string, { maxCharacters, maxDepth }: JsonLimits): ParsedJson {
  if (text.length > maxCharacters)
    return { ok: false, reason: `${text.length} characters of JSON, at most ${maxCharacters}` };
  const depth = depthOf(text);
  if (depth > maxDepth) return { ok: false, reason: `nested ${depth} deep, at most ${maxDepth}` };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    return { ok: false, reason: `not JSON: ${(error as SyntaxError).message.slice(0, 200)}` };
  }
}

/** The deepest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character === "\\") i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}
