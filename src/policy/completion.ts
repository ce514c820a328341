/**
 * A completion as it is written, token by token: its text, and where it ends. The one place that decides this, so that
 * completions end alike whichever engine drew their tokens.
 */
import type { Tokenizer } from "./tokenizer.ts";

export type StopReason =
  | "eos" // an end-of-sequence id; it is the last token, and no part of the text
  | "stop-string" // the text has come to contain a stop string
  | "length"; // cut off: neither came within the limit

export interface CompletionLimits {
  readonly stopStrings: readonly string[];
  /** Longest completion, in tokens. */
  readonly maxTokens: number;
}

export class Completion {
  readonly tokens: number[] = [];
  readonly #stopIds: readonly number[];
  readonly #decoder: ReturnType<Tokenizer["createDecoder"]>;
  readonly #limits: CompletionLimits;
  #text = "";

  constructor(tokenizer: Pick<Tokenizer, "stopIds" | "createDecoder">, limits: CompletionLimits) {
    this.#stopIds = tokenizer.stopIds;
    this.#decoder = tokenizer.createDecoder();
    this.#limits = limits;
  }

  /** Takes the next token. Returns why the completion is over, or null where it goes on. */
  push(token: number): StopReason | null {
    const { stopStrings, maxTokens } = this.#limits;
    this.tokens.push(token);
    if (this.#stopIds.includes(token)) return "eos";
    const piece = this.#decoder.push(token);
    this.#text += piece;
    const fresh = (stop: string) => this.#text.length - piece.length - stop.length + 1;
    if (stopStrings.some((stop) => this.#text.includes(stop, fresh(stop)))) return "stop-string";
    return this.tokens.length >= maxTokens ? "length" : null;
  }

  /** The whole text of a completion that is over. */
  end(): string {
    return this.#text + this.#decoder.end();
  }
}
