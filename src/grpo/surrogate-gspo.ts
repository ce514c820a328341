/**
 * GSPO — https://arxiv.org/abs/2507.18071 eq. 5–7
 *
 *   s_i = exp( (1/|o_i|) Σ_t log π_θ(o_t)/π_old(o_t) )      ℓ_i = −min( s_i·A_i, clip(s_i, 1−ε_low, 1+ε_high)·A_i )
 *
 * The ratio of a sequence, because the reward is one of a sequence; whole sequences are clipped. s stays near 1, so the
 * range is tiny: 3e-4 and 4e-4 in the paper. ℓ_i stands on each of its tokens: `sequenceMean` gives the paper's loss, while
 * `tokenMean` brings the length bias back. Exactly on-policy it is the token-level loss.
 */
import { tf } from "../engine/tf.ts";
import { LOG_RATIO_LIMIT } from "../policy/kl.ts";
import { type ClipOptions, clipName, clippedLoss, type Surrogate } from "../policy/surrogate.ts";

export function gspoSurrogate(options: ClipOptions): Surrogate {
  return {
    name: `gspo(${clipName(options)})`,
    compute: (logProbs, oldLogProbs, A, completionMask) => {
      const length = tf.maximum(completionMask.sum(1, true), 1); // [B, 1]
      const mean = logProbs.sub(oldLogProbs).mul(completionMask).sum(1, true).div(length); // [B, 1]
      const s = mean.clipByValue(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT).exp(); // [B, 1]
      return clippedLoss(s.mul(tf.onesLike(A)), A, options); // s on each token: [B, T]
    },
  };
}
