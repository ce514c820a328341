/**
 * Tokenizers of Hugging Face's models: a tokenizer.json with byte-pair merges, as the Llama, SmolLM and Qwen families have
 * them (byte-level, or with bytes to fall back to). Ids and texts are those of Python's `tokenizers`, to the last byte.
 *
 * The merges, and the patterns' dialect, are @huggingface/tokenizers'. The other parts of that package differ from the Rust
 * library in white space, digits, added tokens and broken UTF-8, so they are read here; a part that is not read is refused
 * by name.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { AddedToken, addedTokenSplitter } from "./hf-added-tokens.ts";
import { DecoderJson, tokenDecoder } from "./hf-decoder.ts";
import { ModelJson, modelEncoder } from "./hf-model.ts";
import { NormalizerJson, normalizer } from "./hf-normalizer.ts";
import { tokenizersPackage } from "./hf-package.ts";
import { PreTokenizerJson, preTokenizer } from "./hf-pre-tokenizer.ts";
import { parseJson } from "./json-file.ts";
import type { Vocabulary } from "./vocabulary.ts";

const TokenizerJson = z.looseObject({
  added_tokens: z.array(AddedToken).default([]),
  normalizer: NormalizerJson.nullish(),
  pre_tokenizer: PreTokenizerJson.nullish(),
  post_processor: z.unknown(),
  decoder: DecoderJson.nullish(),
  model: ModelJson,
});

const ConfigTokens = z.looseObject({
  added_tokens_decoder: z.record(z.string(), AddedToken.omit({ id: true })).default({}),
});

/**
 * @param json the tokenizer.json, parsed, and `config` the tokenizer_config.json, whose added tokens count as well
 * @param where names the tokenizer.json in errors
 * @throws RlvrError E_TOKENIZER for a part that is not supported
 */
export async function hfVocabulary(json: unknown, config: string, where: string): Promise<Vocabulary> {
  const refuse = (reason: string): never => {
    throw new RlvrError("E_TOKENIZER", `${where} is not supported: ${reason}`, {
      hint: "supported are BPE tokenizers, byte-level or with bytes to fall back to, as of Llama, SmolLM and Qwen models",
    });
  };
  const parsed = TokenizerJson.safeParse(json);
  if (!parsed.success) return refuse(z.prettifyError(parsed.error));
  const { added_tokens, model, normalizer: normalizing, pre_tokenizer, post_processor, decoder } = parsed.data;

  const { BPE, SplitPreTokenizer } = await tokenizersPackage();
  const normalize = normalizing ? normalizer(normalizing, SplitPreTokenizer, refuse) : (text: string) => text;
  const cut = pre_tokenizer ? preTokenizer(pre_tokenizer, SplitPreTokenizer, refuse) : (text: string) => [text];
  const added = allAdded(added_tokens, model.vocab, config, where);
  const sections = addedTokenSplitter(added, normalize);
  const encodePiece = modelEncoder(model, BPE, refuse);
  const newDecoder = tokenDecoder(decoder ?? null, refuse);

  const idOf = new Map([...Object.entries(model.vocab), ...added.map(({ content, id }) => [content, id] as const)]);
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  for (const { content, id, normalized } of added) tokens[id] = normalized ? normalize(content) : content;

  return {
    vocabSize: tokens.length,
    prefixIds: prefixIdsOf(post_processor),
    tokenId: (token) => idOf.get(token) ?? null,
    encode: (text) =>
      Int32Array.from(
        sections(text.toWellFormed()).flatMap((section) =>
          section.kind === "token" ? [section.id] : cut(section.text, section.isFirst).flatMap(encodePiece),
        ),
      ),
    createDecoder: () => {
      const stages = newDecoder();
      return {
        push(id) {
          if (!Number.isInteger(id) || id < 0) {
            throw new RlvrError("E_TOKENIZER", `token id is ${id}, expected an integer from 0 to ${tokens.length - 1}`);
          }
          const token = tokens[id]; // a model may have more rows than its tokenizer has tokens: they are no text
          return token === undefined ? "" : stages.push(token).join("");
        },
        end: () => stages.end().join(""),
      };
    },
  };
}

/** Those of both files; a token that the model's vocabulary has keeps its id there. */
function allAdded(
  tokens: readonly AddedToken[],
  vocab: ModelJson["vocab"],
  config: string,
  where: string,
): readonly AddedToken[] {
  const { added_tokens_decoder } = parseJson(config, `the tokenizer_config.json beside ${where}`, ConfigTokens);
  const known = new Set(tokens.map(({ content }) => content));
  const more = Object.entries(added_tokens_decoder)
    .filter(([, { content }]) => !known.has(content))
    .map(([id, token]) => ({ ...token, id: Number(id) }));
  return [...tokens, ...more].map((token) => ({ ...token, id: vocab[token.content] ?? token.id }));
}

const Processor = z.looseObject({
  type: z.string(),
  get processors() {
    return z.array(Processor).optional();
  },
  single: z.array(z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }).optional() })).optional(),
  special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.int()) })).optional(),
});

/** What a post-processor's template has before the text: a beginning-of-sequence token, or nothing. */
function prefixIdsOf(json: unknown): number[] {
  const { data } = Processor.safeParse(json);
  if (!data) return [];
  if (data.processors) return data.processors.flatMap(prefixIdsOf);
  const template = data.single ?? [];
  const before = template.slice(
    0,
    template.findIndex(({ SpecialToken }) => SpecialToken === undefined),
  );
  return before.flatMap(({ SpecialToken }) => data.special_tokens?.[SpecialToken?.id ?? ""]?.ids ?? []);
}
