/**
 * Text to token ids and back.
 *
 * A tokenizer adds nothing: no beginning-of-sequence token, no template. Sampled ids are never re-encoded, so `encode`
 * serves prompts and supervised targets only, and `decode` keeps every token, special ones included.
 */
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { charVocabulary } from "./char-tokenizer.ts";
import { type NamedTokens, readChatTemplate } from "./chat-template.ts";
import { type GenerationIds, readGenerationIds } from "./hf-config.ts";
import { hfVocabulary } from "./hf-tokenizer.ts";
import { parseJson, readTextIfPresent } from "./json-file.ts";
import { type SpecialIds, type Tokenizer, toTokenizer, type Vocabulary } from "./vocabulary.ts";

export type { StreamDecoder, Tokenizer, Vocabulary } from "./vocabulary.ts";

/** What travels with a tokenizer, where it exists; kept word for word. */
const COMPANION_FILES = [
  ...["special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt"],
  "chat_template.jinja",
];

const token = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const TokensConfig = z.looseObject({ bos_token: token, eos_token: token, pad_token: token, unk_token: token });
const FIELDS = ["bos_token", "eos_token", "pad_token", "unk_token"] as const;
type Field = (typeof FIELDS)[number];

/**
 * Reads tokenizer.json, tokenizer_config.json and what lies beside them: the character-level form of char-tokenizer.ts, and
 * Hugging Face's BPE tokenizers. Any other is refused with E_TOKENIZER.
 */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  const files = await readFiles(folder);
  const where = join(folder, "tokenizer.json");
  const json = parseJson(files["tokenizer.json"]!, where, z.unknown());
  const vocabulary = charVocabulary(json, where) ?? (await hfVocabulary(json, files["tokenizer_config.json"]!, where));
  const named = namedTokens(folder, files);
  const special = specialIds(folder, vocabulary, named, await readGenerationIds(folder));
  return toTokenizer(vocabulary, { ...special, files, chatTemplate: await readChatTemplate(folder, files, named) });
}

/** tokenizer_config.json's special tokens, and what only special_tokens_map.json has. */
function namedTokens(folder: string, files: Readonly<Record<string, string>>): NamedTokens {
  const read = (name: string) => parseJson(files[name] ?? "{}", join(folder, name), TokensConfig);
  const [config, map] = [read("tokenizer_config.json"), read("special_tokens_map.json")];
  const named = FIELDS.map((field) => [field, config[field] ?? map[field]] as const);
  return Object.fromEntries(named.filter((entry): entry is [Field, string] => typeof entry[1] === "string"));
}

function specialIds(folder: string, vocabulary: Vocabulary, named: NamedTokens, generation: GenerationIds): SpecialIds {
  const idOf = (field: Field): number | null => {
    const text = named[field];
    if (text === undefined) return null;
    const id = vocabulary.tokenId(text);
    if (id !== null) return id;
    throw new RlvrError(
      "E_TOKENIZER",
      `${folder}: ${field} ${JSON.stringify(text)} of tokenizer_config.json is not in tokenizer.json`,
    );
  };
  const eosId = idOf("eos_token");
  const eosIds = [...new Set([...(eosId === null ? [] : [eosId]), ...generation.eosIds])];
  const padId = idOf("pad_token") ?? generation.padId ?? eosIds[0];
  if (padId === undefined) {
    throw new RlvrError("E_TOKENIZER", `${folder}: tokenizer_config.json names neither pad_token nor eos_token`, {
      hint: 'add "eos_token" and "pad_token" to tokenizer_config.json',
    });
  }
  return { bosId: idOf("bos_token") ?? generation.bosId, eosIds, padId };
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
