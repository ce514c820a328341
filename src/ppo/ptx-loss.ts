/**
 * The pre-training term of PPO-ptx — InstructGPT, https://arxiv.org/abs/2203.02155 eq. 2
 *
 *   L(θ) = −Σ_{b,t} w_{b,t} · log π_θ(x_t)
 *
 * Its rows are other sequences than the policy's completions, and go through the same update: `ptxWeights` is 0 on the
 * completions, and the weights of the policy's loss are 0 on these.
 */
import { checkAxes } from "../engine/shapes.ts";
import type { Tensor } from "../engine/tf.ts";
import type { Loss } from "../policy/loss.ts";

/** Sums: `loss/ptx` is the loss, before its coefficient. */
export const ptxLoss: Loss = {
  name: "ptx",
  fields: ["ptxWeights"],
  compute: ({ logProbs }, batch) => {
    const ptxWeights = batch.ptxWeights as Tensor;
    checkAxes({ logProbs: [logProbs, "B T"], ptxWeights: [ptxWeights, "B T"] });
    const loss = logProbs.mul(ptxWeights).sum().neg(); // []
    return { loss: loss.clone(), sums: { "loss/ptx": loss }, maxima: {} };
  },
};
