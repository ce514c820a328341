/** Clipping by the global norm, as PyTorch: g ← g · min(1, max / (‖g‖ + 1e-6)). */

const EPS = 1e-6; // PyTorch's

/** Square root of the sum of squares, summed in double precision; NaN or infinite where an element is. */
export function globalNorm(grads: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < grads.length; i++) sum += grads[i]! * grads[i]!;
  return Math.sqrt(sum);
}

/** What to multiply gradients of norm `norm` by, at most 1. */
export function clipCoefficient(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + EPS));
}
