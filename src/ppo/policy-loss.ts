/**
 * The policy's loss — PPO, https://arxiv.org/abs/1707.06347 eq. 7 and 9
 *
 *   L(θ) = Σ_{b,t} w_{b,t} · [ u_{b,t}·ℓ_{b,t} − c·H_{b,t} ]
 *
 *   w  weights of the aggregation, 0 on what is not trained      (policy/aggregate.ts)
 *   ℓ  clipped surrogate of the ratio π_θ/π_old and A            (policy/surrogate.ts)
 *   u  correction π_old/π_sampler, without gradient              (policy/importance.ts)
 *   H  entropy of the distribution that the token was drawn from
 *
 * The KL to a reference policy is not here: it is part of the reward (token-rewards.ts).
 */
import { checkAxes } from "../engine/shapes.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import type { Importance } from "../policy/importance.ts";
import { k2 } from "../policy/kl.ts";
import type { Loss } from "../policy/loss.ts";
import { ratioReport } from "../policy/ratio-report.ts";
import type { Surrogate } from "../policy/surrogate.ts";

export interface PpoPolicyLossOptions {
  readonly surrogate: Surrogate;
  readonly importance: Importance;
  readonly entropyCoef: number; // c
}

const FIELDS = ["advantages", "weights", "completionMask", "samplerLogProbs", "oldLogProbs"] as const;

/**
 * Fields [B, T]: `advantages`, `weights`, `completionMask` (1 = trained), `samplerLogProbs`, `oldLogProbs`.
 *
 * Sums: `loss/policy` and `loss/entropy` are shares of the loss; `approx_kl` (k2 against the old policy) and those of
 * policy/ratio-report.ts are over trained tokens.
 */
export function ppoPolicyLoss({ surrogate, importance, entropyCoef }: PpoPolicyLossOptions): Loss {
  return {
    name: `ppo-policy(${surrogate.name},${importance.name},entropy=${entropyCoef})`,
    fields: FIELDS,
    compute: ({ logProbs, entropy }, batch) => {
      checkAxes({
        logProbs: [logProbs, "B T"],
        ...Object.fromEntries(FIELDS.map((name) => [name, [batch[name]!, "B T"] as const])),
      });
      const {
        advantages: A,
        weights: w,
        completionMask,
        samplerLogProbs,
        oldLogProbs,
      } = batch as Record<(typeof FIELDS)[number], Tensor>;

      const clipped = surrogate.compute(logProbs, oldLogProbs, A, completionMask);
      const u = importance.compute(oldLogProbs, samplerLogProbs, completionMask); // [B, T]
      const policy = u.mul(clipped.loss).mul(w).sum(); // []
      const entropyTerm = entropyCoef > 0 ? entropy.mul(w).sum().mul(-entropyCoef) : null; // []

      const { sums, maxima } = ratioReport(
        { logProbs, oldLogProbs, samplerLogProbs, entropy, completionMask },
        clipped,
      );
      return {
        loss: entropyTerm === null ? policy.clone() : tf.add(policy, entropyTerm), // []
        sums: {
          "loss/policy": policy,
          ...(entropyTerm && { "loss/entropy": entropyTerm }),
          ...sums,
          approx_kl: k2(oldLogProbs, logProbs).mul(completionMask).sum(),
        },
        maxima,
      };
    },
  };
}
