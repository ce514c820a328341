/**
 * Hugging Face's tensors in ours. A Linear of theirs is [out, in]; our kernels are [in, out], with q, k, v and gate, up
 * side by side along `out`. So each of their tensors is a range of columns of one of ours, transposed if it is a Linear.
 */
import type { ModelConfig } from "./model-config.ts";
import type { Parameters } from "./parameters.ts";
import type { RowSink } from "./safetensors.ts";
import type { TensorSource } from "./safetensors-writer.ts";

export interface Placement {
  /** Hugging Face's name and shape. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Our tensor, and the first of its columns (elements, for a vector) that it takes. */
  readonly target: string;
  readonly column: number;
  readonly transposed: boolean;
}

/** Rows transposed together: 16 float32 are a cache line of the side that is written. */
const TILE = 16;

export function placements(config: ModelConfig): Placement[] {
  const { vocabSize: V, hiddenSize: D, intermediateSize: F, headDim } = config;
  const q = config.heads * headDim;
  const kv = config.kvHeads * headDim;
  const plain = (name: string, shape: readonly number[], target: string, column = 0): Placement => {
    return { name, shape, target, column, transposed: false };
  };
  const linear = (name: string, shape: readonly number[], target: string, column = 0): Placement => {
    return { name, shape, target, column, transposed: true };
  };

  const layer = (i: number): Placement[] => {
    const theirs = `model.layers.${i}`;
    const ours = `layers.${i}`;
    const attention = `${theirs}.self_attn`;
    return [
      plain(`${theirs}.input_layernorm.weight`, [D], `${ours}.attention.norm`),
      linear(`${attention}.q_proj.weight`, [q, D], `${ours}.attention.qkv`),
      linear(`${attention}.k_proj.weight`, [kv, D], `${ours}.attention.qkv`, q),
      linear(`${attention}.v_proj.weight`, [kv, D], `${ours}.attention.qkv`, q + kv),
      ...(config.qkvBias
        ? [
            plain(`${attention}.q_proj.bias`, [q], `${ours}.attention.qkvBias`),
            plain(`${attention}.k_proj.bias`, [kv], `${ours}.attention.qkvBias`, q),
            plain(`${attention}.v_proj.bias`, [kv], `${ours}.attention.qkvBias`, q + kv),
          ]
        : []),
      ...(config.qkNorm
        ? [
            plain(`${attention}.q_norm.weight`, [headDim], `${ours}.attention.qNorm`),
            plain(`${attention}.k_norm.weight`, [headDim], `${ours}.attention.kNorm`),
          ]
        : []),
      linear(`${attention}.o_proj.weight`, [D, q], `${ours}.attention.out`),
      plain(`${theirs}.post_attention_layernorm.weight`, [D], `${ours}.mlp.norm`),
      linear(`${theirs}.mlp.gate_proj.weight`, [F, D], `${ours}.mlp.gateUp`),
      linear(`${theirs}.mlp.up_proj.weight`, [F, D], `${ours}.mlp.gateUp`, F),
      linear(`${theirs}.mlp.down_proj.weight`, [D, F], `${ours}.mlp.down`),
    ];
  };

  return [
    plain("model.embed_tokens.weight", [V, D], "embedding"),
    ...Array.from({ length: config.layers }, (_, i) => layer(i)).flat(),
    plain("model.norm.weight", [D], "norm"),
    ...(config.tieEmbeddings ? [] : [linear("lm_head.weight", [V, D], "head")]),
  ];
}

/** Writes rows of a Hugging Face tensor into our parameters. */
export function intoParameters(place: Placement, parameters: Parameters): RowSink {
  const { ours, width, columns } = view(place, parameters);
  if (!place.transposed) return (values, firstRow) => ours.set(values, place.column + firstRow * columns);
  return (values, firstRow) => {
    const at = place.column + firstRow;
    forEachTransposed(values.length / columns, columns, (row, column) => {
      ours[column * width + at + row] = values[row * columns + column]!;
    });
  };
}

/** Produces a Hugging Face tensor from our parameters. */
export function fromParameters(place: Placement, parameters: Parameters): TensorSource {
  const { ours, width, columns } = view(place, parameters);
  const { name, shape, column: start } = place;
  if (!place.transposed) {
    const fill: TensorSource["fill"] = (into, firstRow) => {
      const from = start + firstRow * columns;
      into.set(ours.subarray(from, from + into.length));
    };
    return { name, shape, fill };
  }
  const fill: TensorSource["fill"] = (into, firstRow) => {
    const at = start + firstRow;
    forEachTransposed(into.length / columns, columns, (row, column) => {
      into[row * columns + column] = ours[column * width + at + row]!;
    });
  };
  return { name, shape, fill };
}

/** Our tensor, the width of its rows, and the width of theirs. */
function view(place: Placement, parameters: Parameters) {
  return {
    ours: parameters.tensor(place.target),
    width: parameters.spec(place.target).shape.at(-1)!,
    columns: place.shape.length < 2 ? 1 : place.shape.at(-1)!,
  };
}

/** Visits a row-major matrix in tiles of rows, down the columns: both sides of a transposition stay in the cache. */
function forEachTransposed(rows: number, columns: number, visit: (row: number, column: number) => void): void {
  for (let tile = 0; tile < rows; tile += TILE) {
    const end = Math.min(rows, tile + TILE);
    for (let column = 0; column < columns; column++) {
      for (let row = tile; row < end; row++) visit(row, column);
    }
  }
}
