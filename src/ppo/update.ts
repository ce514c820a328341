/** Steps 4 and 5 of training: minibatches, and on each one update of the policy and one of the critic. */
import { checkOnPolicy } from "../policy/agreement.ts";
import type { Learner, Loss, StepReport, TrainingRow } from "../policy/loss.ts";
import { minibatches } from "../policy/minibatches.ts";
import { learningRateAt } from "../policy/schedule.ts";
import type { Example } from "../policy/sft.ts";
import { Rng } from "../rng.ts";
import { whitenedAdvantages } from "./advantages.ts";
import { type Episode, trainingRows, withExamples } from "./episode.ts";
import type { StepOptions } from "./train.ts";
import type { Variants } from "./variants.ts";

/** What is updated: the policy, with the value head where the trunk is shared, or a critic of its own. */
export type Part = "policy" | "critic";

/** An update that was not applied, with all that is needed to repeat it. */
export interface BadStep {
  readonly step: number;
  readonly epoch: number;
  readonly minibatch: number;
  readonly part: Part;
  readonly learningRate: number;
  readonly rows: readonly TrainingRow[];
  readonly report: StepReport;
}

export interface Updates {
  /** Applied updates of each part. */
  readonly applied: Record<Part, StepReport[]>;
  /** How many of the policy's belong to the first epoch. */
  inFirstEpoch: number;
  /** Updates that were not finite. */
  skipped: number;
  /** Whether the policy had moved as far as targetKl allows before all its updates were done. */
  stoppedEarly: boolean;
  readonly learningRate: Record<Part, number>;
}

/** `epochs` passes over the episodes in `minibatches` updates each. */
export async function update(
  step: number,
  episodes: readonly Episode[],
  examples: readonly Example[],
  variants: Variants,
  options: StepOptions,
): Promise<Updates> {
  const { config, seed, learner } = options;
  const updates: Updates = {
    applied: { policy: [], critic: [] },
    ...{ inFirstEpoch: 0, skipped: 0, stoppedEarly: false },
    learningRate: {
      policy: learningRateAt(step, config),
      critic: learningRateAt(step, { ...config, learningRate: config.criticLearningRate ?? config.learningRate }),
    },
  };
  const versionBefore = learner.version;
  const trainsPolicy = step >= config.valueWarmupSteps;
  for (let epoch = 0; epoch < config.epochs; epoch++) {
    const rng = new Rng(seed, `ppo/minibatches/${step}/${epoch}`);
    const parts = minibatches(episodes, config.minibatches, rng);
    const exampleParts = minibatches(examples, parts.length, rng);
    for (const [minibatch, part] of parts.entries()) {
      const at = { step, epoch, minibatch };
      const advantages = config.advantages === "whitened-per-minibatch" ? whitenedAdvantages(part) : null;
      const rows = trainingRows(part, variants.aggregate, advantages);
      if (trainsPolicy && !updates.stoppedEarly && hasSignal(part, options)) {
        const isFirst = learner.version === versionBefore;
        const own = config.ptxCoef > 0 ? withExamples(rows, exampleParts[minibatch] ?? []) : rows;
        const report = await updatePart("policy", at, learner, variants.policyLoss, own, updates, options);
        if (report && isFirst) checkOnPolicy(step, report);
        if (report && epoch === 0) updates.inFirstEpoch++;
        if (report) updates.stoppedEarly = isTooFar(report, config.targetKl);
      }
      if (variants.criticLoss === null) continue;
      await updatePart("critic", at, options.critic!, variants.criticLoss, rows, updates, options);
    }
  }
  return updates;
}

/** One update, counted. Returns its report, or null if it was not finite and so was not applied. */
async function updatePart(
  part: Part,
  at: { step: number; epoch: number; minibatch: number },
  learner: Learner,
  loss: Loss,
  rows: readonly TrainingRow[],
  updates: Updates,
  { config: { temperature }, onBadStep }: StepOptions,
): Promise<StepReport | null> {
  const learningRate = updates.learningRate[part];
  const report = await learner.step(loss, rows, { learningRate, temperature });
  if (report.applied) {
    updates.applied[part].push(report);
    return report;
  }
  updates.skipped++;
  await onBadStep?.({ ...at, part, learningRate, rows, report });
  return null;
}

/** An optimizer step on a zero gradient would still decay the weights and the moments. A shared critic always learns. */
function hasSignal(part: readonly Episode[], { config }: StepOptions): boolean {
  if (config.critic === "shared" || config.entropyCoef > 0 || config.ptxCoef > 0) return true;
  return part.some(({ advantages }) => advantages.some((advantage) => advantage !== 0));
}

/** Whether the policy, as the update found it, was further from the old one than the target. In nats a token. */
export function isTooFar({ metrics }: Pick<StepReport, "metrics">, targetKl: number | null): boolean {
  return targetKl !== null && (metrics.approx_kl ?? 0) / (metrics.tokens ?? 1) > targetKl;
}
