/** Rows of different lengths as few program shapes: sorted by length, padded to a bucket, cut into micro-batches. */

/** Lengths are rounded up to a multiple of this, so that few shapes occur. */
const LENGTH_BUCKET = 16;

export interface MicroBatch {
  /** Indices of the rows it holds; fewer than B where the last rows are padding. */
  readonly rows: readonly number[];
  readonly B: number;
  readonly T: number;
}

/** @param maxTokens B·T of a micro-batch stays at or below it, unless one row alone is longer. */
export function microBatches(lengths: readonly number[], maxTokens: number): MicroBatch[] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b);
  const batches: MicroBatch[] = [];
  for (let start = 0; start < order.length; ) {
    const longest = lengths[order[start] as number] as number;
    const T = Math.max(2, Math.ceil(longest / LENGTH_BUCKET)) * LENGTH_BUCKET;
    const most = Math.max(1, Math.floor(maxTokens / T));
    // rows of the same bucket only, so that short rows do not pay for long ones
    const bucket = order
      .slice(start, start + most)
      .filter((row) => (lengths[row] as number) > T - 2 * LENGTH_BUCKET || T <= 32);
    const B = Math.min(most, 2 ** Math.ceil(Math.log2(bucket.length)));
    batches.push({ rows: bucket, B, T });
    start += bucket.length;
  }
  return batches;
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
