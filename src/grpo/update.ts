/** Steps 4 and 5 of training: minibatches, and one optimizer update on each. */
import { RlvrError } from "../errors.ts";
import type { Loss, StepReport, TrainingRow } from "../policy/loss.ts";
import { learningRateAt } from "../policy/schedule.ts";
import { Rng } from "../rng.ts";
import { type Candidate, trainingRows } from "./batch.ts";
import type { TrainOptions } from "./train.ts";
import type { Variants } from "./variants.ts";

/** Largest |ρ − 1| on the first update of a step, where current and old weights are the same. */
const ON_POLICY_TOLERANCE = 1e-2;

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
    for (const [minibatch, part] of minibatches(candidates, config.minibatches, seed, step, epoch).entries()) {
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

/** Shuffled by (seed, step, epoch) and cut into parts whose sizes differ by at most one; empty parts are left out. */
function minibatches(candidates: readonly Candidate[], count: number, seed: number, step: number, epoch: number) {
  const order = [...candidates];
  if (count > 1) new Rng(seed, `grpo/minibatches/${step}/${epoch}`).shuffle(order);
  const edge = (i: number) => Math.round((i * order.length) / count);
  const parts = Array.from({ length: count }, (_, i) => order.slice(edge(i), edge(i + 1)));
  return parts.filter((part) => part.length > 0);
}

/** On the first update the trainer must agree with what it scored a moment ago: same kernels, same temperature. */
function checkOnPolicy(step: number, { metrics }: StepReport): void {
  const deviation = Math.expm1(Math.max(metrics["ratio/log_max"] ?? 0, metrics["ratio/minus_log_min"] ?? 0));
  if (deviation <= ON_POLICY_TOLERANCE) return;
  throw new RlvrError(
    "E_MISMATCH",
    `step ${step}: a probability ratio is off by ${deviation.toPrecision(3)}, expected 1`,
    {
      hint: "check that scoring and training use the same weights, temperature and masks",
    },
  );
}
