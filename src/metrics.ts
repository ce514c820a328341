/**
 * Every number that a run logs: its name, meaning and unit. A name that is not here does not compile.
 *
 * Names are those of TRL's trainers wherever TRL has one, so that dashboards carry over. `{part}` stands for a name that
 * the task chooses, such as a part of its reward. `machine: true` marks numbers that depend on the machine and the
 * moment: they go to timings.jsonl, so that metrics.jsonl is the same, byte for byte, whenever the run is repeated.
 *
 * docs/metrics.md is made from this table.
 */
export interface MetricInfo {
  readonly meaning: string;
  readonly unit: string;
  readonly machine?: true;
}

export const METRICS = {
  // Reward
  reward: { meaning: "mean reward over the graded completions of the step", unit: "reward" },
  reward_std: { meaning: "standard deviation of the reward inside a group, averaged over groups", unit: "reward" },
  frac_reward_zero_std: {
    meaning: "share of groups whose rewards are all equal: they give no gradient",
    unit: "share",
  },
  "rewards/{part}/mean": { meaning: "mean of one named part of the reward", unit: "reward" },
  "rewards/{part}/std": { meaning: "standard deviation of one named part of the reward", unit: "reward" },
  "reward/min": { meaning: "smallest reward of the step", unit: "reward" },
  "reward/max": { meaning: "largest reward of the step", unit: "reward" },
  "advantage/std": { meaning: "standard deviation of the advantages that the loss sees", unit: "advantage" },

  // Completions
  "completions/mean_length": { meaning: "mean length of all completions", unit: "tokens" },
  "completions/min_length": { meaning: "shortest completion", unit: "tokens" },
  "completions/max_length": { meaning: "longest completion", unit: "tokens" },
  "completions/mean_terminated_length": {
    meaning: "mean length of the completions that ended by themselves",
    unit: "tokens",
  },
  "completions/min_terminated_length": { meaning: "shortest completion that ended by itself", unit: "tokens" },
  "completions/max_terminated_length": { meaning: "longest completion that ended by itself", unit: "tokens" },
  "completions/clipped_ratio": { meaning: "share of completions cut off at the token limit", unit: "share" },
  num_tokens: { meaning: "tokens sampled or read as prompt since the run began", unit: "tokens" },

  // Steps
  "process/mean_steps": { meaning: "mean number of reasoning steps of a completion", unit: "steps" },
  "process/mean_score": { meaning: "mean score of a reasoning step, 1 = right", unit: "score" },
  "prm/accuracy": {
    meaning: "share of labeled steps that the process reward model puts on the label's side of one half",
    unit: "share",
  },
  "prm/labels": { meaning: "labeled steps of the update", unit: "steps" },
  "eval/prm_accuracy": { meaning: "the same on held-out steps", unit: "share" },
  "eval/prm_auc": { meaning: "chance that a held-out right step scores above a wrong one", unit: "share" },

  // Policy
  loss: { meaning: "loss of the update, averaged over the step's minibatches", unit: "loss" },
  "loss/policy": { meaning: "the clipped surrogate's part of the loss", unit: "loss" },
  "loss/kl": { meaning: "the KL penalty's part of the loss, its weight included", unit: "loss" },
  "loss/ptx": {
    meaning: "negative log-likelihood of the examples of PPO-ptx, before its coefficient",
    unit: "nats/token",
  },
  "loss/entropy": { meaning: "the entropy bonus's part of the loss, its weight included", unit: "loss" },
  entropy: { meaning: "mean entropy of the policy where it wrote a token", unit: "nats/token" },
  kl: { meaning: "k3 estimate of KL(policy ‖ reference)", unit: "nats/token" },
  "kl/old": { meaning: "k3 estimate of KL(policy at sampling ‖ policy now)", unit: "nats/token" },
  "clip_ratio/low_mean": { meaning: "share of tokens clipped at 1 − ε_low: the advantage is negative", unit: "share" },
  "clip_ratio/low_min": { meaning: "smallest share clipped at 1 − ε_low over minibatches", unit: "share" },
  "clip_ratio/high_mean": {
    meaning: "share of tokens clipped at 1 + ε_high: the advantage is positive",
    unit: "share",
  },
  "clip_ratio/high_max": { meaning: "largest share clipped at 1 + ε_high over minibatches", unit: "share" },
  "clip_ratio/region_mean": { meaning: "share of tokens clipped on either side", unit: "share" },
  "clip_ratio/dual_mean": {
    meaning: "share of tokens held by the dual clip: negative advantage, ratio far above 1",
    unit: "share",
  },
  grad_norm: { meaning: "global gradient norm before clipping", unit: "norm" },
  learning_rate: { meaning: "learning rate of the step's last update", unit: "1" },
  "update/count": { meaning: "optimizer updates applied since the run began", unit: "updates" },
  "update/skipped": {
    meaning: "updates of this step left out because a loss or gradient was not finite",
    unit: "updates",
  },
  "update/tokens": { meaning: "completion tokens that carried a gradient", unit: "tokens" },

  "policy/approx_kl": { meaning: "k2 estimate of KL(policy at sampling ‖ policy now)", unit: "nats/token" },
  "policy/stopped_early": { meaning: "1 if the step's policy updates ended at targetKl", unit: "1" },

  // Critic, and the reward with the KL in it
  "critic/vf_loss": { meaning: "half the clipped squared error of the critic, before its weight", unit: "reward²" },
  "critic/vf_clipfrac": { meaning: "share of tokens held by the value clip", unit: "share" },
  "critic/vf_explained_var": {
    meaning:
      "share of the returns' variance that the critic explained before the update; 0 = no better than a constant",
    unit: "share",
  },
  "critic/values/mean": { meaning: "mean value before the update", unit: "reward" },
  "critic/returns/mean": { meaning: "mean return: what the critic is to learn", unit: "reward" },
  "critic/grad_norm": { meaning: "global gradient norm of a critic of its own, before clipping", unit: "norm" },
  "critic/learning_rate": { meaning: "learning rate of a critic of its own", unit: "1" },
  "objective/kl": { meaning: "k1 estimate of KL(policy ‖ reference), summed over a completion", unit: "nats" },
  "objective/kl_coef": { meaning: "weight of the KL in the reward", unit: "reward/nat" },
  "objective/rlhf_reward": {
    meaning: "mean over completions of all their token rewards, the KL taken off",
    unit: "reward",
  },

  // Preferences
  "preference/reward_chosen": {
    meaning: "mean reward of the chosen completions: the reward model's, or β·log(policy/reference)",
    unit: "reward",
  },
  "preference/reward_rejected": { meaning: "the same of the rejected completions", unit: "reward" },
  "preference/margin": { meaning: "mean reward of the chosen minus that of the rejected", unit: "reward" },
  "preference/accuracy": { meaning: "share of pairs whose chosen completion has the higher reward", unit: "share" },
  "preference/logp_chosen": { meaning: "mean log-prob of the chosen completions", unit: "nats" },
  "preference/logp_rejected": { meaning: "mean log-prob of the rejected completions", unit: "nats" },
  "preference/kl": { meaning: "KTO's estimate of KL(policy ‖ reference), from mismatched completions", unit: "nats" },
  "preference/rank_loss": { meaning: "RRHF's ranking term, before its weight", unit: "nats/token" },
  "preference/sft_loss": { meaning: "RRHF's term of the best completion", unit: "nats" },
  "eval/preference_accuracy": { meaning: "share of held-out pairs that are ordered rightly", unit: "share" },
  "eval/preference_loss": { meaning: "mean −log σ(margin) of held-out pairs; ln 2 = knows nothing", unit: "nats" },
  "eval/preference_ece": { meaning: "expected calibration error on held-out pairs, ten bins", unit: "share" },
  "eval/preference_margin": { meaning: "mean margin of held-out pairs", unit: "reward" },

  // Sampler against trainer
  "sampling/sampling_logp_difference/mean": {
    meaning: "mean |sampler − trainer log-prob| at the weights that sampled",
    unit: "nats",
  },
  "sampling/sampling_logp_difference/max": {
    meaning: "largest |sampler − trainer log-prob| at the weights that sampled",
    unit: "nats",
  },
  "sampling/importance_sampling_ratio/min": { meaning: "smallest trainer/sampler probability ratio", unit: "ratio" },
  "sampling/importance_sampling_ratio/mean": { meaning: "mean trainer/sampler probability ratio", unit: "ratio" },
  "sampling/importance_sampling_ratio/max": { meaning: "largest trainer/sampler probability ratio", unit: "ratio" },

  "sampling/lost": {
    meaning: "completions that the sampling engine never delivered: left out, and no part of any verdict's share",
    unit: "completions",
  },

  // Verdicts
  "verify/correct": { meaning: "share of completions that the verifier called correct", unit: "share" },
  "verify/unparsed": { meaning: "share of completions in which the verifier found no answer", unit: "share" },
  "verify/timed_out": { meaning: "share of completions whose own code ran out of time", unit: "share" },
  "verify/ungraded": {
    meaning: "share of completions left out of loss and statistics because they have no reward",
    unit: "share",
  },
  "verify/failed": {
    meaning: "share of completions left out because the verifier or its sandbox failed",
    unit: "share",
  },
  "dynamic/discarded_share": { meaning: "share of sampled groups that dynamic sampling threw away", unit: "share" },
  "dynamic/rounds": { meaning: "sampling rounds that the step needed to fill its batch", unit: "rounds" },

  // Held-out problems
  "eval/greedy": { meaning: "held-out problems solved by the greedy completion", unit: "share" },
  "eval/pass1": { meaning: "held-out accuracy of a sampled completion", unit: "share" },
  "eval/pass8": {
    meaning: "held-out problems that at least one of 8 samples solves (unbiased estimate)",
    unit: "share",
  },
  "eval/maj8": { meaning: "held-out problems that the majority of 8 samples solves (expected)", unit: "share" },
  "eval/mean_length": { meaning: "mean length of the held-out completions", unit: "tokens" },
  "eval/clipped_ratio": { meaning: "share of held-out completions cut off at the token limit", unit: "share" },
  "eval/loss": { meaning: "mean negative log-likelihood of the held-out solutions", unit: "nats/token" },

  // Time and machine
  step_time: { meaning: "whole step", unit: "s", machine: true },
  "timing/sample": { meaning: "sampling completions", unit: "s", machine: true },
  "timing/verify": { meaning: "verifying completions", unit: "s", machine: true },
  "timing/score": { meaning: "old and reference log-probs", unit: "s", machine: true },
  "timing/update": { meaning: "loss, gradient and optimizer", unit: "s", machine: true },
  "timing/eval": { meaning: "measuring on held-out problems", unit: "s", machine: true },
  "perf/tokens_per_second": {
    meaning: "completion tokens of the step divided by its time",
    unit: "tokens/s",
    machine: true,
  },
  "perf/sample_tokens_per_second": {
    meaning: "completion tokens divided by the time spent sampling",
    unit: "tokens/s",
    machine: true,
  },
  "perf/train_tokens_per_second": {
    meaning: "tokens through loss and gradient divided by the time they took",
    unit: "tokens/s",
    machine: true,
  },
  "verify/max_seconds": { meaning: "slowest verification of the step", unit: "s", machine: true },
  "engine/compile_seconds": { meaning: "time spent making programs since the process began", unit: "s", machine: true },
  "engine/cache_hits": {
    meaning: "programs taken from the cache since the process began",
    unit: "programs",
    machine: true,
  },
  "engine/programs": { meaning: "programs alive", unit: "programs", machine: true },
  "memory/rss": { meaning: "resident memory of the process", unit: "MB", machine: true },
} as const satisfies Record<string, MetricInfo>;

