/**
 * Generation with a key-value cache: `prefill` reads prompts at once, `decode` adds one token to each of B sequences.
 * The same numbers as transformer.ts, written for few operations: q, k, v and gate, up are one product each.
 *
 * The cache stays outside the graph: `decode` returns only the new token's keys and values, and the sampler writes them
 * into its cache, so that a step copies a row and not the cache.
 */
import type { Signature } from "../engine/engine.ts";
import { floats, halves as inHalves, ints } from "../engine/spec.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import { HALF, MASKED, type Rotary, rotaryAngles, rotate } from "./layers.ts";
import { adapt, inputSignature, inputViews } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import { head, project, times, trunk, type Weights, weight } from "./transformer.ts";
import { fusedView, type ModelWeights } from "./weights.ts";

/** Tokens [B, T] padded on the right, `last` [B] the index of each prompt's last token. */
export function prefill(inputs: Weights, config: ModelConfig): Record<string, Tensor> {
  const tokens = weight(inputs, "tokens");
  const [B, T] = tokens.shape as [number, number];
  const { hidden, caches } = trunk(inputs, config, tokens);
  const rows = tf.range(0, B, 1, "int32").mul(tf.scalar(T, "int32")).add(weight(inputs, "last")); // [B]
  const logits = head(inputs, config, tf.gather(hidden, rows as never)); // [B, V]
  const keys = tf.stack(caches.map((cache) => cache.keys)); // [L, B, Hkv, T, d]
  const values = tf.stack(caches.map((cache) => cache.values)); // [L, B, Hkv, T, d]
  return { logits, keys, values };
}

/** Norm without a gradient, in the form that ONNX Runtime fuses into one pass. */
function norm(x: Tensor, gain: Tensor, eps: number): Tensor {
  return x.div(x.pow(tf.scalar(2)).mean(-1, true).add(eps).sqrt()).mul(gain);
}

/**
 * One token for each of B sequences. `tokens` [B], `positions` [B] (tokens already in the cache), `keys.i` and `values.i`
 * [B, Hkv, S, d] of layer i, filled up to the position. → logits [B, V], keys and values of the new tokens [L, B, Hkv·d]
 */
export function decode(inputs: Weights, config: ModelConfig): Record<string, Tensor> {
  const { heads, kvHeads, headDim, rmsNormEps } = config;
  const [tokens, positions] = [weight(inputs, "tokens"), weight(inputs, "positions")];
  const B = tokens.shape[0] as number;
  const S = weight(inputs, "keys.0").shape[2] as number;
  const shared = heads / kvHeads;
  // sequence b is row b of the tables: the batch takes the place of positions
  const ofQueries = rotaryAngles(positions, config, 1 / Math.sqrt(headDim)); // [B, d/2]
  const ofKeys = rotaryAngles(positions, config); // [B, d/2]
  const filled = tf.range(0, S, 1, "int32").expandDims(0).less(positions.expandDims(1)); // [B, S]
  const bias = tf.where(filled, tf.scalar(0), tf.scalar(MASKED)).reshape([B, 1, 1, S]);
  const newKeys: Tensor[] = [];
  const newValues: Tensor[] = [];
  let h = tf.gather(weight(inputs, "model.embed_tokens.weight"), tokens as never); // [B, D]
  for (let i = 0; i < config.layers; i++) {
    const layer = `model.layers.${i}`;
    const x = norm(h, weight(inputs, `${layer}.input_layernorm.weight`), rmsNormEps);
    const prefix = `${layer}.self_attn`;
    const qkv = times(inputs, `qkv.${i}`, x, inputs[`qkvBias.${i}`]); // [B, (heads + 2 kvHeads)·d]
    const widths = [heads, kvHeads, kvHeads].map((n) => n * headDim);
    const [q, k, v] = tf.split(qkv, widths, 1).map((part, at) => {
      const adapted = adapt(inputs, `${prefix}.${"qkv"[at]}_proj`, () => x, part);
      return adapted.reshape([B, -1, headDim]);
    }) as [Tensor, Tensor, Tensor]; // [B, heads, d]
    const turn = (x: Tensor, name: string, angles: Rotary) => {
      const normed = config.qkNorm ? norm(x, weight(inputs, `${prefix}.${name}.weight`), rmsNormEps) : x;
      return rotate(normed.expandDims(0), angles);
    };
    const query = turn(q, "q_norm", ofQueries).reshape([B, kvHeads, shared, headDim]);
    const key = turn(k, "k_norm", ofKeys).reshape([B, kvHeads, 1, headDim]);
    const value = v.reshape([B, kvHeads, 1, headDim]);
    const past = tf.matMul(query, weight(inputs, `keys.${i}`), false, true).add(bias); // [B, Hkv, shared, S]
    const own = query.mul(key).sum(-1, true); // [B, Hkv, shared, 1]
    const attention = tf.softmax(tf.concat([past, own], -1)); // [B, Hkv, shared, S+1]
    const [onPast, onOwn] = tf.split(attention, [S, 1], -1) as [Tensor, Tensor];
    const mixed = tf.matMul(onPast, weight(inputs, `values.${i}`)).add(onOwn.mul(value)); // [B, Hkv, shared, d]
    h = h.add(project(inputs, `${prefix}.o_proj`, mixed.reshape([B, heads * headDim])));
    const y = norm(h, weight(inputs, `${layer}.post_attention_layernorm.weight`), rmsNormEps);
    const both = tf.split(times(inputs, `gateUp.${i}`, y), 2, 1);
    const [gate, up] = both.map((part, at) =>
      adapt(inputs, `${layer}.mlp.${at === 0 ? "gate" : "up"}_proj`, () => y, part),
    ) as [Tensor, Tensor]; // [B, F]
    h = h.add(project(inputs, `${layer}.mlp.down_proj`, gate.mul(gate.sigmoid()).mul(up)));
    newKeys.push(key.reshape([B, kvHeads * headDim]));
    newValues.push(value.reshape([B, kvHeads * headDim]));
  }
  const hidden = norm(h, weight(inputs, "model.norm.weight"), rmsNormEps);
  return { logits: head(inputs, config, hidden), keys: tf.stack(newKeys), values: tf.stack(newValues) };
}

