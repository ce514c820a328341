/** Steps 4 and 5 of training: minibatches, and one optimizer update on each. */
import { checkOnPolicy } from "../policy/agreement.ts";
import type { Loss, StepReport, TrainingRow } from "../policy/loss.ts";
import { minibatches } from "../policy/minibatches.ts";
import { learningRateAt } from "../policy/schedule.ts";
import { Rng } from "../rng.ts";
import { type Candidate, trainingRows } from "./batch.ts";
import type { TrainOptions } from "./train.ts";
import type { Variants } from "./variants.ts";

/** An update that was not applied, with all that is needed to repeat it. */
export interface BadStep {
  readonly step: number;
  readonly epoch: number;
  readonly minibatch: number;
  readonly loss: Loss;
  readonly rows: readonly TrainingRow[];
  readonly report: StepReport;
}

export interface Updates {
  readonly applied: StepReport[];
  /** How many of them belong to the first epoch. */
  inFirstEpoch: number;
  /** Updates that were not finite. */
  skipped: number;
  readonly learningRate: number;
}

/** `epochs` passes over the candidates in `minibatches` updates each. A minibatch without any signal is no update. */
export async function update(
  step: number,
  candidates: readonly Candidate[],
  { aggregate, loss }: Variants,
  { config, seed, learner, onBadStep }: TrainOptions,
): Promise<Updates> {
  const learningRate = learningRateAt(step, config);
  const { temperature } = config;
  const updates: Updates = { applied: [], inFirstEpoch: 0, skipped: 0, learningRate };
  const alwaysSignal = config.entropyCoef > 0 || (config.klCoef > 0 && config.klIn === "loss");
  const versionBefore = learner.version;
  for (let epoch = 0; epoch < config.epochs; epoch++) {
    const rng = new Rng(seed, `grpo/minibatches/${step}/${epoch}`);
    for (const [minibatch, part] of minibatches(candidates, config.minibatches, rng).entries()) {
      // An optimizer step on a zero gradient would still decay the weights and the moments.
      if (!alwaysSignal && part.every(({ advantages }) => advantages.every((advantage) => advantage === 0))) continue;

      const rows = trainingRows(part, aggregate);
      const firstUpdate = learner.version === versionBefore;
      const report = await learner.step(loss, rows, { learningRate, temperature });
      if (!report.applied) {
        updates.skipped++;
        await onBadStep?.({ step, epoch, minibatch, loss, rows, report });
        continue;
      }
      if (firstUpdate) checkOnPolicy(step, report);
      updates.applied.push(report);
      if (epoch === 0) updates.inFirstEpoch++;
    }
  }
  return updates;
}
