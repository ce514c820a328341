/**
 * Whitening over the masked elements of a batch: x̂ = (x − μ) / √(σ² + ε).
 *
 * Two functions rather than a flag, because libraries disagree on what `shift_mean = true` does.
 */
export interface WhitenOptions {
  /** σ² divides by n − ddof: 1 in TRL and verl, 0 in lm-human-preferences and OpenRLHF. */
  readonly ddof?: 0 | 1;
  readonly eps?: number;
}

type Rows = readonly ArrayLike<number>[];

/** Mean 0, variance 1; masked-out elements are 0, and so is a single valid element. [B][T] */
export function whiten(values: Rows, mask: Rows, options: WhitenOptions = {}): number[][] {
  const { mean, scale } = moments(values, mask, options);
  return mapMasked(values, mask, (x) => (x - mean) / scale);
}

/** Variance 1, the mean stays; masked-out elements are 0. For rewards. [B][T] */
export function rescale(values: Rows, mask: Rows, options: WhitenOptions = {}): number[][] {
  const { mean, scale } = moments(values, mask, options);
  return mapMasked(values, mask, (x) => (x - mean) / scale + mean);
}

function moments(values: Rows, mask: Rows, { ddof = 1, eps = 1e-8 }: WhitenOptions): { mean: number; scale: number } {
  const valid = values.flatMap((row, b) => Array.from(row).filter((_, t) => mask[b]![t] !== 0));
  const mean = valid.reduce((sum, x) => sum + x, 0) / Math.max(valid.length, 1);
  const squares = valid.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, scale: Math.sqrt(squares / Math.max(valid.length - ddof, 1) + eps) };
}

function mapMasked(values: Rows, mask: Rows, f: (x: number) => number): number[][] {
  return values.map((row, b) => Array.from(row, (x, t) => (mask[b]![t] === 0 ? 0 : f(x))));
}
