/**
 * One token for each character, and one for each tag such as `<think>`. A vocabulary of 40–100 ids suits small models:
 * nothing is hidden inside a token, digits least of all.
 *
 * Stored as a Hugging Face tokenizer.json that the Rust, Python and JavaScript libraries load and map to the same ids:
 * a BPE without merges splits all text into characters (code points), tags are added tokens, and the `Fuse` decoder
 * joins without spaces. At each position the longest tag wins, as there.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { escapeRegExp } from "./escape-reg-exp.ts";
import { type Tokenizer, toTokenizer, type Vocabulary } from "./vocabulary.ts";

export const EOS = "<eos>";
export const PAD = "<pad>";

/**
 * Ids in the order given: the characters of `alphabet`, then `tags`, then `<eos>` and `<pad>`.
 * Throws E_TOKENIZER at a character or tag that comes twice.
 */
export function createCharTokenizer(alphabet: string, tags: readonly string[]): Tokenizer {
  const characters = [...alphabet];
  const added = [...tags, EOS, PAD];
  const tokens = [...characters, ...added];
  const twice = tokens.find((token, i) => tokens.indexOf(token) !== i);
  if (twice !== undefined || tokens.includes("")) {
    throw new RlvrError(
      "E_TOKENIZER",
      `token ${JSON.stringify(twice ?? "")} ${twice === undefined ? "is empty" : "comes twice"}`,
      {
        hint: `give each character and tag once; ${EOS} and ${PAD} are added by themselves`,
      },
    );
  }
  const eosId = tokens.length - 2;
  const padId = tokens.length - 1;
  const files = toFiles(characters, added);
  return toTokenizer(vocabularyOf(tokens, added), { bosId: null, eosIds: [eosId], padId, files, chatTemplate: null });
}

/** @param tokens `tokens[id]` is the text of `id`; `tags` are those that are matched as a whole */
function vocabularyOf(tokens: readonly string[], tags: readonly string[]): Vocabulary {
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  // Splitting at a captured group gives text, tag, text, …; longer alternatives come first.
  const longestFirst = [...tags].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const splitter = tags.length === 0 ? null : new RegExp(`(${longestFirst.join("|")})`, "u");

  function encode(text: string): Int32Array {
    const ids: number[] = [];
    let position = 0; // in characters
    const pieces = splitter === null ? [text] : text.split(splitter);
    pieces.forEach((piece, i) => {
      const isTag = i % 2 === 1;
      for (const token of isTag ? [piece] : piece) {
        const id = idOf.get(token);
        if (id === undefined) throw unknownCharacter(token, position);
        ids.push(id);
        position += isTag ? [...token].length : 1;
      }
    });
    return Int32Array.from(ids);
  }

  function textOf(id: number): string {
    const token = tokens[id];
    if (token !== undefined) return token;
    throw new RlvrError("E_TOKENIZER", `token id is ${id}, expected an integer from 0 to ${tokens.length - 1}`);
  }

  return {
    vocabSize: tokens.length,
    prefixIds: [],
    tokenId: (token) => idOf.get(token) ?? null,
    encode,
    createDecoder: () => ({ push: textOf, end: () => "" }), // a token never ends inside a character
  };
}

const AddedToken = z.looseObject({
  id: z.int().min(0),
  content: z.string().min(1),
  single_word: z.literal(false),
  lstrip: z.literal(false),
  rstrip: z.literal(false),
  normalized: z.literal(false),
});
const blank = z.literal("").nullish();

/**
 * The character-level form: everything that would change an id is required to be off. A post-processor may be there:
 * it only adds special tokens around a text, and `encode` adds none.
 */
const CharTokenizerJson = z.looseObject({
  added_tokens: z.array(AddedToken),
  normalizer: z.null().optional(),
  pre_tokenizer: z.null().optional(),
  decoder: z.looseObject({ type: z.literal("Fuse") }),
  model: z.looseObject({
    type: z.literal("BPE"),
    dropout: z.null().optional(),
    unk_token: z.null().optional(),
    continuing_subword_prefix: blank,
    end_of_word_suffix: blank,
    byte_fallback: z.literal(false).optional(),
    vocab: z.record(z.string(), z.int().min(0)),
    merges: z.array(z.unknown()).length(0),
  }),
});

/** Asked first: the whole form is too much to ask of the 150,000 merges that other tokenizers have. */
const HasNoMerges = z.looseObject({ model: z.looseObject({ merges: z.tuple([]) }) });

/** The vocabulary of a parsed tokenizer.json of the character-level form, null for any other; `where` names it in errors. */
export function charVocabulary(json: unknown, where: string): Vocabulary | null {
  if (!HasNoMerges.safeParse(json).success) return null;
  const parsed = CharTokenizerJson.safeParse(json);
  if (!parsed.success) return null;
  const { model, added_tokens } = parsed.data;
  if (Object.keys(model.vocab).some((token) => [...token].length !== 1)) return null;

  const tags = added_tokens.map(({ content }) => content);
  const entries = [...Object.entries(model.vocab), ...added_tokens.map(({ content, id }) => [content, id] as const)];
  const byId = new Map(entries.map(([token, id]) => [id, token]));
  const tokens = Array.from({ length: entries.length }, (_, id) => byId.get(id));
  if (!tokens.every((token) => token !== undefined) || new Set(tokens).size !== tokens.length) {
    throw new RlvrError(
      "E_TOKENIZER",
      `${where}: ${entries.length} tokens must have the ids 0 to ${entries.length - 1}, each once`,
    );
  }
  return vocabularyOf(tokens, tags);
}

function toFiles(characters: readonly string[], added: readonly string[]): Record<string, string> {
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added.map((content, i) => ({
      id: characters.length + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: content === EOS || content === PAD, // tags are text that a verifier reads: they survive decoding
    })),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(characters.map((character, id) => [character, id])),
      merges: [],
    },
  };
  const config = {
    clean_up_tokenization_spaces: false, // decoding must not touch the text
    eos_token: EOS,
    pad_token: PAD,
    tokenizer_class: "PreTrainedTokenizerFast",
  };
  return {
    "tokenizer.json": `${JSON.stringify(tokenizer, null, 2)}\n`,
    "tokenizer_config.json": `${JSON.stringify(config, null, 2)}\n`,
  };
}

function unknownCharacter(character: string, position: number): RlvrError {
  const codePoint = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  const message = `character ${JSON.stringify(character)} (${codePoint}) at position ${position} is not in the vocabulary`;
  return new RlvrError("E_TOKENIZER", message, {
    hint: "take it out of the text, or make a tokenizer whose alphabet has it",
  });
}
