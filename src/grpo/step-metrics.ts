/** The numbers of one step, under the names of src/metrics.ts. Pure: arrays in, record out. */
import type { MetricName } from "../metrics.ts";
import type { StepReport } from "../policy/loss.ts";
import type { Candidate } from "./batch.ts";
import type { Collected } from "./collect.ts";
import { hasSignal } from "./dynamic-sampling.ts";
import { average, variance } from "./statistics.ts";

export type StepMetrics = { [Name in MetricName]?: number };

/** Rewards as the verifier gave them, on every sampled group: filtered groups must not flatter the curve. */
export function sampleMetrics({ sampled, kept, rounds }: Collected, tolerance: number): StepMetrics {
  const groups = sampled.map(({ candidates }) => ({ rewards: candidates.map(rawReward) }));
  const rewards = groups.flatMap((group) => group.rewards.filter((reward) => reward !== null));
  const candidates = sampled.flatMap((group) => group.candidates);
  const lengths = candidates.map(({ length }) => length);
  const terminated = candidates.filter(({ trajectory }) => !trajectory.truncated).map(({ length }) => length);
  const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
  return {
    ...(rewards.length > 0 && {
      reward: average(rewards),
      "reward/min": Math.min(...rewards),
      "reward/max": Math.max(...rewards),
    }),
    reward_std: average(
      groups.map((group) =>
        Math.sqrt(
          variance(
            group.rewards.filter((r) => r !== null),
            1,
          ),
        ),
      ),
    ),
    frac_reward_zero_std: share(groups.filter((group) => !hasSignal(group, tolerance)).length, groups.length),
    ...partMetrics(candidates),
    ...(lengths.length > 0 && {
      "completions/mean_length": average(lengths),
      "completions/min_length": Math.min(...lengths),
      "completions/max_length": Math.max(...lengths),
      "completions/clipped_ratio": share(lengths.length - terminated.length, lengths.length),
    }),
    ...(terminated.length > 0 && {
      "completions/mean_terminated_length": average(terminated),
      "completions/min_terminated_length": Math.min(...terminated),
      "completions/max_terminated_length": Math.max(...terminated),
    }),
    "verify/ungraded": share(candidates.length - rewards.length, candidates.length),
    "dynamic/discarded_share": share(sampled.length - kept.length, sampled.length),
    "dynamic/rounds": rounds,
  };
}

/** Mean and deviation of each named reward over the graded completions that have it. */
function partMetrics(candidates: readonly Candidate[]): StepMetrics {
  const parts = new Map<string, number[]>();
  for (const candidate of candidates) {
    if (rawReward(candidate) === null) continue;
    for (const [name, value] of Object.entries(candidate.trajectory.rewardParts ?? {})) {
      parts.set(name, [...(parts.get(name) ?? []), value]);
    }
  }
  return Object.fromEntries(
    [...parts].flatMap(([name, values]) => [
      [`rewards/${name}/mean`, average(values)],
      [`rewards/${name}/std`, Math.sqrt(variance(values, 1))],
    ]),
  );
}

/** The verifier's reward, null if it was not graded or not finite. */
function rawReward({ trajectory: { reward } }: Candidate): number | null {
  return reward !== null && Number.isFinite(reward) ? reward : null;
}

/**
 * From the reports of the step's applied updates. Per-token sums become means over all tokens of all updates. What is said
 * of the sampler comes from the first epoch alone, which sees each token once.
 */
export function updateMetrics(reports: readonly StepReport[], firstEpoch: number): StepMetrics {
  if (reports.length === 0) return {};
  const total = (key: string, of = reports) => of.reduce((sum, { metrics }) => sum + (metrics[key] ?? 0), 0);
  const largest = (key: string, of = reports) => Math.max(...of.map(({ metrics }) => metrics[key] ?? 0));
  const mean = (key: string, of = reports) => total(key, of) / total("tokens", of);
  const each = (key: string) => average(reports.map(({ metrics }) => metrics[key] ?? 0));
  const has = (key: string) => reports.some(({ metrics }) => key in metrics);
  const shares = (key: string) => reports.map(({ metrics }) => (metrics[key] ?? 0) / metrics.tokens!);
  const first = reports.slice(0, firstEpoch);
  return {
    loss: each("loss"),
    "loss/policy": each("loss/policy"),
    ...(has("loss/kl") && { "loss/kl": each("loss/kl") }),
    ...(has("loss/entropy") && { "loss/entropy": each("loss/entropy") }),
    entropy: mean("entropy"),
    ...(has("kl") && { kl: mean("kl") }),
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
