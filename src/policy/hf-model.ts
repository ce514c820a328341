/**
 * The `model` of a tokenizer.json: pieces of text into ids, by byte-pair merges. The package merges; what it does not
 * read as Hugging Face's Rust library does is refused.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { MergesClass } from "./hf-package.ts";
import type { Refuse } from "./hf-pattern.ts";

type Merge = string | readonly [string, string];

/** Looked over by hand: a schema for each of 150,000 entries would take longer than all else. */
function isVocab(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((id) => Number.isInteger(id) && id >= 0);
}

function isMerges(value: unknown): boolean {
  const isPair = (merge: unknown) =>
    Array.isArray(merge) && merge.length === 2 && typeof merge[0] === "string" && typeof merge[1] === "string";
  return Array.isArray(value) && value.every((merge) => typeof merge === "string" || isPair(merge));
}

const blank = z.literal("").nullish();

export const ModelJson = z.looseObject({
  type: z.literal("BPE").optional(),
  dropout: z.literal(0).nullish(),
  unk_token: z.string().nullish(),
  continuing_subword_prefix: blank,
  end_of_word_suffix: blank,
  fuse_unk: z.boolean().default(false),
  byte_fallback: z.boolean().default(false),
  ignore_merges: z.boolean().default(false),
  vocab: z.custom<Readonly<Record<string, number>>>(isVocab, "expected an id for each token"),
  merges: z.custom<readonly Merge[]>(isMerges, "expected pairs of tokens"),
});
export type ModelJson = z.infer<typeof ModelJson>;

/** The ids of one piece of text. */
export type Encode = (piece: string) => number[];

/** @param Merges the package's class */
export function modelEncoder(json: ModelJson, Merges: MergesClass, refuse: Refuse): Encode {
  const idOf = new Map(Object.entries(json.vocab));
  for (const merge of json.merges) {
    const [left, right] = typeof merge === "string" ? merge.split(" ", 2) : merge;
    if (!idOf.has(`${left}${right}`)) refuse(`the merge ${JSON.stringify(merge)} makes no token of the vocabulary`);
  }
  const { unk_token: unknown } = json;
  if (unknown && !idOf.has(unknown)) refuse(`unk_token ${JSON.stringify(unknown)} is not in the vocabulary`);

  const model = new Merges(json);
  const isWhole = !unknown && !json.byte_fallback; // then tokens are the piece, cut up
  return (piece) => {
    const tokens = model._call([piece]);
    if (isWhole && tokens.reduce((length, token) => length + token.length, 0) !== piece.length) {
      throw new RlvrError("E_TOKENIZER", `the vocabulary has no token for a character of ${JSON.stringify(piece)}`, {
        hint: "take it out of the text, or take a tokenizer that falls back to bytes",
      });
    }
    return tokens.map((token) => idOf.get(token) as number);
  };
}
