/** What a loss on probability ratios logs, whatever the algorithm: sums for each micro-batch, and metrics made of them. */
import type { Tensor } from "../engine/tf.ts";
import type { MetricName } from "../metrics.ts";
import { tokenRatio } from "./importance.ts";
import { k3, LOG_RATIO_LIMIT, logRatio } from "./kl.ts";
import type { LossResult, StepReport } from "./loss.ts";
import { average } from "./statistics.ts";
import type { SurrogateResult } from "./surrogate.ts";

/** All [B, T]. */
export interface RatioTensors {
  readonly logProbs: Tensor;
  readonly oldLogProbs: Tensor;
  readonly samplerLogProbs: Tensor;
  readonly entropy: Tensor;
  /** 1 = trained. */
  readonly completionMask: Tensor;
}

/**
 * `tokens` counts trained tokens, and the other sums are over these tokens. Maxima of ratios are logarithms, and a smallest
 * one is written −log min.
 */
export function ratioReport(
  { logProbs, oldLogProbs, samplerLogProbs, entropy, completionMask: mask }: RatioTensors,
  { clippedLow, clippedHigh, clippedDual }: SurrogateResult,
): Pick<LossResult, "sums" | "maxima"> {
  const masked = (x: Tensor) => x.mul(mask).sum(); // []
  const mismatch = oldLogProbs.sub(samplerLogProbs).abs(); // [B, T]
  const drift = logRatio(logProbs, oldLogProbs); // [B, T]
  const correction = logRatio(oldLogProbs, samplerLogProbs); // [B, T]
  return {
    sums: {
      tokens: mask.sum(),
      entropy: masked(entropy),
      "kl/old": masked(k3(oldLogProbs, logProbs)),
      "clip/low": masked(clippedLow),
      "clip/high": masked(clippedHigh),
      "clip/dual": masked(clippedDual),
      mismatch: masked(mismatch),
      importance: masked(tokenRatio(oldLogProbs, samplerLogProbs)),
    },
    maxima: {
      "mismatch/max": mismatch.mul(mask).max(),
      "ratio/log_max": maximum(drift, mask),
      "ratio/minus_log_min": maximum(drift.neg(), mask),
      "importance/log_max": maximum(correction, mask),
      "importance/minus_log_min": maximum(correction.neg(), mask),
    },
  };
}

/** Largest clamped log ratio where the mask is 1; −20, which none is below, where it is 0. [B, T] → [] */
function maximum(x: Tensor, mask: Tensor): Tensor {
  return x.mul(mask).add(mask.sub(1).mul(LOG_RATIO_LIMIT)).max();
}

/**
 * From the reports of the step's applied updates. Per-token sums become means over all tokens of all updates. What is said
 * of the sampler comes from the first epoch alone, which sees each token once.
 *
 * @param firstEpoch how many of the reports belong to it
 */
export function ratioMetrics(reports: readonly StepReport[], firstEpoch: number): { [Name in MetricName]?: number } {
  if (reports.length === 0) return {};
  const total = (key: string, of = reports) => of.reduce((sum, { metrics }) => sum + (metrics[key] ?? 0), 0);
  const largest = (key: string, of = reports) => Math.max(...of.map(({ metrics }) => metrics[key] ?? 0));
  const mean = (key: string, of = reports) => total(key, of) / total("tokens", of);
  const shares = (key: string) => reports.map(({ metrics }) => (metrics[key] ?? 0) / metrics.tokens!);
  const first = reports.slice(0, firstEpoch);
  return {
    entropy: mean("entropy"),
    "kl/old": mean("kl/old"),
    "clip_ratio/low_mean": mean("clip/low"),
    "clip_ratio/low_min": Math.min(...shares("clip/low")),
    "clip_ratio/high_mean": mean("clip/high"),
    "clip_ratio/high_max": Math.max(...shares("clip/high")),
    "clip_ratio/region_mean": mean("clip/low") + mean("clip/high"),
    "clip_ratio/dual_mean": mean("clip/dual"),
    grad_norm: average(reports.map(({ gradNorm }) => gradNorm)),
    "update/tokens": total("tokens"),
    "sampling/sampling_logp_difference/mean": mean("mismatch", first),
    "sampling/sampling_logp_difference/max": largest("mismatch/max", first),
    "sampling/importance_sampling_ratio/min": Math.exp(-largest("importance/minus_log_min", first)),
    "sampling/importance_sampling_ratio/mean": mean("importance", first),
    "sampling/importance_sampling_ratio/max": Math.exp(largest("importance/log_max", first)),
  };
}