type Filled<Name extends string> = Name extends `${infer Before}{part}${infer After}`
  ? `${Before}${string}${After}`
  : Name;

/** A name in METRICS, `{part}` filled in. */
export type MetricName = Filled<keyof typeof METRICS>;

/** The numbers of one step. Infinity and NaN are written as null: measured, and not a finite number. */
export type MetricValues = { readonly [Name in MetricName]?: number | null };

/** One line of metrics.jsonl or timings.jsonl. */
export type MetricRow = { readonly step: number } & MetricValues;

const NAMES = Object.keys(METRICS);
const TABLE: Readonly<Record<string, MetricInfo>> = METRICS;

/** The table's name for a metric: "rewards/format/mean" → "rewards/{part}/mean"; undefined for a name it lacks. */
export function tableName(name: string): string | undefined {
  if (Object.hasOwn(TABLE, name)) return name;
  return NAMES.find((pattern) => {
    const [before, after] = pattern.split("{part}");
    if (before === undefined || after === undefined) return false;
    return name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
  });
}

/** Meaning and unit of a metric; undefined for a name that the table lacks. */
export function metricInfo(name: string): MetricInfo | undefined {
  const known = tableName(name);
  return known === undefined ? undefined : TABLE[known];
}

/** Position in the table, which is the order in which metrics are written and shown. */
export function metricOrder(name: string): number {
  return NAMES.indexOf(tableName(name) ?? "");
}
