/**
 * CISPO — MiniMax-M1, https://arxiv.org/abs/2506.13585 eq. 4–5
 *
 *   ℓ_t = −sg( clip(ρ_t, w_min, w_max) )·A_t·log π_θ(o_t)
 *
 * REINFORCE with a bounded importance weight: no token ever loses its gradient. The bounds are those of the weight itself,
 * as in TRL (5 and none); verl writes them 1−ε_low and 1+ε_high.
 */
import { tf } from "../engine/tf.ts";
import { logRatio } from "../policy/kl.ts";
import { stopGradient } from "../policy/stop-gradient.ts";
import type { Surrogate } from "../policy/surrogate.ts";

export interface CispoOptions {
  readonly weightMin?: number;
  readonly weightMax: number;
}

export function cispoSurrogate({ weightMin = 0, weightMax }: CispoOptions): Surrogate {
  return {
    name: `cispo(min=${weightMin},max=${weightMax})`,
    compute: (logProbs, oldLogProbs, A) => {
      const ratio = stopGradient(logRatio(logProbs, oldLogProbs)).exp(); // [B, T]
      const weight = ratio.clipByValue(weightMin, weightMax); // [B, T]
      return {
        loss: weight.mul(A).mul(logProbs).neg(), // [B, T]
        clippedLow: ratio.less(weightMin).cast("float32").mul(A.less(0).cast("float32")),
        clippedHigh: ratio.greater(weightMax).cast("float32").mul(A.greater(0).cast("float32")),
        clippedDual: tf.zerosLike(A),
      };
    },
  };
}
