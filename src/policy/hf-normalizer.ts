/** The `normalizer` of a tokenizer.json: what is done to a text before it is split. */
import { z } from "zod";
import type { PatternClass } from "./hf-package.ts";
import { cutter, Pattern, type Refuse } from "./hf-pattern.ts";
import { normalForm } from "./hf-unicode.ts";

export type Normalizer = (text: string) => string;

const Form = z.looseObject({ type: z.enum(["NFC", "NFD", "NFKC", "NFKD"]) });
const Prepend = z.looseObject({ type: z.literal("Prepend"), prepend: z.string() });
const Replace = z.looseObject({ type: z.literal("Replace"), pattern: Pattern, content: z.string() });
const Lowercase = z.looseObject({ type: z.literal("Lowercase") });
const Sequence = z.looseObject({
  type: z.literal("Sequence"),
  get normalizers() {
    return z.array(NormalizerJson);
  },
});
export const NormalizerJson = z.discriminatedUnion("type", [Form, Prepend, Replace, Lowercase, Sequence]);
export type NormalizerJson = z.infer<typeof NormalizerJson>;

export function normalizer(json: NormalizerJson, translator: PatternClass, refuse: Refuse): Normalizer {
  switch (json.type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return (text) => normalForm(text, json.type);
    case "Prepend":
      return (text) => (text === "" ? "" : json.prepend + text);
    case "Replace": {
      const cut = cutter(json.pattern, translator, refuse);
      return (text) =>
        cut(text)
          .map((stretch) => (stretch.matches ? json.content : stretch.text))
          .join("");
    }
    case "Lowercase": // character by character: Rust has no final sigma
      return (text) => Array.from(text, (character) => character.toLowerCase()).join("");
    case "Sequence": {
      const all = json.normalizers.map((one) => normalizer(one, translator, refuse));
      return (text) => all.reduce((normalized, each) => each(normalized), text);
    }
    default:
      return json satisfies never;
  }
}
