/**
 * Kahneman–Tversky optimization — https://arxiv.org/abs/2402.01306 eq. 7, 8
 *
 *   desirable     λ_D·(1 − σ(β·(r − z)))
 *   undesirable   λ_U·(1 − σ(β·(z − r)))      r = log π(y | x) − log ref(y | x)
 *   z = max(0, mean of r over mismatched prompts and completions), held fixed: an estimate of KL(π ‖ ref)
 *
 * It needs no pairs, and a batch may have one class only. The paper asks that λ_D·n_D / (λ_U·n_U) lie in [1, 4/3].
 */
import { average } from "../policy/statistics.ts";
import { sigmoid } from "./logistic.ts";
import type { CompletionLogProb } from "./pair-loss.ts";
import type { SequenceLoss } from "./two-pass.ts";

export interface KtoExample extends Pick<CompletionLogProb, "sum" | "reference"> {
  readonly desirable: boolean;
}

export interface KtoOptions {
  readonly beta: number;
  /** λ_D */
  readonly desirableWeight: number;
  /** λ_U */
  readonly undesirableWeight: number;
}

/** z, of log-probs of completions behind prompts that they do not belong to; 0 without any. */
export function ktoReferencePoint(mismatched: readonly Pick<CompletionLogProb, "sum" | "reference">[]): number {
  const total = mismatched.reduce((sum, { sum: logProb, reference }) => sum + logProb - reference, 0);
  return mismatched.length === 0 ? 0 : Math.max(0, total / mismatched.length);
}

/** Mean over examples; gradients in their order. [B] */
export function ktoLoss(
  examples: readonly KtoExample[],
  z: number,
  { beta, desirableWeight, undesirableWeight }: KtoOptions,
): SequenceLoss & { readonly losses: readonly number[] } {
  const B = examples.length;
  const results = examples.map(({ sum, reference, desirable }) => {
    const sign = desirable ? 1 : -1;
    const weight = desirable ? desirableWeight : undesirableWeight;
    const value = sigmoid(sign * beta * (sum - reference - z));
    return { loss: weight * (1 - value), gradient: -weight * sign * beta * value * (1 - value) };
  });
  const rewards = (wanted: boolean) =>
    examples.filter(({ desirable }) => desirable === wanted).map(({ sum, reference }) => beta * (sum - reference));
  const [good, bad] = [rewards(true), rewards(false)];
  return {
    loss: results.reduce((sum, { loss }) => sum + loss / B, 0),
    losses: results.map(({ loss }) => loss),
    gradients: results.map(({ gradient }) => gradient / B),
    metrics: {
      "preference/kl": z,
      // of a class that the batch lacks there is nothing to log
      ...(good.length > 0 ? { "preference/reward_chosen": average(good) } : {}),
      ...(bad.length > 0 ? { "preference/reward_rejected": average(bad) } : {}),
      ...(good.length > 0 && bad.length > 0 ? { "preference/margin": average(good) - average(bad) } : {}),
    },
  };
}
