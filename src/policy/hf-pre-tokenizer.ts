/**
 * The `pre_tokenizer` of a tokenizer.json: cuts a text into the pieces that a model's merges never cross.
 *
 * Kinds and defaults are those of Hugging Face's Rust library. Its white space and digits are Unicode's; the JavaScript
 * package's own splitters take ASCII's and JavaScript's in several places, so only its patterns' translator is used.
 */
import { z } from "zod";
import { byteCharacters } from "./hf-bytes.ts";
import type { PatternClass } from "./hf-package.ts";
import { type Cutter, cutter, Pattern, type Refuse, type Stretch } from "./hf-pattern.ts";

/** @param isFirst the text begins where the whole text began */
export type PreTokenizer = (text: string, isFirst: boolean) => string[];

const Behavior = z
  .string()
  .transform((name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase())
  .pipe(z.enum(["removed", "isolated", "merged-with-previous", "merged-with-next", "contiguous"]));
type Behavior = z.infer<typeof Behavior>;

const ByteLevel = z.looseObject({
  type: z.literal("ByteLevel"),
  add_prefix_space: z.boolean().default(true),
  use_regex: z.boolean().default(true),
});
const Metaspace = z.looseObject({
  type: z.literal("Metaspace"),
  replacement: z.string().default("▁"),
  add_prefix_space: z.boolean().default(true).describe("older than prepend_scheme"),
  prepend_scheme: z.enum(["always", "first", "never"]).optional(),
  split: z.boolean().default(true),
});
const Split = z.looseObject({
  type: z.literal("Split"),
  pattern: Pattern,
  behavior: Behavior,
  invert: z.boolean().default(false),
});
const Digits = z.looseObject({ type: z.literal("Digits"), individual_digits: z.boolean().default(false) });
const WhitespaceSplit = z.looseObject({ type: z.literal("WhitespaceSplit") });
const Sequence = z.looseObject({
  type: z.literal("Sequence"),
  get pretokenizers() {
    return z.array(PreTokenizerJson);
  },
});
export const PreTokenizerJson = z.discriminatedUnion("type", [
  ByteLevel,
  Metaspace,
  Split,
  Digits,
  WhitespaceSplit,
  Sequence,
]);
export type PreTokenizerJson = z.infer<typeof PreTokenizerJson>;

/** The words of GPT-2, which a ByteLevel cuts out unless `use_regex` is off. */
const GPT2_WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

export function preTokenizer(json: PreTokenizerJson, translator: PatternClass, refuse: Refuse): PreTokenizer {
  switch (json.type) {
    case "ByteLevel": {
      const cut = json.use_regex ? cutter({ Regex: GPT2_WORDS }, translator, refuse) : whole;
      const prefix = (text: string) => (json.add_prefix_space && !text.startsWith(" ") ? ` ${text}` : text);
      return (text) => cut(prefix(text)).map((stretch) => byteCharacters(stretch.text));
    }
    case "Metaspace":
      return metaspace(json, translator, refuse);
    case "Split":
      return splitter(cutter(json.pattern, translator, refuse), json.behavior, json.invert);
    case "Digits": // its own table of numbers, which is as new as Node's
      return splitter(cutAtDigits, json.individual_digits ? "isolated" : "contiguous", false);
    case "WhitespaceSplit":
      return splitter(cutter({ Regex: String.raw`\s` }, translator, refuse), "removed", false);
    case "Sequence": {
      const all = json.pretokenizers.map((one) => preTokenizer(one, translator, refuse));
      return (text, isFirst) =>
        all.reduce((pieces, each) => pieces.flatMap((piece, i) => each(piece, isFirst && i === 0)), [text]);
    }
    default:
      return json satisfies never;
  }
}

function metaspace(
  { replacement, prepend_scheme, add_prefix_space, split }: z.infer<typeof Metaspace>,
  translator: PatternClass,
  refuse: Refuse,
): PreTokenizer {
  const scheme = prepend_scheme ?? (add_prefix_space ? "always" : "never");
  const atReplacements = cutter({ String: replacement }, translator, refuse);
  const cut = split ? splitter(atReplacements, "merged-with-next", false) : (text: string) => [text];
  return (text, isFirst) => {
    const spaced = text.replaceAll(" ", replacement);
    const isPrefixed = scheme === "always" || (scheme === "first" && isFirst);
    return cut(isPrefixed && !spaced.startsWith(replacement) ? replacement + spaced : spaced, isFirst);
  };
}

/** @param invert what the pattern does not match is what separates */
function splitter(cut: Cutter, behavior: Behavior, invert: boolean): PreTokenizer {
  return (text) => {
    const stretches = cut(text).map((one) => ({ text: one.text, separates: one.matches !== invert }));
    if (behavior === "isolated") return stretches.map((one) => one.text);
    if (behavior === "removed") return stretches.filter(({ separates }) => !separates).map((one) => one.text);
    const pieces: { text: string; separates: boolean }[] = [];
    for (const one of stretches) {
      const last = pieces.at(-1);
      if (last && JOINS[behavior](last.separates, one.separates)) {
        last.text += one.text;
        last.separates = one.separates;
      } else pieces.push(one);
    }
    return pieces.map((one) => one.text);
  };
}

/** Whether a stretch is joined to the one before it, by whether each separates. */
const JOINS = {
  "merged-with-previous": (before, now) => now && !before,
  "merged-with-next": (before, now) => before && !now,
  contiguous: (before, now) => before === now,
} satisfies Record<Exclude<Behavior, "isolated" | "removed">, (before: boolean, now: boolean) => boolean>;

const whole: Cutter = (text) => [{ text, matches: false }];

const DIGIT = /(\p{N})/u;
const cutAtDigits: Cutter = (text) =>
  text
    .split(DIGIT)
    .map((piece, i): Stretch => ({ text: piece, matches: i % 2 === 1 }))
    .filter((stretch) => stretch.text !== "");
