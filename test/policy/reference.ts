/** What transformers and torch compute with the checkpoints in test/fixtures: made by make_llama_fixtures.py. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadModel, type Model } from "../../src/policy/checkpoint.ts";

export const MODELS = ["llama-tiny", "qwen2-tiny", "qwen3-tiny"] as const;

export interface Reference {
  readonly texts: readonly string[];
  /** Padded on the right. [B][T] */
  readonly inputIds: readonly (readonly number[])[];
  /** Tokens of each row that are not padding. [B] */
  readonly lengths: readonly number[];
  /** Of the real tokens. [B][lengths[b]][V] */
  readonly logits: readonly (readonly (readonly number[])[])[];
  /** Of the real tokens but the first. [B][lengths[b] − 1] */
  readonly nextTokenLogProbs: readonly (readonly number[])[];
  /** 1 = the token counts in the loss, which is the mean negative log-likelihood. [B][T] */
  readonly trainedMask: readonly (readonly number[])[];
  readonly loss: number;
  /** Of the loss, for some of the weights. */
  readonly gradients: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >;
  /** The likeliest continuation of each text. [B][12] */
  readonly greedy: readonly (readonly number[])[];
}

const folderOf = (name: string) => join(import.meta.dirname, "../fixtures", name);

export function referenceOf(name: string): Reference {
  return JSON.parse(readFileSync(join(folderOf(name), "expected.json"), "utf8"));
}

export function modelOf(name: string): Promise<Model> {
  return loadModel(folderOf(name));
}
