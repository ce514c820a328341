/**
 * Low-rank adapters, https://arxiv.org/abs/2106.09685 eq. 3:
 *
 *   y = W·x + b + s·B·A·x      A [r, in], B [out, r],  s = α/r,  or α/√r rank-stabilized (https://arxiv.org/abs/2312.03732)
 *
 * W stays as it is. B starts at 0, so a fresh adapter changes nothing; with s = 0 the model is its base, which makes the
 * reference policy of a KL term free.
 */
import { z } from "zod";
import type { Signature } from "../engine/engine.ts";
import { floats, halves as inHalves } from "../engine/spec.ts";
import type { Tensor } from "../engine/tf.ts";
import { RlvrError } from "../errors.ts";
import { Rng } from "../rng.ts";
import { dropout } from "./dropout.ts";
import { HALF, linear } from "./layers.ts";
import type { ModelConfig } from "./model-config.ts";
import { createWeights, type FlatWeights, flatWeights, type ModelWeights, weightShapes } from "./weights.ts";

export const PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;
export type Projection = (typeof PROJECTIONS)[number];

export const LoraConfig = z.strictObject({
  rank: z.int().min(1).describe("r, the inner width of each adapter"),
  alpha: z.number().positive().default(16).describe("α; the adapter counts α/r"),
  rankStabilized: z.boolean().default(false).describe("the adapter counts α/√r instead (rsLoRA)"),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe("share of an adapter's inputs that a training step leaves out"),
  targets: z
    .array(z.enum(PROJECTIONS))
    .min(1)
    .default([...PROJECTIONS])
    .describe("projections that get an adapter, in every layer"),
});
export type LoraConfig = z.output<typeof LoraConfig>;

export interface Adapter {
  readonly config: LoraConfig;
  /** `<projection>.lora_A.weight` [r, in] and `<projection>.lora_B.weight` [out, r], by the projection's full name. */
  readonly weights: FlatWeights;
  /** Off, the model computes what its base does. */
  readonly on: boolean;
}

/** s of the equation. */
export function loraScale({ rank, alpha, rankStabilized }: LoraConfig): number {
  return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
}

/** Names and shapes of an adapter's tensors, in the order of its flat array. */
export function adapterShapes(config: ModelConfig, { rank, targets }: LoraConfig): [name: string, shape: number[]][] {
  const chosen = new Set<string>(targets);
  return weightShapes(config).flatMap(([name, shape]): [string, number[]][] => {
    const [out, width] = shape as [number, number];
    const module = name.replace(/\.weight$/, "");
    if (!name.endsWith(".weight") || !chosen.has(module.split(".").at(-1) as string)) return [];
    return [
      [`${module}.lora_A.weight`, [rank, width]],
      [`${module}.lora_B.weight`, [out, rank]],
    ];
  });
}

/**
 * A fresh adapter, as PEFT makes it: A uniform in ±1/√in (Kaiming with a = √5), B zero.
 *
 * @throws E_CONFIG where the rank is above the width of a projection
 */
export function createAdapter(config: ModelConfig, lora: LoraConfig, seed: number): Adapter {
  const narrow = adapterShapes(config, lora).find(([, [a, b]]) => Math.min(a as number, b as number) < lora.rank);
  if (narrow) {
    const [name, shape] = narrow;
    throw new RlvrError("E_CONFIG", `lora.rank is ${lora.rank}, but ${name} would be [${shape.join(", ")}]`, {
      hint: `choose a rank of at most ${Math.min(...shape)}`,
    });
  }
  const weights = flatWeights(adapterShapes(config, lora));
  for (const { name, shape } of weights.specs) {
    if (!name.endsWith("lora_A.weight")) continue;
    const view = weights.views[name] as Float32Array;
    const bound = 1 / Math.sqrt(shape[1] as number);
    const rng = new Rng(seed, name);
    for (let i = 0; i < view.length; i++) view[i] = bound * (2 * rng.next() - 1);
  }
  return { config: lora, weights, on: true };
}

export function withAdapter(weights: ModelWeights, adapter: Adapter): ModelWeights {
  return { ...weights, adapter };
}

/** The same arrays, with the adapter off: the reference policy. */
export function withoutAdapter(weights: ModelWeights): ModelWeights {
  return weights.adapter ? { ...weights, adapter: { ...weights.adapter, on: false } } : weights;
}

