/**
 * How much memory training and sampling take at their peak, before anything is allocated: sizes from shapes, and the
 * intermediate results from the programs themselves, traced without weights.
 */
import { tracePeakBytes } from "../engine/index.ts";
import type { Adapter, LoraConfig } from "./lora.ts";
import { adapterShapes } from "./lora.ts";
import type { Loss } from "./loss.ts";
import type { ModelConfig } from "./model-config.ts";
import { decodeProgram, gradientProgram, type ProgramSource, prefillProgram, scoreProgram } from "./programs.ts";
import { modelOnPaper, type WeightSpec, weightsOnPaper } from "./weights.ts";

const FLOAT = 4; // bytes
/** Node, TensorFlow.js, ONNX Runtime and its sessions of a few thousand nodes each. Measured; it hardly depends on the model. */
const PROCESS = 0.55 * 2 ** 30;

export interface TrainingShapes {
  /** null = all weights are trained. */
  readonly lora: LoraConfig | null;
  /** Not needed to sample or to score. */
  readonly loss: Loss | null;
  /** Projections in float16. */
  readonly inHalves: boolean;
  readonly recompute: boolean;
  readonly executors: number;
  /** Programs keep the memory of their intermediate results between runs, as they do for small models. */
  readonly keepMemory: boolean;
  /** Sequences and tokens of the largest micro-batch. */
  readonly B: number;
  readonly T: number;
  /** Sequences decoded side by side on one executor (0 = nothing is sampled), and the longest of them in tokens. */
  readonly slots: number;
  readonly positions: number;
}

/** In bytes. */
export interface TrainingMemory {
  readonly weights: number;
  readonly adapter: number;
  /** AdamW's two moments of what is trained. */
  readonly moments: number;
  /** Of what is trained: the next one on each executor while the last is added up. */
  readonly gradients: number;
  /** Intermediate results of the programs, at the worst moment, on every executor. */
  readonly programs: number;
  /** Keys and values of the sequences that are sampled, on every executor. */
  readonly cache: number;
  readonly process: number;
}

export function trainingMemory(config: ModelConfig, shapes: TrainingShapes): TrainingMemory {
  const { lora, loss, inHalves, executors, keepMemory, slots, positions } = shapes;
  const base = modelOnPaper(config, inHalves);
  const adapter = lora && onPaper(config, lora);
  const trained = loss ? FLOAT * sizeOf(adapter?.weights ?? base) : 0;
  const policy = { config, weights: { ...base, adapter: adapter ?? undefined } };
  const peaks = programsOf(policy, shapes).map(({ name, fn, signature }) => tracePeakBytes(name, fn, signature));
  const kv = config.kvHeads * config.headDim;
  return {
    weights: FLOAT * sizeOf(base) + 2 * (base.halves ? sizeOf(base.halves) : 0),
    adapter: adapter ? FLOAT * sizeOf(adapter.weights) : 0,
    moments: 2 * trained,
    gradients: (executors + 1) * trained,
    programs: executors * (keepMemory ? peaks.reduce((a, b) => a + b, 0) : Math.max(...peaks)),
    cache: executors * FLOAT * slots * positions * 2 * config.layers * kv,
    process: PROCESS,
  };
}

export function totalMemory(memory: TrainingMemory): number {
  return Object.values(memory).reduce((sum, part) => sum + part, 0);
}

function programsOf(policy: Parameters<typeof scoreProgram>[0], shapes: TrainingShapes): ProgramSource[] {
  const { loss, recompute, B, T, slots, positions } = shapes;
  const programs = [scoreProgram(policy, 1, B, T)];
  if (loss) programs.push(gradientProgram(policy, loss, { temperature: 1, recompute }, B, T));
  if (slots > 0) programs.push(decodeProgram(policy, slots, positions), prefillProgram(policy, 1, positions));
  return programs;
}

function onPaper(config: ModelConfig, lora: LoraConfig): Adapter {
  return { config: lora, weights: weightsOnPaper(adapterShapes(config, lora)), on: true };
}

function sizeOf({ specs }: { readonly specs: readonly WeightSpec[] }): number {
  return specs.reduce((sum, { size }) => sum + size, 0);
}