/** The weights as `decode` takes them, as views, and their shapes. */
export function decodeWeights(weights: ModelWeights, config: ModelConfig) {
  const { hiddenSize: D, heads, kvHeads, headDim, intermediateSize: F } = config;
  const views: Record<string, Float32Array | Float16Array> = {};
  const signature: Record<string, Signature[string]> = {};
  const [all, shapes] = [inputViews(weights), inputSignature(weights)];
  const parts = /(q_proj|k_proj|v_proj|gate_proj|up_proj)\.(weight|bias)(\.half)?$/;
  for (const [name, spec] of Object.entries(shapes)) {
    if (parts.test(name)) continue;
    views[name] = all[name] as Float32Array;
    signature[name] = spec;
  }
  const { halves } = weights;
  const fuse = (name: string, names: readonly string[], ...shape: number[]) => {
    views[halves ? name + HALF : name] = halves ? fusedView(halves, names) : fusedView(weights, names);
    signature[halves ? name + HALF : name] = halves ? inHalves(...shape) : floats(...shape);
  };
  for (let i = 0; i < config.layers; i++) {
    const layer = `model.layers.${i}`;
    const qkv = (kind: string) => ["q", "k", "v"].map((which) => `${layer}.self_attn.${which}_proj.${kind}`);
    const out = (heads + 2 * kvHeads) * headDim;
    fuse(`qkv.${i}`, qkv("weight"), out, D);
    if (config.qkvBias) {
      views[`qkvBias.${i}`] = fusedView(weights, qkv("bias"));
      signature[`qkvBias.${i}`] = floats(out);
    }
    fuse(`gateUp.${i}`, [`${layer}.mlp.gate_proj.weight`, `${layer}.mlp.up_proj.weight`], 2 * F, D);
  }
  return { views, signature: signature as Signature };
}

/** Signature of everything in `decode` that is not a weight. */
export function decodeSignature(config: ModelConfig, B: number, S: number): Signature {
  const cache = floats(B, config.kvHeads, S, config.headDim);
  const caches = Array.from({ length: config.layers }, (_, i) => [
    [`keys.${i}`, cache],
    [`values.${i}`, cache],
  ]);
  return { tokens: ints(B), positions: ints(B), ...Object.fromEntries(caches.flat()) };
}
