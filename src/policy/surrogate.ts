/**
 * The clipped surrogate of PPO (https://arxiv.org/abs/1707.06347 eq. 7) with an asymmetric range (DAPO, "clip-higher").
 *
 *   ℓ_t = −min( ρ_t·A_t, clip(ρ_t, 1−ε_low, 1+ε_high)·A_t )      ρ_t = π_θ(o_t) / π_old(o_t)
 *
 * The gradient vanishes only where A > 0 and ρ > 1+ε_high, or A < 0 and ρ < 1−ε_low. That leaves A < 0 and ρ ≫ 1 without
 * a bound, so ρ is first capped at c: the dual clip of https://arxiv.org/abs/1912.09729, and INTELLECT-2's two-sided clip
 * (δ, https://arxiv.org/abs/2505.07291), which are the same bound because c > 1+ε_high.
 */
import { type Tensor, tf } from "../engine/tf.ts";
import { RlvrError } from "../errors.ts";
import { logRatio } from "./kl.ts";

export interface SurrogateResult {
  /** ℓ, to be minimized. [B, T] */
  readonly loss: Tensor;
  /** 1 = the gradient is cut at the lower bound: A < 0. [B, T] */
  readonly clippedLow: Tensor;
  /** 1 = cut (in CISPO: weight bounded) at the upper bound: A > 0. [B, T] */
  readonly clippedHigh: Tensor;
  /** 1 = cut by the cap on ρ: A < 0. [B, T] */
  readonly clippedDual: Tensor;
}

/** The policy's part of the loss, token by token. All tensors [B, T]; the values where the mask is 0 do not matter. */
export interface Surrogate {
  /** Names it together with its options. */
  readonly name: string;
  readonly compute: (logProbs: Tensor, oldLogProbs: Tensor, A: Tensor, completionMask: Tensor) => SurrogateResult;
}

export interface ClipOptions {
  readonly clipLow: number; // ε_low
  readonly clipHigh: number; // ε_high
  /** c or δ; null = no cap. */
  readonly dualClip?: number | null;
}

/** ρ for each token: GRPO, DAPO, PPO. */
export function clippedSurrogate(options: ClipOptions): Surrogate {
  return {
    name: `clipped(${clipName(options)})`,
    compute: (logProbs, oldLogProbs, A) => clippedLoss(logRatio(logProbs, oldLogProbs).exp(), A, options),
  };
}

/** The equation above for any ratio that broadcasts against A [B, T]. */
export function clippedLoss(ratio: Tensor, A: Tensor, options: ClipOptions): SurrogateResult {
  const { clipLow, clipHigh, dualClip = null } = options;
  if (dualClip !== null && dualClip <= 1 + clipHigh) {
    throw new RlvrError("E_CONFIG", `dualClip is ${dualClip}, expected more than 1 + clipHigh = ${1 + clipHigh}`, {
      hint: "raise dualClip (3 is usual) or turn it off with null",
    });
  }
  const capped = dualClip === null ? ratio : tf.minimum(ratio, dualClip); // [B, T]
  const clipped = ratio.clipByValue(1 - clipLow, 1 + clipHigh); // [B, T]
  const punished = A.less(0).cast("float32"); // [B, T]
  const rewarded = A.greater(0).cast("float32"); // [B, T]
  return {
    loss: tf.minimum(capped.mul(A), clipped.mul(A)).neg(), // [B, T]
    clippedLow: ratio
      .less(1 - clipLow)
      .cast("float32")
      .mul(punished),
    clippedHigh: ratio
      .greater(1 + clipHigh)
      .cast("float32")
      .mul(rewarded),
    clippedDual: dualClip === null ? tf.zerosLike(A) : ratio.greater(dualClip).cast("float32").mul(punished),
  };
}

/** The options as part of a loss's name. */
export function clipName({ clipLow, clipHigh, dualClip = null }: ClipOptions): string {
  return `low=${clipLow},high=${clipHigh},dual=${dualClip}`;
}
