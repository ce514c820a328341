/**
 * How much memory training and sampling take at least: from the shapes, before anything is allocated. What an engine keeps
 * for each of its programs comes on top.
 */
import type { ModelConfig } from "./model-config.ts";
import { weightCount } from "./weights.ts";

const FLOAT = 4; // bytes

export interface TrainingShapes {
  readonly executors: number;
  /** Sequences and tokens of the largest micro-batch. */
  readonly B: number;
  readonly T: number;
  /** Sequences decoded side by side on one executor, and the longest of them in tokens. */
  readonly slots: number;
  readonly positions: number;
}

/** In bytes. */
export interface TrainingMemory {
  readonly weights: number;
  /** AdamW's two moments. */
  readonly moments: number;
  /** One on each executor, and their sum. */
  readonly gradients: number;
  /** What the backward pass of a micro-batch needs of the forward pass, on every executor. */
  readonly activations: number;
  /** Keys and values of the sequences that are sampled, on every executor. */
  readonly cache: number;
}

export function trainingMemory(config: ModelConfig, shapes: TrainingShapes): TrainingMemory {
  const { executors, B, T, slots, positions } = shapes;
  const weights = FLOAT * weightCount(config);
  const kv = config.kvHeads * config.headDim;
  return {
    weights,
    moments: 2 * weights,
    gradients: (executors + 1) * weights,
    activations: executors * FLOAT * B * T * activationsPerToken(config, T),
    cache: executors * FLOAT * slots * positions * 2 * config.layers * kv,
  };
}

/**
 * Floats that a token leaves for the backward pass. In a layer: the residual stream and its norm before attention and
 * MLP, and both outputs (6 D); queries before and after rotation, and the context (3 q); keys before and after, values
 * (3 kv); scores and probabilities (2 H T); gate, its activation, up and their product (4 F). At the end: norm, logits and
 * log-probs.
 */
function activationsPerToken(config: ModelConfig, T: number): number {
  const { hiddenSize: D, heads: H, kvHeads, headDim, intermediateSize: F, vocabSize: V } = config;
  const layer = 6 * D + 3 * H * headDim + 3 * kvHeads * headDim + 2 * H * T + 4 * F;
  return config.layers * layer + 2 * D + 2 * V;
}
