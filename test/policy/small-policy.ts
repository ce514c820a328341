/** A policy made from nothing, with weights large enough that its text varies. */
import { createCharTokenizer } from "../../src/policy/char-tokenizer.ts";
import type { Model } from "../../src/policy/checkpoint.ts";
import { defineModelConfig } from "../../src/policy/model-config.ts";
import { createWeights, initialize } from "../../src/policy/weights.ts";

export const tokenizer = createCharTokenizer("0123456789+-*/=() ", ["<think>", "</think>"]);

export const config = defineModelConfig({
  vocabSize: tokenizer.vocabSize,
  hiddenSize: 32,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  intermediateSize: 64,
  eosIds: [...tokenizer.eosIds],
  padId: tokenizer.padId,
});

/** @param scale of all weights but the norms' gains, relative to a fresh model's */
export function smallPolicy(seed: number, scale = 8): Model {
  const weights = createWeights(config);
  initialize(weights, config, seed);
  for (const [name, view] of Object.entries(weights.views)) {
    if (!name.endsWith("norm.weight")) for (let i = 0; i < view.length; i++) view[i]! *= scale;
  }
  return { config, weights, tokenizer };
}
