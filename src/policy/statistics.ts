/** Arithmetic mean; 0 for no values. */
export function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** Σ (x − mean)² / (n − ddof); 0 for fewer than two values. */
export function variance(values: readonly number[], ddof: 0 | 1): number {
  if (values.length < 2) return 0;
  const mean = average(values);
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - ddof);
}
