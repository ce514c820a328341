/** Rows of different lengths as few program shapes: sorted by length, padded to a bucket, cut into micro-batches. */

/** Lengths are rounded up to a multiple of this, so that few shapes occur. */
const LENGTH_BUCKET = 8;
/** A row shares a micro-batch with rows that are longer by less than this. */
const SLACK = 32;

export interface MicroBatch {
  /** Indices of the rows it holds; fewer than B where the last rows are padding. */
  readonly rows: readonly number[];
  readonly B: number;
  readonly T: number;
}

/**
 * B is a power of two, or as many rows as fit: shapes come from a small set, whatever the lengths.
 *
 * @param maxTokens B·T of a micro-batch stays at or below it, unless one row alone is longer
 * @param lanes how many micro-batches run side by side: none is so large that a lane stays idle
 */
export function microBatches(lengths: readonly number[], maxTokens: number, lanes = 1): MicroBatch[] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const share = powerOfTwo(order.length / lanes);
  const batches: MicroBatch[] = [];
  for (let start = 0; start < order.length; start += batches.at(-1)!.rows.length) {
    const T = Math.max(2, Math.ceil(lengths[order[start]!]! / LENGTH_BUCKET)) * LENGTH_BUCKET;
    const most = Math.max(1, Math.floor(maxTokens / T));
    // short rows do not pay for long ones; the order is by length, so those that stay are the first
    const rows = order
      .slice(start, start + Math.min(most, share))
      .filter((row) => lengths[row]! > T - SLACK || T <= SLACK);
    batches.push({ rows, B: Math.min(most, powerOfTwo(rows.length)), T });
  }
  return batches;
}

/** The smallest power of two that is not below x ≥ 0: at least 1. */
function powerOfTwo(x: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, x)));
}

/** Which of `count` lanes runs which micro-batches: each, in order, goes to the lane with the fewest padded tokens. */
export function lanes(batches: readonly MicroBatch[], count: number): number[][] {
  const work = Array.from({ length: count }, () => ({ tokens: 0, indices: [] as number[] }));
  for (const [index, { B, T }] of batches.entries()) {
    const lane = work.reduce((least, other) => (other.tokens < least.tokens ? other : least));
    lane.tokens += B * T;
    lane.indices.push(index);
  }
  return work.map(({ indices }) => indices);
}

/** Rows of integers as one padded array. → [B, T] */
export function padTokens(batch: MicroBatch, rowOf: (row: number) => Int32Array, padId: number): Int32Array {
  const out = new Int32Array(batch.B * batch.T).fill(padId);
  for (const [b, row] of batch.rows.entries()) out.set(rowOf(row), b * batch.T);
  return out;
}

/** Rows of numbers as one array padded with 0. → [B, T] */
export function padNumbers(batch: MicroBatch, rowOf: (row: number) => Float32Array): Float32Array {
  const out = new Float32Array(batch.B * batch.T);
  for (const [b, row] of batch.rows.entries()) out.set(rowOf(row), b * batch.T);
  return out;
}
