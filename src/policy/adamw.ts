/**
 * AdamW, decoupled weight decay (Loshchilov & Hutter, https://arxiv.org/abs/1711.05101), as in PyTorch.
 *
 *   m ← β₁m + (1−β₁)g      v ← β₂v + (1−β₂)g²
 *   θ ← θ − η·λ·θ − η · (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)
 *
 * ε stands outside the bias-corrected root; TensorFlow 1's "epsilon-hat" differs for tiny gradients.
 */
import { checkAxes } from "../engine/shapes.ts";
import { type Tensor, tf } from "../engine/tf.ts";

export interface AdamwInput {
  readonly params: Tensor; // [N], all parameters flat
  readonly grads: Tensor; // [N]
  readonly firstMoment: Tensor; // [N]
  readonly secondMoment: Tensor; // [N]
  /** 1 = decayed; without it every parameter is. [N] */
  readonly decayMask?: Tensor;
}

/** A scalar tensor where one traced program must serve changing values, a number where it is fixed. */
export type Scalar = Tensor | number;

export interface AdamwOptions {
  readonly learningRate: Scalar; // η
  readonly beta1: Scalar;
  readonly beta2: Scalar;
  readonly eps: Scalar;
  readonly weightDecay: Scalar; // λ
  readonly biasCorrection1: Scalar; // 1 − β₁ᵗ
  readonly biasCorrection2: Scalar; // 1 − β₂ᵗ
}

export interface AdamwResult {
  readonly params: Tensor; // [N]
  readonly firstMoment: Tensor; // [N]
  readonly secondMoment: Tensor; // [N]
}

/** 1 − βᵗ for both moments, for update number t = 1, 2, … */
export function biasCorrections(
  t: number,
  beta1: number,
  beta2: number,
): { biasCorrection1: number; biasCorrection2: number } {
  return { biasCorrection1: 1 - beta1 ** t, biasCorrection2: 1 - beta2 ** t };
}

/** One update. Returns new tensors; the arguments stay as they are. */
export function adamwStep(input: AdamwInput, options: AdamwOptions): AdamwResult {
  const { params, grads, decayMask } = input;
  const { learningRate, beta1, beta2, eps, weightDecay, biasCorrection1, biasCorrection2 } = options;
  checkAxes({
    params: [params, "N"],
    grads: [grads, "N"],
    firstMoment: [input.firstMoment, "N"],
    secondMoment: [input.secondMoment, "N"],
    ...(decayMask === undefined ? {} : { decayMask: [decayMask, "N"] as const }),
  });

  const [theta, m, v] = tf.tidy(() => {
    const m = input.firstMoment.mul(beta1).add(grads.mul(oneMinus(beta1))); // [N]
    const v = input.secondMoment.mul(beta2).add(grads.square().mul(oneMinus(beta2))); // [N]
    const step = m.div(biasCorrection1).div(v.div(biasCorrection2).sqrt().add(eps)); // [N]
    const decayed = decayMask === undefined ? params : params.mul(decayMask); // [N]
    const theta = params.sub(decayed.mul(weightDecay).add(step).mul(learningRate)); // [N]
    return [theta, m, v] as [Tensor, Tensor, Tensor];
  });
  return { params: theta, firstMoment: m, secondMoment: v };
}

/** In double precision for a number: 1 − 0.999 loses four digits in float32. */
function oneMinus(beta: Scalar): Scalar {
  return typeof beta === "number" ? 1 - beta : tf.sub(1, beta);
}
