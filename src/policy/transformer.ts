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
import {
  attend,
  causalBias,
  embed,
  frozenLinear,
  HALF,
  linear,
  linearOfNormed,
  type Rotary,
  rmsNormalize,
  rotaryAngles,
  rotate,
  swiglu,
} from "./layers.ts";
import { adapt } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import { recomputed } from "./recompute.ts";

/** Parameters by Hugging Face name. */
export type Weights = Readonly<Record<string, Tensor>>;

/** What a program is called: engines keep programs by name and shapes, and these numbers do not show in the shapes. */
export function programName(
  what: string,
  { heads, ropeTheta, ropeScaling, rmsNormEps, tieEmbeddings, head }: ModelConfig,
): string {
  const rope = ropeScaling ? ` ${JSON.stringify(ropeScaling)}` : "";
  return `${what}, ${heads} heads, θ=${ropeTheta}${rope}, ε=${rmsNormEps}, ${tieEmbeddings ? "tied " : ""}${head} head`;
}

export const weight = (weights: Weights, name: string): Tensor => weights[name] as Tensor;

/** The keys and values of one layer, after rotation. [B, Hkv, T, d] each */
export interface LayerCache {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/**
 * Hidden states after the last norm for tokens [B, T]. → hidden [B·T, D], and each layer's keys and values.
 *
 * @param recompute keep only each layer's input for the backward pass; then there are no keys and values to return
 */
export function trunk(
  weights: Weights,
  config: ModelConfig,
  tokens: Tensor,
  recompute = false,
): { hidden: Tensor; caches: LayerCache[] } {
  const { B, T } = checkAxes({ tokens: [tokens, "B T"] }) as { B: number; T: number };
  const { headDim, rmsNormEps } = config;
  const positions = tf.range(0, T, 1, "int32");
  const shape: Sequences = {
    B,
    T,
    bias: causalBias(T, config.heads / config.kvHeads),
    ofQueries: rotaryAngles(positions, config, 1 / Math.sqrt(headDim)),
    ofKeys: rotaryAngles(positions, config),
  };
  const caches: LayerCache[] = [];
  let h = embed(weight(weights, "model.embed_tokens.weight"), tokens.reshape([-1])); // [B·T, D]
  for (let i = 0; i < config.layers; i++) {
    const layer = `model.layers.${i}`;
    if (recompute) {
      const names = Object.keys(weights).filter((name) => name.startsWith(`${layer}.`) && !name.endsWith(HALF));
      const again = (h: Tensor, ...list: Tensor[]) =>
        block(
          { ...weights, ...Object.fromEntries(names.map((name, at) => [name, list[at] as Tensor])) },
          config,
          layer,
          h,
          shape,
        ).h;
      h = recomputed(
        again,
        h,
        names.map((name) => weight(weights, name)),
      );
      continue;
    }
    const { h: next, cache } = block(weights, config, layer, h, shape);
    caches.push(cache);
    h = next;
  }
  return { hidden: rmsNormalize(h, rmsNormEps).mul(weight(weights, "model.norm.weight")), caches };
}

/** One layer. h [N, D] → [N, D] */
function block(weights: Weights, config: ModelConfig, layer: string, h: Tensor, shape: Sequences) {
  const { output, cache } = attention(weights, config, layer, h, shape);
  const a = h.add(output);
  return { h: a.add(mlp(weights, config, layer, a)), cache };
}

/** What all layers of one batch share. */
interface Sequences {
  readonly B: number;
  readonly T: number;
  readonly bias: Tensor; // [H/Hkv·T, T]
  /** Angles that carry attention's 1/√d. */
  readonly ofQueries: Rotary;
  readonly ofKeys: Rotary;
}

/** x [N, D] → [N, D], without the residual. */
function mlp(weights: Weights, config: ModelConfig, layer: string, x: Tensor): Tensor {
  const n = rmsNormalize(x, config.rmsNormEps);
  const gain = weight(weights, `${layer}.post_attention_layernorm.weight`);
  const gate = projectNormed(weights, `${layer}.mlp.gate_proj`, n, gain); // [N, F]
  const up = projectNormed(weights, `${layer}.mlp.up_proj`, n, gain); // [N, F]
  return project(weights, `${layer}.mlp.down_proj`, swiglu(gate, up));
}

/** x·Wᵀ + b for the weight of that name, in whichever precision it is kept. */
export function times(weights: Weights, name: string, x: Tensor, bias?: Tensor): Tensor {
  const half = weights[name + HALF];
  if (!half) return linear(x, weight(weights, name), bias);
  const y = frozenLinear(x, half);
  return bias ? y.add(bias) : y;
}

/** A linear layer by its name, with its bias and adapter where it has them. x [N, in] → [N, out] */
export function project(weights: Weights, name: string, x: Tensor): Tensor {
  const y = times(weights, `${name}.weight`, x, weights[`${name}.bias`]);
  return adapt(weights, name, () => x, y);
}

/** The same behind a norm: of n ∘ gain. */
function projectNormed(weights: Weights, name: string, n: Tensor, gain: Tensor): Tensor {
  const bias = weights[`${name}.bias`];
  const isHalf = `${name}.weight${HALF}` in weights;
  const y = isHalf
    ? times(weights, `${name}.weight`, n.mul(gain), bias)
    : linearOfNormed(n, gain, weight(weights, `${name}.weight`), bias);
  return adapt(weights, name, () => n.mul(gain), y);
}

/** Scores of the vocabulary. hidden [N, D] → [N, V] */
export function head(weights: Weights, config: ModelConfig, hidden: Tensor): Tensor {
  return linear(hidden, headTable(weights, config));
}

/** One number for each token. hidden [N, D] → [N, 1] */
export function scoreHead(weights: Weights, hidden: Tensor): Tensor {
  return linear(hidden, weight(weights, "score.weight"), weight(weights, "score.bias"));
}

/** [V, D] */
export function headTable(weights: Weights, config: ModelConfig): Tensor {
  return weight(weights, config.tieEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight");
}

/** x [N, D] → [N, D], without the residual; and the layer's keys and values. */
function attention(
  weights: Weights,
  config: ModelConfig,
  layer: string,
  x: Tensor,
  { B, T, bias, ofQueries, ofKeys }: Sequences,
): { output: Tensor; cache: LayerCache } {
  const { heads, kvHeads, headDim, rmsNormEps } = config;
  const n = rmsNormalize(x, rmsNormEps);
  const gain = weight(weights, `${layer}.input_layernorm.weight`);
  /** One projection, split into heads. [B, T, heads, d] */
  const split = (which: "q" | "k" | "v") => {
    const flat = projectNormed(weights, `${layer}.self_attn.${which}_proj`, n, gain);
    return flat.reshape([B, T, which === "q" ? heads : kvHeads, headDim]);
  };
  const perHeadNorm = (x: Tensor, name: string) =>
    config.qkNorm ? rmsNormalize(x, rmsNormEps).mul(weight(weights, `${layer}.self_attn.${name}.weight`)) : x;
  const byHead = (x: Tensor) => x.transpose([0, 2, 1, 3]); // [B, heads, T, d]
  const q = byHead(rotate(perHeadNorm(split("q"), "q_norm"), ofQueries));
  const keys = byHead(rotate(perHeadNorm(split("k"), "k_norm"), ofKeys));
  const values = byHead(split("v"));
  // query heads that share a key head stand below each other, as rows of one product
  const rows = q.reshape([B, kvHeads, (heads / kvHeads) * T, headDim]);
  const mixed = attend(rows, keys, values, bias).reshape([B, heads, T, headDim]);
  const merged = mixed.transpose([0, 2, 1, 3]).reshape([B * T, heads * headDim]);
  return { output: project(weights, `${layer}.self_attn.o_proj`, merged), cache: { keys, values } };
}