/** A copy that training leaves alone; below an adapter the weights are shared, since nothing changes them. */
export function frozenCopy({ config, weights }: { config: ModelConfig; weights: ModelWeights }): ModelWeights {
  if (weights.halves && !weights.adapter) return weights; // nothing can train them
  const copy = weights.adapter ? flatWeights(adapterShapes(config, weights.adapter.config)) : createWeights(config);
  copy.flat.set(trainable(weights).flat);
  return weights.adapter ? { ...weights, adapter: { ...weights.adapter, weights: copy } } : copy;
}

/** What training changes. */
export function trainable(weights: ModelWeights): FlatWeights {
  return weights.adapter?.weights ?? weights;
}

/** Names of inputs besides tensors: s, and for a training step with dropout its share and seed. */
const SCALE = "lora.scale";
const DROPOUT = "lora.dropout";
const SEED = "lora.seed";

/** Everything of a model that a program takes. */
export function inputViews({ views, adapter, halves }: ModelWeights): Record<string, Float32Array | Float16Array> {
  const narrow = Object.entries(halves?.views ?? {}).map(([name, view]) => [name + HALF, view]);
  return { ...views, ...Object.fromEntries(narrow), ...(adapter ? adapterViews(adapter) : {}) };
}

export function inputSignature({ specs, adapter, halves }: ModelWeights): Signature {
  const wide = specs.map(({ name, shape }) => [name, floats(...shape)]);
  const narrow = halves?.specs.map(({ name, shape }) => [name + HALF, inHalves(...shape)]) ?? [];
  return { ...Object.fromEntries([...wide, ...narrow]), ...(adapter ? adapterSignature(adapter) : {}) };
}

export function adapterViews({ config, weights, on }: Adapter): Record<string, Float32Array> {
  return { ...weights.views, [SCALE]: Float32Array.of(on ? loraScale(config) : 0) };
}

export function adapterSignature({ weights }: Adapter): Signature {
  return {
    ...Object.fromEntries(weights.specs.map(({ name, shape }) => [name, floats(...shape)])),
    [SCALE]: floats(1),
  };
}

/** What a training step with dropout takes besides; nothing without dropout. */
export function dropoutSignature(weights: ModelWeights): Signature {
  return weights.adapter?.config.dropout ? { [DROPOUT]: floats(1), [SEED]: floats(1) } : {};
}

/** @param seed a small whole number: another one for each step */
export function dropoutFeeds(weights: ModelWeights, seed: number): Record<string, Float32Array> {
  const share = weights.adapter?.config.dropout ?? 0;
  return share > 0 ? { [DROPOUT]: Float32Array.of(share), [SEED]: Float32Array.of(seed) } : {};
}

/**
 * y + s·B·A·x for the projection of that name, or y where it has no adapter.
 *
 * @param x [N, in] the projection's input
 * @param y [N, out] what the projection made of it
 */
export function adapt(
  inputs: Readonly<Record<string, Tensor>>,
  projection: string,
  x: () => Tensor,
  y: Tensor,
): Tensor {
  const A = inputs[`${projection}.lora_A.weight`];
  const B = inputs[`${projection}.lora_B.weight`];
  if (!A || !B) return y;
  const [share, seed] = [inputs[DROPOUT], inputs[SEED]];
  const kept = share && seed ? dropout(x(), share, seed, projection) : x();
  const inner = linear(kept, A).mul(inputs[SCALE] as Tensor); // [N, r]
  return y.add(linear(inner, B));
}

/**
 * Adds s·B·A to the weights (sign 1) or takes it away (sign −1), and with that makes an ordinary model of it. Unmerging
 * restores the base up to rounding: keep the base where it must be exact.
 */
export function mergeAdapter({ views, halves }: ModelWeights, { config, weights }: Adapter, sign: 1 | -1 = 1): void {
  if (halves) throw new RlvrError("E_CONFIG", "an adapter cannot be merged into weights that are kept in float16");
  const s = sign * loraScale(config);
  const r = config.rank;
  for (const { name, shape } of weights.specs) {
    if (!name.endsWith(".lora_A.weight")) continue;
    const module = name.replace(/\.lora_A\.weight$/, "");
    const A = weights.views[name] as Float32Array; // [r, in]
    const B = weights.views[`${module}.lora_B.weight`] as Float32Array; // [out, r]
    const W = views[`${module}.weight`] as Float32Array; // [out, in]
    const width = shape[1] as number;
    for (let out = 0; out < B.length / r; out++) {
      const row = W.subarray(out * width, (out + 1) * width);
      for (let k = 0; k < r; k++) {
        const factor = s * (B[out * r + k] as number);
        if (factor === 0) continue;
        const from = k * width;
        for (let i = 0; i < width; i++) row[i]! += factor * A[from + i]!;
      }
    }
  }
}
