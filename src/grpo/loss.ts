/**
 * The GRPO loss — DeepSeekMath eq. 3, https://arxiv.org/abs/2402.03300
 *
 *   L(θ) = Σ_{b,t} w_{b,t} · [ u_{b,t}·ℓ_{b,t} + β·KL_{b,t} − c·H_{b,t} ]
 *
 *   w  weights of the aggregation, 0 on what is not trained      (policy/aggregate.ts)
 *   ℓ  surrogate of the ratio π_θ/π_old and the advantage A      (policy/surrogate.ts, surrogate-*.ts)
 *   u  correction π_old/π_sampler, without gradient              (policy/importance.ts)
 *   KL estimate against the reference policy                     (policy/kl.ts)
 *   H  entropy of the distribution that the token was drawn from
 *
 * The paper has w = sequenceMean, ε_low = ε_high, u = 1, KL = k3, c = 0; the other choices are DAPO, Dr. GRPO, GSPO, CISPO.
 */
import { checkAxes } from "../engine/shapes.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import type { Importance } from "../policy/importance.ts";
import { k1, k2, k3, weightedK3 } from "../policy/kl.ts";
import type { Loss } from "../policy/loss.ts";
import { ratioReport } from "../policy/ratio-report.ts";
import { stopGradient } from "../policy/stop-gradient.ts";
import type { Surrogate } from "../policy/surrogate.ts";

/** KL estimates to differentiate, all [B, T]. The expected gradient of k1 is 0. */
export const KL_LOSSES = { k1, k2, k3, "weighted-k3": weightedK3 } satisfies Record<string, KlLoss>;
export type KlLoss = (logProbs: Tensor, refLogProbs: Tensor, oldLogProbs: Tensor) => Tensor;

export interface GrpoLossOptions {
  readonly surrogate: Surrogate;
  readonly importance: Importance;
  readonly klCoef: number; // β; 0 needs no reference policy
  readonly klLoss: keyof typeof KL_LOSSES;
  readonly entropyCoef: number; // c
  /**
   * "field" reads oldLogProbs. "current" takes the current log-probs for the old ones, which is exact where a batch is
   * used for one update, and saves scoring it.
   */
  readonly old: "field" | "current";
}

/**
 * Fields [B, T]: `advantages`, `weights`, `completionMask` (1 = trained), `samplerLogProbs`; `oldLogProbs` if old is
 * "field"; `refLogProbs` if klCoef > 0.
 *
 * Sums: `loss/policy`, `loss/kl`, `loss/entropy` are shares of the loss; `kl` and those of policy/ratio-report.ts are over
 * trained tokens.
 */
export function grpoLoss(options: GrpoLossOptions): Loss {
  const { surrogate, importance, klCoef, klLoss, entropyCoef, old } = options;
  const fields = ["advantages", "weights", "completionMask", "samplerLogProbs"];
  if (old === "field") fields.push("oldLogProbs");
  if (klCoef > 0) fields.push("refLogProbs");

  return {
    name: `grpo(${surrogate.name},${importance.name},kl=${klCoef}·${klLoss},entropy=${entropyCoef},old=${old})`,
    fields,
    compute: ({ logProbs, entropy }, batch) => {
      checkAxes({
        logProbs: [logProbs, "B T"],
        ...Object.fromEntries(fields.map((name) => [name, [batch[name]!, "B T"] as const])),
      });
      const { advantages: A, weights: w, completionMask: mask, samplerLogProbs } = batch as Record<Field, Tensor>;
      const oldLogProbs = old === "field" ? batch.oldLogProbs! : stopGradient(logProbs); // [B, T]

      const clipped = surrogate.compute(logProbs, oldLogProbs, A, mask);
      const u = importance.compute(oldLogProbs, samplerLogProbs, mask); // [B, T]
      const policy = u.mul(clipped.loss).mul(w).sum(); // []
      const kl = klCoef > 0 ? KL_LOSSES[klLoss](logProbs, batch.refLogProbs!, oldLogProbs) : null; // [B, T]
      const klTerm = kl?.mul(w).sum().mul(klCoef); // []
      const entropyTerm = entropyCoef > 0 ? entropy.mul(w).sum().mul(-entropyCoef) : undefined; // []

      const report = ratioReport({ logProbs, oldLogProbs, samplerLogProbs, entropy, completionMask: mask }, clipped);
      return {
        loss: tf.addN([policy, klTerm, entropyTerm].filter((term) => term !== undefined)), // []
        sums: {
          "loss/policy": policy,
          ...(klTerm && { "loss/kl": klTerm }),
          ...(entropyTerm && { "loss/entropy": entropyTerm }),
          ...report.sums,
          ...(klCoef > 0 && { kl: k3(logProbs, batch.refLogProbs!).mul(mask).sum() }),
        },
        maxima: report.maxima,
      };
    },
  };
}

type Field = "advantages" | "weights" | "completionMask" | "samplerLogProbs";
