/**
 * Patterns of a tokenizer.json: literal texts, and regular expressions in Oniguruma's dialect.
 *
 * The package translates the dialect. What it reads in another way is mended or refused here: letters that fold into one
 * of several, groups that never give back what they took, and characters that are newer than Oniguruma's tables.
 */
import { z } from "zod";
import { escapeRegExp } from "./escape-reg-exp.ts";
import type { PatternClass } from "./hf-package.ts";
import { asPatternsSeeIt } from "./hf-unicode.ts";

export const Pattern = z.union([z.strictObject({ String: z.string() }), z.strictObject({ Regex: z.string() })]);
export type Pattern = z.infer<typeof Pattern>;

/** Throws E_TOKENIZER: this part of the tokenizer.json, for this reason. */
export type Refuse = (reason: string) => never;

/** One stretch of a text. */
export interface Stretch {
  readonly text: string;
  readonly matches: boolean;
}

/** Cuts a text where matches of the pattern begin and end; nothing is lost. */
export type Cutter = (text: string) => Stretch[];

export function cutter(pattern: Pattern, Translator: PatternClass, refuse: Refuse): Cutter {
  const isLiteral = "String" in pattern;
  const matcher = isLiteral
    ? new RegExp(escapeRegExp(pattern.String), "gu")
    : translate(pattern.Regex, Translator, refuse);
  return (text) => {
    const seen = isLiteral ? text : asPatternsSeeIt(text);
    const stretches: Stretch[] = [];
    let end = 0;
    const add = (from: number, to: number, matches: boolean) => {
      if (from < to) stretches.push({ text: text.slice(from, to), matches });
    };
    for (const { 0: found, index } of seen.matchAll(matcher)) {
      add(end, index, false);
      add(index, index + found.length, true);
      end = index + found.length;
    }
    add(end, text.length, false);
    return stretches;
  };
}

/** `(?>…)`, `a++`, `a*+`, `a?+`, once escapes and classes are out of the way. */
const GIVES_NOTHING_BACK = /\(\?>|[*+?]\+/;
const ESCAPES_AND_CLASSES = /\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]/g;

function translate(regex: string, Translator: PatternClass, refuse: Refuse): RegExp {
  if (GIVES_NOTHING_BACK.test(regex.replace(ESCAPES_AND_CLASSES, "x"))) {
    refuse(`the pattern ${regex} has an atomic group or a possessive quantifier, which JavaScript lacks`);
  }
  const config = { type: "Split", pattern: { Regex: withFolds(regex) }, behavior: "Isolated", invert: false };
  try {
    const { pattern } = new Translator(config);
    if (pattern !== null) return pattern;
  } catch (error) {
    refuse(`the pattern ${regex} cannot be translated: ${error instanceof Error ? error.message : String(error)}`);
  }
  return refuse(`the pattern ${regex} cannot be translated`);
}

/** Without regard to case, Oniguruma takes ſ (U+017F) for s and K (U+212A) for k; the package only ASCII for ASCII. */
function withFolds(regex: string): string {
  return regex.replace(/\(\?i:([^()[\]\\]*)\)/g, (_, body: string) => {
    const folded = body.replace(/s/gi, "[s\u017f]").replace(/k/gi, "[k\u212a]");
    return `(?i:${folded})`;
  });
}
