/**
 * Training of a process reward model on labeled steps. Where solutions come from, and what is logged and saved, is the
 * caller's matter. Its state is the learner's alone, as that of supervised fine-tuning.
 */
import { type Learner, learningRateAt, type Schedule, type StepReport, type TrainingRow } from "../policy/index.ts";
import { type LabeledSolution, prmLoss, prmRows } from "./loss.ts";

export interface PrmTrainOptions {
  /** Of a model with a score head. */
  readonly learner: Learner;
  readonly steps: number;
  /** Steps that are complete: 0 for a new run. */
  readonly fromStep?: number;
  /** The solutions of a step. It must depend on the step alone, or on a position that checkpoints keep. */
  readonly batch: (step: number) => readonly LabeledSolution[] | Promise<readonly LabeledSolution[]>;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly schedule: Schedule;
  /** After each step, awaited: log, write checkpoints. */
  readonly onStep?: (step: PrmStep) => void | Promise<void>;
  /** An update whose loss or gradient was not finite, and so was not applied. */
  readonly onBadStep?: (bad: BadPrmStep) => void | Promise<void>;
  /** Stops before the next step; one that has begun is finished. */
  readonly signal?: AbortSignal;
}

export interface PrmStep {
  /** 0-based. */
  readonly step: number;
  /** Mean cross-entropy of a labeled step before the update, in nats. */
  readonly loss: number;
  /** Share of labeled steps whose score is on the label's side. */
  readonly accuracy: number;
  readonly gradNorm: number;
  readonly learningRate: number;
  /** Labeled reasoning steps. */
  readonly labels: number;
  readonly tokens: number;
  readonly applied: boolean;
}

export interface BadPrmStep {
  readonly step: number;
  readonly learningRate: number;
  readonly rows: readonly TrainingRow[];
  readonly report: StepReport;
}

/** Trains for `steps` steps, one update each; a batch without a label is none. Returns how many steps are complete. */
export async function trainPrm(options: PrmTrainOptions): Promise<{ stepsDone: number }> {
  const { learner, steps, signal } = options;
  let step = options.fromStep ?? 0;
  for (; step < steps && !signal?.aborted; step++) {
    const rows = prmRows(await options.batch(step));
    if (rows.length === 0) continue;
    const learningRate = learningRateAt(step, options);
    const report = await learner.step(prmLoss, rows, { learningRate, temperature: 1 });
    if (!report.applied) await options.onBadStep?.({ step, learningRate, rows, report });
    const { loss = Number.NaN, steps: labels = 0, right = Number.NaN } = report.metrics;
    await options.onStep?.({
      step,
      loss,
      accuracy: right / labels,
      gradNorm: report.gradNorm,
      learningRate,
      labels,
      tokens: rows.reduce((sum, { tokens }) => sum + tokens.length, 0),
      applied: report.applied,
    });
  }
  return { stepsDone: step };
}
