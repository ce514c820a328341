/// <reference lib="es2025.float16" />
/**
 * The weights of a model: one flat array in shared memory, with a view for each tensor under its Hugging Face name and
 * shape ([out, in]). One array, so that gradients, moments and updates are single vectors; shared, so that the engine's
 * threads read it without copies.
 */
import { RlvrError } from "../errors.ts";
import { Rng } from "../rng.ts";
import type { Adapter } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** First element in the flat array. */
  readonly offset: number;
  readonly size: number;
}

export interface FlatWeights<Numbers extends Float32Array | Float16Array = Float32Array> {
  readonly flat: Numbers; // [P]
  readonly specs: readonly WeightSpec[];
  readonly views: Readonly<Record<string, Numbers>>;
}

export interface ModelWeights extends FlatWeights {
  /** Where there is one, it is what training changes, and the weights below it stay as they are. */
  readonly adapter?: Adapter | undefined;
  /** The projections, where they are kept in half precision. Nothing trains these; the other weights are as always. */
  readonly halves?: FlatWeights<Float16Array> | undefined;
}

/** Names and shapes in the order of the flat array. q, k, v and gate, up are neighbors: each trio or pair is one matrix. */
export function weightShapes(config: ModelConfig): [name: string, shape: number[]][] {
  const { hiddenSize: D, heads, kvHeads, headDim, intermediateSize: F, vocabSize: V } = config;
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  const shapes: [string, number[]][] = [["model.embed_tokens.weight", [V, D]]];
  for (let i = 0; i < config.layers; i++) {
    const layer = `model.layers.${i}`;
    shapes.push([`${layer}.input_layernorm.weight`, [D]]);
    shapes.push([`${layer}.self_attn.q_proj.weight`, [q, D]]);
    shapes.push([`${layer}.self_attn.k_proj.weight`, [kv, D]]);
    shapes.push([`${layer}.self_attn.v_proj.weight`, [kv, D]]);
    if (config.qkvBias) {
      shapes.push([`${layer}.self_attn.q_proj.bias`, [q]]);
      shapes.push([`${layer}.self_attn.k_proj.bias`, [kv]]);
      shapes.push([`${layer}.self_attn.v_proj.bias`, [kv]]);
    }
    if (config.qkNorm) {
      shapes.push([`${layer}.self_attn.q_norm.weight`, [headDim]]);
      shapes.push([`${layer}.self_attn.k_norm.weight`, [headDim]]);
    }
    shapes.push([`${layer}.self_attn.o_proj.weight`, [D, q]]);
    shapes.push([`${layer}.post_attention_layernorm.weight`, [D]]);
    shapes.push([`${layer}.mlp.gate_proj.weight`, [F, D]]);
    shapes.push([`${layer}.mlp.up_proj.weight`, [F, D]]);
    shapes.push([`${layer}.mlp.down_proj.weight`, [D, F]]);
  }
  shapes.push(["model.norm.weight", [D]]);
  if (!config.tieEmbeddings && config.head !== "score") shapes.push(["lm_head.weight", [V, D]]);
  if (config.head !== "language") shapes.push(["score.weight", [1, D]], ["score.bias", [1]]);
  return shapes;
}

export function weightCount(config: ModelConfig): number {
  return weightShapes(config).reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** All zeros. @param inHalves keep the projections in float16: half the memory, and nothing but an adapter can be trained */
export function createWeights(config: ModelConfig, inHalves = false): ModelWeights {
  const shapes = weightShapes(config);
  if (!inHalves) return flatWeights(shapes);
  const specs = weightSpecs(shapes.filter(isProjection));
  const flat = new Float16Array(new SharedArrayBuffer(2 * sizeOf(specs)));
  return {
    ...flatWeights(shapes.filter((shape) => !isProjection(shape))),
    halves: { flat, specs, views: viewsOf(flat, specs) },
  };
}

/** One array of zeros for tensors of these names and shapes, in their order. */
export function flatWeights(shapes: Shapes): FlatWeights {
  const specs = weightSpecs(shapes);
  const flat = new Float32Array(new SharedArrayBuffer(4 * sizeOf(specs)));
  return { flat, specs, views: viewsOf(flat, specs) };
}

function viewsOf<Numbers extends Float32Array | Float16Array>(flat: Numbers, specs: readonly WeightSpec[]) {
  const views = specs.map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size) as Numbers]);
  return Object.fromEntries(views) as Record<string, Numbers>;
}

function sizeOf(specs: readonly WeightSpec[]): number {
  return specs.reduce((sum, { size }) => sum + size, 0);
}

type Shapes = readonly (readonly [name: string, shape: readonly number[]])[];

/** Weights without numbers: enough to trace a program of them, and to say how large they would be. */
export function weightsOnPaper(shapes: Shapes): FlatWeights {
  return { flat: new Float32Array(0), specs: weightSpecs(shapes), views: {} };
}

