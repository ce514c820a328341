/**
 * Text to token ids and back.
 *
 * A tokenizer adds nothing: no beginning-of-sequence token, no template. Sampled ids are never re-encoded, so `encode`
 * serves prompts and supervised targets only, and `decode` keeps every token, special ones included.
 */
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { charTokenizer, charVocabulary } from "./char-tokenizer.ts";
import { readGenerationEosIds } from "./hf-config.ts";
import { parseJson, readTextIfPresent } from "./json-file.ts";

/** Turns ids into text as they arrive. */
export interface StreamDecoder {
  /** The text that this token completes; empty while a character is unfinished. */
  push(id: number): string;
  /** What remains at the end: U+FFFD for an unfinished character, else nothing. */
  end(): string;
}

export interface Tokenizer {
  /** Ids are 0 … vocabSize − 1. */
  readonly vocabSize: number;
  readonly padId: number;
  readonly bosId: number | null;
  /** Ids that mark the end of a sequence; training targets end with the first. */
  readonly eosIds: readonly number[];
  /** Ids after which a completion is over: `eosIds`, and `padId`, since nothing can follow padding. */
  readonly stopIds: readonly number[];
  /** The folder's tokenizer files by name, to be written beside a model. */
  readonly files: Readonly<Record<string, string>>;
  /** The id of a token's exact text, or null. */
  tokenId(token: string): number | null;
  /** Throws E_TOKENIZER at text that it has no ids for. */
  encode(text: string): Int32Array;
  /** The text of all ids, tags and special tokens included. Throws E_TOKENIZER at an id outside the vocabulary. */
  decode(ids: ArrayLike<number>): string;
  createDecoder(): StreamDecoder;
}

/** What travels with a tokenizer, where it exists; kept word for word. */
const COMPANION_FILES = ["special_tokens_map.json", "chat_template.jinja"];

const token = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const TokenizerConfig = z.looseObject({ bos_token: token, eos_token: token, pad_token: token });

/**
 * Reads tokenizer.json and tokenizer_config.json. Supported is the character-level form of char-tokenizer.ts; any other
 * is refused with E_TOKENIZER.
 */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  const files = await readFiles(folder);
  const where = join(folder, "tokenizer.json");
  const vocabulary = charVocabulary(files["tokenizer.json"]!, where);
  const config = parseJson(files["tokenizer_config.json"]!, join(folder, "tokenizer_config.json"), TokenizerConfig);
  const idOf = (field: "bos_token" | "eos_token" | "pad_token"): number | null => {
    const text = config[field];
    if (text === null || text === undefined) return null;
    const id = vocabulary.tokens.indexOf(text);
    if (id >= 0) return id;
    throw new RlvrError(
      "E_TOKENIZER",
      `${folder}: ${field} ${JSON.stringify(text)} of tokenizer_config.json is not in tokenizer.json`,
    );
  };
  const eosId = idOf("eos_token");
  const padId = idOf("pad_token") ?? eosId;
  if (padId === null) {
    throw new RlvrError("E_TOKENIZER", `${folder}: tokenizer_config.json names neither pad_token nor eos_token`, {
      hint: 'add "eos_token" and "pad_token" to tokenizer_config.json',
    });
  }
  const eosIds = [...new Set([...(eosId === null ? [] : [eosId]), ...(await readGenerationEosIds(folder))])];
  return charTokenizer({ ...vocabulary, bosId: idOf("bos_token"), eosIds, padId, files });
}

async function readFiles(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of ["tokenizer.json", "tokenizer_config.json", ...COMPANION_FILES]) {
    const text = await readTextIfPresent(join(folder, name));
    if (text !== null) files[name] = text;
    else if (!COMPANION_FILES.includes(name)) {
      throw new RlvrError("E_CHECKPOINT", `${join(folder, name)} does not exist`, {
        hint: "give a folder in Hugging Face's layout: config.json, model.safetensors, tokenizer.json, tokenizer_config.json",
      });
    }
  }
  return files;
}
