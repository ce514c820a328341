/** What every tokenizer is made of: text and ids, and the ids that mean something besides text. */
import type { ChatTemplate } from "./chat-template.ts";

/** Turns ids into text as they arrive. */
export interface StreamDecoder {
  /** The text that this token completes; empty while a character is unfinished. */
  push(id: number): string;
  /** What remains at the end: U+FFFD for an unfinished character, else nothing. */
  end(): string;
}

/** Text and ids, without what a model's configuration adds. */
export interface Vocabulary {
  /** Ids are 0 … vocabSize − 1. */
  readonly vocabSize: number;
  /** Ids that the model was trained to see before a text: a beginning-of-sequence token, or none. `encode` adds none. */
  readonly prefixIds: readonly number[];
  /** The id of a token's exact text, or null. */
  tokenId(token: string): number | null;
  /** Throws E_TOKENIZER at text that it has no ids for. */
  encode(text: string): Int32Array;
  createDecoder(): StreamDecoder;
}

export interface SpecialIds {
  readonly padId: number;
  readonly bosId: number | null;
  /** Ids that mark the end of a sequence; training targets end with the first. */
  readonly eosIds: readonly number[];
}

/** What comes with a vocabulary. */
export interface Companions extends SpecialIds {
  /** The folder's tokenizer files by name, to be written beside a model. */
  readonly files: Readonly<Record<string, string>>;
  /** How the model was taught to read a conversation; null where it was not. */
  readonly chatTemplate: ChatTemplate | null;
}

export interface Tokenizer extends Vocabulary, Companions {
  /** Ids after which a completion is over: `eosIds`, and `padId`, since nothing can follow padding. */
  readonly stopIds: readonly number[];
  /** The text of all ids, tags and special tokens included. Throws E_TOKENIZER at what is no id of the vocabulary. */
  decode(ids: ArrayLike<number>): string;
}

export function toTokenizer(vocabulary: Vocabulary, companions: Companions): Tokenizer {
  return {
    ...vocabulary,
    ...companions,
    stopIds: [...new Set([...companions.eosIds, companions.padId])],
    decode(ids) {
      const decoder = vocabulary.createDecoder();
      const parts = Array.from(ids, (id) => decoder.push(id));
      return parts.join("") + decoder.end();
    },
  };
}
