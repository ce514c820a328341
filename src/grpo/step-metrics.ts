/** The numbers of one step, under the names of src/metrics.ts. Pure: arrays in, record out. */
import type { MetricName } from "../metrics.ts";
import { completionMetrics, share } from "../policy/completion-metrics.ts";
import type { StepReport } from "../policy/loss.ts";
import { ratioMetrics } from "../policy/ratio-report.ts";
import { average, variance } from "../policy/statistics.ts";
import type { Candidate } from "./batch.ts";
import type { Collected } from "./collect.ts";
import { hasSignal } from "./dynamic-sampling.ts";

export type StepMetrics = { [Name in MetricName]?: number };

/** Rewards as the verifier gave them, on every sampled group: filtered groups must not flatter the curve. */
export function sampleMetrics({ sampled, kept, rounds }: Collected, tolerance: number): StepMetrics {
  const groups = sampled.map(({ candidates }) => ({ rewards: candidates.map(rawReward) }));
  const candidates = sampled.flatMap((group) => group.candidates);
  return {
    ...completionMetrics(
      candidates.map((candidate) => ({
        reward: rawReward(candidate),
        length: candidate.length,
        truncated: candidate.trajectory.truncated,
        parts: candidate.trajectory.rewardParts,
      })),
    ),
    reward_std: average(
      groups.map(({ rewards }) =>
        Math.sqrt(
          variance(
            rewards.filter((r) => r !== null),
            1,
          ),
        ),
      ),
    ),
    frac_reward_zero_std: share(groups.filter((group) => !hasSignal(group, tolerance)).length, groups.length),
    "dynamic/discarded_share": share(sampled.length - kept.length, sampled.length),
    "dynamic/rounds": rounds,
  };
}

/** The verifier's reward, null if it was not graded or not finite. */
function rawReward({ trajectory: { reward } }: Candidate): number | null {
  return reward !== null && Number.isFinite(reward) ? reward : null;
}

/** From the reports of the step's applied updates; `firstEpoch` of them belong to the first epoch. */
export function updateMetrics(reports: readonly StepReport[], firstEpoch: number): StepMetrics {
  if (reports.length === 0) return {};
  const total = (key: string) => reports.reduce((sum, { metrics }) => sum + (metrics[key] ?? 0), 0);
  const each = (key: string) => total(key) / reports.length;
  const has = (key: string) => reports.some(({ metrics }) => key in metrics);
  return {
    loss: each("loss"),
    "loss/policy": each("loss/policy"),
    ...(has("loss/kl") && { "loss/kl": each("loss/kl") }),
    ...(has("loss/entropy") && { "loss/entropy": each("loss/entropy") }),
    ...(has("kl") && { kl: total("kl") / total("tokens") }),
    ...ratioMetrics(reports, firstEpoch),
  };
}
