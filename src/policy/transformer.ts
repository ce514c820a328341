/**
 * The decoder-only transformer of the Llama family, for training and scoring: whole sequences at once.
 *
 *   h₀ = E[tokens];   a = h + Attention(norm(h));   h' = a + W_down·swiglu(W_gate·norm(a), W_up·norm(a));   norm(h_L)
 *
 * Sequences are padded on the right. With a causal mask no real token sees padding, so no other mask is needed.
 * Generation with a key-value cache is in decode.ts and must compute the same numbers.
 */
import { checkAxes } from "../engine/shapes.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import { causalBias, embed, linear, type Rotary, rmsNorm, rotaryAngles, rotate, swiglu } from "./layers.ts";
import type { ModelConfig } from "./model-config.ts";

/** Parameters by Hugging Face name. */
export type Weights = Readonly<Record<string, Tensor>>;

export const weight = (weights: Weights, name: string): Tensor => weights[name] as Tensor;

/** The keys and values of one layer, after rotation. [B, Hkv, T, d] each */
export interface LayerCache {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** Hidden states after the last norm for tokens [B, T]. → hidden [B·T, D], and each layer's keys and values. */
export function trunk(weights: Weights, config: ModelConfig, tokens: Tensor): { hidden: Tensor; caches: LayerCache[] } {
  const { B, T } = checkAxes({ tokens: [tokens, "B T"] }) as { B: number; T: number };
  const table = weight(weights, "model.embed_tokens.weight");
  const bias = causalBias(T); // [T, T]
  const { cos, sin } = rotaryAngles(tf.range(0, T, 1, "int32"), config.headDim, config.ropeTheta); // [T, d]
  const rotary = { cos: cos.expandDims(1), sin: sin.expandDims(1) }; // [T, 1, d]
  const caches: LayerCache[] = [];
  let h = embed(table, tokens.reshape([-1])); // [B·T, D]
  for (let i = 0; i < config.layers; i++) {
    const layer = `model.layers.${i}`;
    const normed = rmsNorm(h, weight(weights, `${layer}.input_layernorm.weight`), config.rmsNormEps);
    const { output, cache } = attention(weights, config, `${layer}.self_attn`, normed, { B, T, rotary, bias });
    caches.push(cache);
    h = h.add(output);
    h = h.add(mlp(weights, config, layer, h));
  }
  return { hidden: rmsNorm(h, weight(weights, "model.norm.weight"), config.rmsNormEps), caches };
}

/** x [N, D] → [N, D], without the residual. */
export function mlp(weights: Weights, config: ModelConfig, layer: string, x: Tensor): Tensor {
  const normed = rmsNorm(x, weight(weights, `${layer}.post_attention_layernorm.weight`), config.rmsNormEps);
  const gate = linear(normed, weight(weights, `${layer}.mlp.gate_proj.weight`)); // [N, F]
  const up = linear(normed, weight(weights, `${layer}.mlp.up_proj.weight`)); // [N, F]
  return linear(swiglu(gate, up), weight(weights, `${layer}.mlp.down_proj.weight`));
}

/** Scores of the vocabulary. hidden [N, D] → [N, V] */
export function head(weights: Weights, config: ModelConfig, hidden: Tensor): Tensor {
  return linear(hidden, weight(weights, config.tieEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"));
}

/** The projection `name` of x [N, D], split into heads, normed and rotated where the model does so. → [B, heads, T, d] */
function project(
  weights: Weights,
  config: ModelConfig,
  prefix: string,
  which: "q" | "k" | "v",
  x: Tensor,
  { B, T, rotary }: { B: number; T: number; rotary: Rotary },
): Tensor {
  const heads = which === "q" ? config.heads : config.kvHeads;
  const flat = linear(x, weight(weights, `${prefix}.${which}_proj.weight`), weights[`${prefix}.${which}_proj.bias`]);
  let split = flat.reshape([B, T, heads, config.headDim]); // [B, T, heads, d]
  if (config.qkNorm && which !== "v") {
    split = rmsNorm(split, weight(weights, `${prefix}.${which}_norm.weight`), config.rmsNormEps);
  }
  if (which !== "v") split = rotate(split, rotary);
  return split.transpose([0, 2, 1, 3]);
}

function attention(
  weights: Weights,
  config: ModelConfig,
  prefix: string,
  x: Tensor,
  shape: { B: number; T: number; rotary: Rotary; bias: Tensor },
): { output: Tensor; cache: LayerCache } {
  const { heads, kvHeads, headDim } = config;
  const { B, T } = shape;
  const shared = heads / kvHeads; // query heads that share a key head
  const q = project(weights, config, prefix, "q", x, shape).mul(1 / Math.sqrt(headDim)); // [B, H, T, d]
  const keys = project(weights, config, prefix, "k", x, shape); // [B, Hkv, T, d]
  const values = project(weights, config, prefix, "v", x, shape); // [B, Hkv, T, d]
  // query heads of one key head stand below each other as rows of one product
  const scores = tf.matMul(q.reshape([B, kvHeads, shared * T, headDim]), keys, false, true); // [B, Hkv, shared·T, T]
  const weightsOfKeys = tf.softmax(scores.reshape([B, heads, T, T]).add(shape.bias)); // [B, H, T, T]
  const mixed = tf.matMul(weightsOfKeys.reshape([B, kvHeads, shared * T, T]), values); // [B, Hkv, shared·T, d]
  const merged = mixed
    .reshape([B, heads, T, headDim])
    .transpose([0, 2, 1, 3])
    .reshape([B * T, heads * headDim]);
  return { output: linear(merged, weight(weights, `${prefix}.o_proj.weight`)), cache: { keys, values } };
}
