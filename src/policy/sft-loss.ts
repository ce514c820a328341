/**
 * Supervised fine-tuning: teacher-forced cross-entropy on the completion's tokens, the end-of-sequence token included.
 *
 *   L(θ) = −Σ_t w_t log π_θ(o_t)
 *
 * With the weights of `tokenMean` over completion masks this is the mean negative log-likelihood of a completion token.
 */
import { checkAxes } from "../engine/shapes.ts";
import type { Loss } from "./loss.ts";

/** Field `weights`: 0 on prompt and padding. Sums `tokens` and `nll` (nats): perplexity = exp(nll / tokens). */
export const sftLoss: Loss = {
  name: "sft",
  fields: ["weights"],
  compute: ({ logProbs, entropy }, batch) => {
    const weights = batch.weights!;
    checkAxes({ logProbs: [logProbs, "B T"], weights: [weights, "B T"] });
    const trained = weights.greater(0).cast("float32"); // [B, T]
    return {
      loss: logProbs.mul(weights).sum().neg(), // []
      sums: {
        tokens: trained.sum(),
        nll: logProbs.mul(trained).sum().neg(),
        entropy: entropy.mul(trained).sum(),
      },
      maxima: {},
    };
  },
};
