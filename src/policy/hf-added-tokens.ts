/**
 * Added tokens: texts such as `<|im_end|>` that are found as a whole, before anything else is done to a text.
 *
 * As `AddedVocabulary` of Hugging Face's Rust library does it: first those that are sought in the text as it is, then, in
 * what is left and normalized, the others. The leftmost match wins, and of several there the longest.
 */
import { z } from "zod";
import { escapeRegExp } from "./escape-reg-exp.ts";

export const AddedToken = z.looseObject({
  id: z.int().min(0),
  content: z.string(),
  single_word: z.boolean().default(false).describe("no match beside a letter or digit"),
  lstrip: z.boolean().default(false).describe("takes the white space before it along"),
  rstrip: z.boolean().default(false).describe("takes the white space after it along"),
  normalized: z.boolean().default(true).describe("sought in normalized text, in its normalized form"),
  special: z.boolean().default(false),
});
export type AddedToken = z.infer<typeof AddedToken>;

/** Either an added token, or normalized text that has none in it. */
export type Section =
  | { readonly kind: "token"; readonly id: number }
  | { readonly kind: "text"; readonly text: string; readonly isFirst: boolean };

/** Part of a text that is an added token, or text between such parts. */
interface Match {
  readonly text: string;
  readonly id: number | null;
  readonly start: number;
}

type Finder = (text: string) => Match[];

const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const WHITE_SPACE = /^\p{White_Space}/u; // all of it is one UTF-16 unit wide

export function addedTokenSplitter(
  tokens: readonly AddedToken[],
  normalize: (text: string) => string,
): (text: string) => Section[] {
  const sought = tokens.filter(({ content }) => content !== "");
  const inText = finder(sought.filter(({ normalized }) => !normalized).map((token) => [token.content, token]));
  const inNormalized = finder(sought.filter(({ normalized }) => normalized).map((t) => [normalize(t.content), t]));
  return (text) =>
    inText(text).flatMap((outer): Section[] => {
      if (outer.id !== null) return [{ kind: "token", id: outer.id }];
      return inNormalized(normalize(outer.text)).map(({ text, id, start }) =>
        id === null ? { kind: "text", text, isFirst: outer.start + start === 0 } : { kind: "token", id },
      );
    });
}

/** @param patterns what is sought, and the token that it stands for; of equal ones the first counts */
function finder(patterns: readonly (readonly [string, AddedToken])[]): Finder {
  const tokenOf = new Map(patterns.filter(([pattern]) => pattern !== "").reverse());
  if (tokenOf.size === 0) return (text) => (text === "" ? [] : [{ text, id: null, start: 0 }]);
  const longestFirst = [...tokenOf.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const alternatives = new RegExp(longestFirst.join("|"), "gu");

  return (text) => {
    const found: Match[] = [];
    let end = 0; // of what is found
    const add = (from: number, to: number, id: number | null) => {
      if (from < to) found.push({ text: text.slice(from, to), id, start: from });
    };
    for (const { 0: content, index } of text.matchAll(alternatives)) {
      const token = tokenOf.get(content) as AddedToken;
      let [from, to] = [index, index + content.length];
      if (token.single_word && (WORD.test(characterBefore(text, from)) || WORD.test(text.slice(to, to + 2)))) continue;
      while (token.lstrip && from > end && WHITE_SPACE.test(text.charAt(from - 1))) from--;
      while (token.rstrip && WHITE_SPACE.test(text.charAt(to))) to++;
      add(end, from, null);
      add(from, to, token.id);
      end = to;
    }
    add(end, text.length, null);
    return found;
  };
}

function characterBefore(text: string, index: number): string {
  const wide = index >= 2 && (text.codePointAt(index - 2) as number) > 0xffff;
  return text.slice(Math.max(0, index - (wide ? 2 : 1)), index);
}