/** A model without numbers. */
export function modelOnPaper(config: ModelConfig, inHalves: boolean): ModelWeights {
  const shapes = weightShapes(config);
  if (!inHalves) return weightsOnPaper(shapes);
  const halves = { flat: new Float16Array(0), specs: weightSpecs(shapes.filter(isProjection)), views: {} };
  return { ...weightsOnPaper(shapes.filter((shape) => !isProjection(shape))), halves };
}

const isProjection = ([name]: Shapes[number]) => name.endsWith("_proj.weight");

function weightSpecs(shapes: Shapes): WeightSpec[] {
  let offset = 0;
  return shapes.map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const spec = { name, shape, offset, size };
    offset += size;
    return spec;
  });
}

/** One view over neighbors in the flat array: the rows of all of them as one matrix. */
export function fusedView<Numbers extends Float32Array | Float16Array>(
  weights: FlatWeights<Numbers>,
  names: readonly string[],
): Numbers {
  const specs = names.map((name) => {
    const spec = weights.specs.find((s) => s.name === name);
    if (!spec) throw new RlvrError("E_SHAPE", `the model has no weight named ${name}`);
    return spec;
  });
  const [first, last] = [specs[0] as WeightSpec, specs.at(-1) as WeightSpec];
  const size = specs.reduce((sum, spec) => sum + spec.size, 0);
  if (last.offset + last.size - first.offset !== size) {
    throw new RlvrError("E_SHAPE", `${names.join(", ")} are not neighbors in the flat array`);
  }
  return weights.flat.subarray(first.offset, first.offset + size) as Numbers;
}

/** Standard deviation of a fresh model's weights, as in GPT-2 and Llama's reference configurations. */
const INITIAL_STD = 0.02;

/**
 * Fresh weights: normal(0, 0.02), the projections that write to the residual stream scaled by 1/√(2·layers) (GPT-2, §2.3),
 * norms 1, biases 0.
 */
export function initialize(weights: ModelWeights, config: ModelConfig, seed: number): void {
  for (const { name } of weights.specs) {
    const view = weights.views[name] as Float32Array;
    if (name.endsWith("norm.weight")) view.fill(1);
    else if (name.endsWith(".bias")) view.fill(0);
    else {
      const residual = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
      const std = residual ? INITIAL_STD / Math.sqrt(2 * config.layers) : INITIAL_STD;
      fillNormal(view, name === "score.weight" ? scoreStd(config) : std, seed, name);
    }
  }
}

/** Of a fresh score head, so that scores start near a variance of 1 (https://arxiv.org/abs/2403.17031, detail 11). */
function scoreStd({ hiddenSize: D }: ModelConfig): number {
  return 1 / Math.sqrt(D + 1);
}

function fillNormal(view: Float32Array, std: number, seed: number, name: string): void {
  const rng = new Rng(seed, name);
  for (let i = 0; i < view.length; i++) view[i] = std * rng.normal();
}

/**
 * The same trunk under another head; a score head is fresh, its bias 0. A copy: training it leaves the original alone.
 *
 * @param scale of the fresh score head; 0 gives every token the score 0
 */
export function withHead(
  { config, weights }: { readonly config: ModelConfig; readonly weights: FlatWeights },
  head: ModelConfig["head"],
  seed: number,
  scale = 1,
): { config: ModelConfig; weights: ModelWeights } {
  const headed = { ...config, head };
  const made = createWeights(headed);
  for (const { name } of made.specs) {
    const view = made.views[name] as Float32Array;
    const known = weights.views[name];
    if (known) view.set(known);
    else if (name === "score.weight") fillNormal(view, scale * scoreStd(config), seed, name);
    else if (name !== "score.bias") {
      throw new RlvrError("E_SHAPE", `the model has no ${name}, so it cannot have a ${head} head`);
    }
  }
  return { config: headed, weights: made };
}

/**
 * The same arrays without the score head, which stands at their end: whoever trains one trains the other. Without a head
 * for language there is nothing left to give.
 */
export function withoutScoreHead({
  config,
  weights,
}: {
  readonly config: ModelConfig;
  readonly weights: FlatWeights;
}): {
  config: ModelConfig;
  weights: ModelWeights;
} {
  if (config.head === "score")
    throw new RlvrError("E_SHAPE", "the model has a score head alone, expected one for language");
  const bare: ModelConfig = { ...config, head: "language" };
  const specs = weights.specs.filter(({ name }) => !name.startsWith("score."));
  const views = Object.fromEntries(specs.map(({ name }) => [name, weights.views[name] as Float32Array]));
  return { config: bare, weights: { flat: weights.flat.subarray(0, weightCount(bare)), specs, views } };
}
