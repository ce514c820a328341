/**
 * AdamW, decoupled weight decay (Loshchilov & Hutter, https://arxiv.org/abs/1711.05101), as in PyTorch.
 *
 *   m ← β₁m + (1−β₁)g      v ← β₂v + (1−β₂)g²
 *   θ ← θ − η·λ·θ − η · (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)
 *
 * ε stands outside the bias-corrected root; TensorFlow 1's "epsilon-hat" differs for tiny gradients.
 *
 * One pass over plain arrays, in place. As operations of a graph it is some twenty passes over vectors as long as the model,
 * and a copy of each of them (docs/performance.md).
 */
import { RlvrError } from "../errors.ts";

export interface AdamwArrays {
  readonly params: Float32Array; // [P], updated
  readonly grads: Float32Array; // [P]
  readonly firstMoment: Float32Array; // [P], updated
  readonly secondMoment: Float32Array; // [P], updated
}

export interface AdamwOptions {
  readonly learningRate: number; // η
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number; // λ
  /** Number of this update: 1, 2, … */
  readonly t: number;
  /** What the gradients are multiplied by first: the clip coefficient. */
  readonly gradScale?: number;
}

/** One update, in double precision between the float32 arrays. @throws RlvrError E_SHAPE where their lengths differ */
export function adamwStep({ params, grads, firstMoment, secondMoment }: AdamwArrays, options: AdamwOptions): void {
  for (const [name, values] of Object.entries({ grads, firstMoment, secondMoment })) {
    if (values.length === params.length) continue;
    throw new RlvrError("E_SHAPE", `${name} has ${values.length} elements, expected those of params, ${params.length}`);
  }
  const { learningRate, beta1, beta2, eps, weightDecay, t, gradScale = 1 } = options;
  const correction1 = 1 - beta1 ** t;
  const correction2 = 1 - beta2 ** t;
  const keep = 1 - learningRate * weightDecay;
  for (let i = 0; i < params.length; i++) {
    const g = grads[i]! * gradScale;
    const m = beta1 * firstMoment[i]! + (1 - beta1) * g;
    const v = beta2 * secondMoment[i]! + (1 - beta2) * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    params[i] = keep * params[i]! - (learningRate * (m / correction1)) / (Math.sqrt(v / correction2) + eps);
  }
}
