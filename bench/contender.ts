/** Who takes part in a benchmark: one side of a comparison, warm and waiting for its turn. */

export interface Contender {
  readonly name: string;
  /** What it runs with: versions, threads, parameters. Kept in the results. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /**
   * Repeats the workload `reps` times: the seconds of each repetition, the tokens that one repetition processes, and for
   * a process of its own the most memory that it has had.
   */
  run(reps: number): Promise<{ seconds: number[]; tokens: number; peakBytes?: number }>;
  close(): Promise<void>;
}

/** The median; of an even number of values, the mean of the middle two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("median has no values, expected at least one");
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
