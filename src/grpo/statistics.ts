/** Rewards that differ by less are equal: a sum of parts in another order must not look like a signal (SkyRL's value). */
export const ZERO_VARIANCE_TOLERANCE = 1e-6;

/** Whether no two of the values differ by more than the tolerance. True for none or one. */
export function isEqual(values: readonly number[], tolerance: number = ZERO_VARIANCE_TOLERANCE): boolean {
  return values.length < 2 || Math.max(...values) - Math.min(...values) <= tolerance;
}
