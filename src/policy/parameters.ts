/**
 * The weights of a policy: one flat Float32Array on a SharedArrayBuffer, so that threads share it without copies and
 * an optimizer walks it in one pass, with named tensors as views into it.
 *
 * Kernels are stored as [in, out] (x·W, no transposition at run time), and products with the same input are fused side
 * by side along `out`: q, k and v; gate and up. hf-layout.ts maps Hugging Face's [out, in] tensors onto this.
 */
import { RlvrError } from "../errors.ts";
import { hashText, philox } from "../rng.ts";
import type { ModelConfig } from "./model-config.ts";

/** What a tensor does; it decides how it starts and whether weight decay applies. `residual` writes to the stream. */
export type ParameterKind = "embedding" | "kernel" | "residual" | "norm" | "bias";

export interface ParameterSpec {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly shape: readonly number[];
  /** First element in the flat array. */
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
}

/** Standard deviation of a fresh kernel: GPT-2's, and the `initializer_range` of the Llama family. */
const STANDARD_DEVIATION = 0.02;

/** Every tensor in the order of the flat array, without gaps. */
export function parameterLayout(config: ModelConfig): ParameterSpec[] {
  const { vocabSize: V, hiddenSize: D, heads: H, kvHeads, headDim, intermediateSize: F } = config;
  const qkv = (H + 2 * kvHeads) * headDim;
  const layout: ParameterSpec[] = [];
  const add = (kind: ParameterKind, name: string, shape: readonly number[]) => {
    const last = layout.at(-1);
    const offset = last === undefined ? 0 : last.offset + last.size;
    layout.push({ name, kind, shape, offset, size: shape.reduce((a, b) => a * b, 1) });
  };

  add("embedding", "embedding", [V, D]);
  for (let i = 0; i < config.layers; i++) {
    add("norm", `layers.${i}.attention.norm`, [D]);
    add("kernel", `layers.${i}.attention.qkv`, [D, qkv]);
    if (config.qkvBias) add("bias", `layers.${i}.attention.qkvBias`, [qkv]);
    if (config.qkNorm) add("norm", `layers.${i}.attention.qNorm`, [headDim]);
    if (config.qkNorm) add("norm", `layers.${i}.attention.kNorm`, [headDim]);
    add("residual", `layers.${i}.attention.out`, [H * headDim, D]);
    add("norm", `layers.${i}.mlp.norm`, [D]);
    add("kernel", `layers.${i}.mlp.gateUp`, [D, 2 * F]);
    add("residual", `layers.${i}.mlp.down`, [F, D]);
  }
  add("norm", "norm", [D]);
  if (!config.tieEmbeddings) add("kernel", "head", [D, V]);
  return layout;
}

export function parameterCount(config: ModelConfig): number {
  return parameterLayout(config).reduce((sum, spec) => sum + spec.size, 0);
}

export class Parameters {
  readonly specs: readonly ParameterSpec[];
  readonly flat: Float32Array<SharedArrayBuffer>;
  /** Views into `flat` by name: what is written to one is seen in the other. */
  readonly views: Readonly<Record<string, Float32Array<SharedArrayBuffer>>>;

  /** `buffer` holds existing weights, from another thread for example; without it the weights are zeros. */
  constructor(config: ModelConfig, buffer?: SharedArrayBuffer) {
    this.specs = parameterLayout(config);
    const bytes = 4 * parameterCount(config);
    if (buffer !== undefined && buffer.byteLength !== bytes) {
      throw new RlvrError("E_SHAPE", `the weights' buffer has ${buffer.byteLength} bytes, expected ${bytes}`);
    }
    const shared = buffer ?? new SharedArrayBuffer(bytes);
    this.flat = new Float32Array(shared);
    this.views = Object.fromEntries(
      this.specs.map(({ name, offset, size }) => [name, new Float32Array(shared, 4 * offset, size)]),
    );
  }

  spec(name: string): ParameterSpec {
    const found = this.specs.find((spec) => spec.name === name);
    if (found !== undefined) return found;
    throw new RlvrError("E_SHAPE", `the model has no tensor ${JSON.stringify(name)}`, {
      hint: `choose one of ${Object.keys(this.views).join(", ")}`,
    });
  }

  tensor(name: string): Float32Array<SharedArrayBuffer> {
    return this.views[this.spec(name).name]!;
  }
}

/** All zeros. */
export function createParameters(config: ModelConfig): Parameters {
  return new Parameters(config);
}

/**
 * Fresh weights: N(0, 0.02²), and N(0, 0.02² / 2L) for the two kernels of each layer that write to the residual stream
 * (GPT-2, §2.3); norms 1, biases 0. Each tensor draws from a stream of its own, so adding one changes no other.
 */
export function initialize(parameters: Parameters, config: ModelConfig, seed: number): void {
  const residual = STANDARD_DEVIATION / Math.sqrt(2 * config.layers);
  for (const { name, kind } of parameters.specs) {
    const values = parameters.tensor(name);
    if (kind === "norm") values.fill(1);
    else if (kind === "bias") values.fill(0);
    else fillNormal(values, kind === "residual" ? residual : STANDARD_DEVIATION, seed, name);
  }
}

/** Box–Muller on the four words of each Philox block: 32 bits a uniform are enough for a float32. */
function fillNormal(values: Float32Array, standardDeviation: number, seed: number, name: string): void {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  const stream = hashText(`initialize/${name}`);
  for (let i = 0; i < values.length; i += 4) {
    const words = philox([i / 4, 0, stream, 0], key);
    for (let j = 0; j < 4; j += 2) {
      const radius = standardDeviation * Math.sqrt(-2 * Math.log((words[j]! + 1) / 2 ** 32));
      const angle = (2 * Math.PI * words[j + 1]!) / 2 ** 32;
      values[i + j] = radius * Math.cos(angle); // a write past the end of a typed array does nothing
      values[i + j + 1] = radius * Math.sin(angle);
    }
  }
}
