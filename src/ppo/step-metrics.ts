/** The numbers of one step, under the names of src/metrics.ts. Pure: arrays in, record out. */
import type { MetricName } from "../metrics.ts";
import { completionMetrics } from "../policy/completion-metrics.ts";
import { klOfToken } from "../policy/kl.ts";
import type { StepReport } from "../policy/loss.ts";
import { ratioMetrics } from "../policy/ratio-report.ts";
import { written } from "../policy/sampled.ts";
import { average, variance } from "../policy/statistics.ts";
import type { Episode } from "./episode.ts";
import { explainedVariance } from "./explained-variance.ts";
import { isUsable } from "./token-rewards.ts";
import type { Updates } from "./update.ts";

export type StepMetrics = { [Name in MetricName]?: number };

/** Rewards as their source gave them, of every completion that was sampled. */
export function sampleMetrics(episodes: readonly Episode[]): StepMetrics {
  return completionMetrics(
    episodes.map(({ given, length, trajectory: { truncated } }) => ({
      ...{ reward: isUsable(given) ? given.score : null, length, truncated, parts: given.parts },
    })),
  );
}

/** Of the episodes that are trained on, before the update. `klCoef` is β of this step. */
export function episodeMetrics(episodes: readonly Episode[], klCoef: number): StepMetrics {
  if (episodes.length === 0) return {};
  const values = episodes.flatMap((episode) => episode.values);
  const returns = episodes.flatMap((episode) => episode.returns);
  const explained = explainedVariance(returns, values);
  const advantages = episodes.flatMap((episode) => episode.advantages);
  return {
    "critic/values/mean": average(values),
    "critic/returns/mean": average(returns),
    ...(explained !== null && { "critic/vf_explained_var": explained }),
    "advantage/std": Math.sqrt(variance(advantages, 1)),
    "objective/rlhf_reward": average(episodes.map(({ rewards }) => rewards.reduce((sum, r) => sum + r, 0))),
    ...referenceMetrics(episodes, klCoef),
  };
}

function referenceMetrics(episodes: readonly Episode[], klCoef: number): StepMetrics {
  const tokens = episodes.flatMap(({ refLogProbs, oldLogProbs, trajectory }) => {
    const logProbs = refLogProbs && written(oldLogProbs, trajectory.completionMask);
    return logProbs?.map((logProb, t) => klOfToken.k3(logProb, refLogProbs![t]!)) ?? [];
  });
  if (tokens.length === 0) return {};
  return {
    kl: average(tokens),
    "objective/kl": average(episodes.map(({ seqKl }) => seqKl)),
    "objective/kl_coef": klCoef,
  };
}

export function updateMetrics({ applied, inFirstEpoch, skipped, stoppedEarly, learningRate }: Updates): StepMetrics {
  const { policy, critic } = applied;
  const judged = critic.length > 0 ? critic : policy.filter(({ metrics }) => "loss/value" in metrics);
  const failed = policy.length + critic.length === 0 && skipped > 0;
  return {
    ...policyMetrics(policy, inFirstEpoch),
    ...(judged.length > 0 && {
      "critic/vf_loss": each(judged, "loss/value"),
      "critic/vf_clipfrac": perToken(judged, "value/clipped"),
    }),
    ...(critic.length > 0 && {
      "critic/grad_norm": average(critic.map(({ gradNorm }) => gradNorm)),
      "critic/learning_rate": learningRate.critic,
    }),
    ...(failed && { loss: Number.NaN, grad_norm: Number.NaN }),
    learning_rate: learningRate.policy,
    "policy/stopped_early": stoppedEarly ? 1 : 0,
    "update/skipped": skipped,
  };
}

function policyMetrics(reports: readonly StepReport[], inFirstEpoch: number): StepMetrics {
  if (reports.length === 0) return {};
  const has = (key: string) => reports.some(({ metrics }) => key in metrics);
  return {
    loss: each(reports, "loss"),
    "loss/policy": each(reports, "loss/policy"),
    ...(has("loss/entropy") && { "loss/entropy": each(reports, "loss/entropy") }),
    ...(has("loss/ptx") && { "loss/ptx": each(reports, "loss/ptx") }),
    ...ratioMetrics(reports, inFirstEpoch),
    "policy/approx_kl": perToken(reports, "approx_kl"),
  };
}

/** Mean over updates. */
function each(reports: readonly StepReport[], key: string): number {
  return average(reports.map(({ metrics }) => metrics[key] ?? 0));
}

/** Sum over all tokens of all updates, divided by their number. */
function perToken(reports: readonly StepReport[], key: string): number {
  const total = (name: string) => reports.reduce((sum, { metrics }) => sum + (metrics[name] ?? 0), 0);
  return total(key) / total("tokens");
}
