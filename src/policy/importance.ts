/**
 * Corrections for samples that the trainer would not have drawn quite so: another kernel, precision or batch shape, or
 * weights that are a few updates old. https://fengyao.notion.site/off-policy-rl (2025)
 *
 *   w_t = π_old(o_t) / π_sampler(o_t)
 *
 * The weight multiplies the policy's term only, never the KL, and no gradient flows through it.
 */
import { type Tensor, tf } from "../engine/tf.ts";
import { LOG_RATIO_LIMIT, logRatio } from "./kl.ts";
import { stopGradient } from "./stop-gradient.ts";

/** All tensors [B, T]. */
export interface Importance {
  /** Names it together with its options. */
  readonly name: string;
  /** w, 0 where the mask is 0. */
  readonly compute: (oldLogProbs: Tensor, samplerLogProbs: Tensor, completionMask: Tensor) => Tensor;
}

/** The weight that a ratio outside of [min, max] gets: the bound, or 0. */
export interface ImportanceOptions {
  readonly max: number;
  readonly min?: number;
}

/** No correction: 1 on every trained token. */
export const noCorrection: Importance = { name: "none", compute: (_old, _sampler, completionMask) => completionMask };

/** min(w_t, max). Truncated importance sampling (TIS): biased, of bounded variance. */
export function truncateTokens({ max, min = 0 }: ImportanceOptions): Importance {
  return {
    name: `token-truncate(${min},${max})`,
    compute: (oldLogProbs, samplerLogProbs, completionMask) =>
      tokenRatio(oldLogProbs, samplerLogProbs).clipByValue(min, max).mul(completionMask), // [B, T]
  };
}

/** w_t inside [min, max], else 0: the token leaves the gradient. IcePop, with .5 and 5. */
export function maskTokens({ max, min = 0 }: ImportanceOptions): Importance {
  return {
    name: `token-mask(${min},${max})`,
    compute: (oldLogProbs, samplerLogProbs, completionMask) => {
      const ratio = tokenRatio(oldLogProbs, samplerLogProbs); // [B, T]
      return ratio.mul(inside(ratio, min, max)).mul(completionMask);
    },
  };
}

/** min(Π_t w_t, max) on every token of the sequence. */
export function truncateSequences({ max, min = 0 }: ImportanceOptions): Importance {
  return {
    name: `sequence-truncate(${min},${max})`,
    compute: (oldLogProbs, samplerLogProbs, completionMask) =>
      sequenceRatio(oldLogProbs, samplerLogProbs, completionMask).clipByValue(min, max).mul(completionMask), // [B, T]
  };
}

/** Π_t w_t inside [min, max], else 0: the sequence leaves the gradient. TRL's default, with 0 and 3. */
export function maskSequences({ max, min = 0 }: ImportanceOptions): Importance {
  return {
    name: `sequence-mask(${min},${max})`,
    compute: (oldLogProbs, samplerLogProbs, completionMask) => {
      const ratio = sequenceRatio(oldLogProbs, samplerLogProbs, completionMask); // [B, 1]
      return ratio.mul(inside(ratio, min, max)).mul(completionMask); // [B, T]
    },
  };
}

/** π_old / π_sampler, without gradient. [B, T] */
export function tokenRatio(oldLogProbs: Tensor, samplerLogProbs: Tensor): Tensor {
  return stopGradient(logRatio(oldLogProbs, samplerLogProbs)).exp();
}

function sequenceRatio(oldLogProbs: Tensor, samplerLogProbs: Tensor, completionMask: Tensor): Tensor {
  const sum = oldLogProbs.sub(samplerLogProbs).mul(completionMask).sum(1, true); // [B, 1]
  return stopGradient(sum.clipByValue(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)).exp();
}

/** 1 = min ≤ ratio ≤ max. Written with ≥ alone: TensorFlow.js has no gradient, not even 0, for ≤ and logical and. */
function inside(ratio: Tensor, min: number, max: number): Tensor {
  return ratio.greaterEqual(min).cast("float32").mul(tf.greaterEqual(max, ratio).cast("float32"));
}
