/** The workloads that we and our peers run: the same shapes, lengths and counts on both sides. */

/** A Llama-family decoder with tied embeddings. */
export interface ModelShape {
  readonly vocab: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly hidden: number;
}

/** One training step: forward, clipped policy loss over all B·T tokens, backward, gradient-norm clip 1.0, AdamW. */
export interface StepWorkload {
  readonly kind: "step";
  readonly name: string;
  readonly shape: ModelShape;
  readonly batch: number;
  readonly length: number;
}

/** A whole generation: reads the prompts, then samples `newTokens` for every sequence at temperature 1. */
export interface DecodeWorkload {
  readonly kind: "decode";
  readonly name: string;
  readonly shape: ModelShape;
  readonly batch: number;
  readonly promptLength: number;
  readonly newTokens: number;
}

/** A whole GRPO step: prompts × group completions of exactly `completionLength` tokens, rewards, one update; β = 0. */
export interface GrpoWorkload {
  readonly kind: "grpo";
  readonly name: string;
  readonly shape: ModelShape;
  readonly prompts: number;
  readonly group: number;
  readonly promptLength: number;
  readonly completionLength: number;
}

export type Workload = StepWorkload | DecodeWorkload | GrpoWorkload;

/** 0.89 million parameters (tied embeddings counted once). */
export const SMALL: ModelShape = { vocab: 32, width: 128, layers: 4, heads: 4, kvHeads: 2, hidden: 448 };
/** 5.18 million. */
export const MIDDLE: ModelShape = { vocab: 64, width: 256, layers: 7, heads: 8, kvHeads: 4, hidden: 704 };
/** 30.7 million. */
export const LARGE: ModelShape = { vocab: 8192, width: 512, layers: 9, heads: 8, kvHeads: 4, hidden: 1408 };

export const STEPS: readonly StepWorkload[] = [
  { kind: "step", name: "training step, 0.9M", shape: SMALL, batch: 64, length: 64 },
  { kind: "step", name: "training step, 5M", shape: MIDDLE, batch: 16, length: 128 },
  { kind: "step", name: "training step, 30M", shape: LARGE, batch: 4, length: 256 },
];

export const DECODES: readonly DecodeWorkload[] = [1, 8, 64, 256].map((batch) => ({
  kind: "decode",
  name: `decode, batch ${batch}`,
  shape: SMALL,
  batch,
  promptLength: 16,
  newTokens: 48,
}));

export const GRPO: GrpoWorkload = {
  kind: "grpo",
  name: "whole GRPO step",
  shape: SMALL,
  prompts: 32,
  group: 16,
  promptLength: 12,
  completionLength: 48,
};
