/** Clipping by the global norm, as PyTorch: g ← g · min(1, max / (‖g‖ + 1e-6)). */
import { type Tensor, tf } from "../engine/tf.ts";
import type { Scalar } from "./adamw.ts";

const EPS = 1e-6; // PyTorch's

/** Square root of the sum of the squares of all elements of all tensors. [] */
export function globalNorm(grads: readonly Tensor[]): Tensor {
  return tf.tidy(() => tf.addN(grads.map((grad) => grad.square().sum())).sqrt());
}

/** What to multiply gradients of norm `norm` [] by, at most 1. [] */
export function clipCoefficient(norm: Tensor, maxNorm: Scalar): Tensor {
  return tf.tidy(() => tf.minimum(tf.div(maxNorm, norm.add(EPS)), 1));
}
