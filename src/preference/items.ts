/** Preferences as tokens: what the methods train on. Completions hold their end-of-sequence id. */
import type { Sequence } from "./two-pass.ts";

export interface TokenPair {
  /** Unique in its data set. */
  readonly id: string;
  readonly prompt: Int32Array; // at least one token
  readonly chosen: Int32Array;
  readonly rejected: Int32Array;
  /** Share of annotators for the chosen one; 1 if left out. */
  readonly target?: number;
  /** In the mean over the batch; 1 if left out. */
  readonly weight?: number;
  /** By how much the chosen one was found better, for reward models; 0 if left out. */
  readonly margin?: number;
}

export interface TokenExample {
  readonly id: string;
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
  readonly desirable: boolean;
}

export interface TokenRanking {
  readonly id: string;
  readonly prompt: Int32Array;
  readonly completions: readonly Int32Array[]; // [K]
  /** 1 for the best; equal ranks are ties. [K] */
  readonly ranks: readonly number[];
}

/** Prompt and completion in one. */
export function sequenceOf(id: string, prompt: Int32Array, completion: Int32Array): Sequence {
  const tokens = new Int32Array(prompt.length + completion.length);
  tokens.set(prompt);
  tokens.set(completion, prompt.length);
  return { id, tokens, completionStart: prompt.length };
}
