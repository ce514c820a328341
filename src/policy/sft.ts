/**
 * Supervised fine-tuning: the loop that imitates completions. Where examples come from, and what is logged and saved, is
 * the caller's matter.
 *
 * Its state is the learner's alone, and the learning rate a function of the step: a run that is resumed from a checkpoint
 * of the learner goes on exactly as it would have.
 */
import { tokenMean } from "./aggregate.ts";
import type { Learner, StepReport, TrainingRow } from "./loss.ts";
import { learningRateAt, type Schedule } from "./schedule.ts";
import { sftLoss } from "./sft-loss.ts";

/** A prompt, and what the policy shall write after it. */
export interface Example {
  readonly id: string;
  readonly prompt: Int32Array; // at least one token
  /** The end-of-sequence id included. */
  readonly completion: Int32Array;
}

export interface SftOptions {
  readonly learner: Learner;
  readonly steps: number;
  /** Steps that are complete: 0 for a new run. */
  readonly fromStep?: number;
  /** The examples of a step. It must depend on the step alone, or on a position that checkpoints keep. */
  readonly batch: (step: number) => readonly Example[] | Promise<readonly Example[]>;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly schedule: Schedule;
  /** After each step, awaited: log, write checkpoints. */
  readonly onStep?: (step: SftStep) => void | Promise<void>;
  /** An update whose loss or gradient was not finite, and so was not applied. */
  readonly onBadStep?: (bad: BadSftStep) => void | Promise<void>;
  /** Stops before the next step; one that has begun is finished. */
  readonly signal?: AbortSignal;
}

export interface SftStep {
  /** 0-based. */
  readonly step: number;
  /** Mean negative log-likelihood of a completion token before the update, in nats. */
  readonly loss: number;
  /** Mean entropy of the policy at completion tokens, in nats. */
  readonly entropy: number;
  readonly gradNorm: number;
  readonly learningRate: number;
  /** Completion tokens that were imitated. */
  readonly tokens: number;
  /** All tokens, those of the prompts included. */
  readonly allTokens: number;
  /** False if the update was not finite: then no weight changed. */
  readonly applied: boolean;
}

export interface BadSftStep {
  readonly step: number;
  readonly learningRate: number;
  readonly rows: readonly TrainingRow[];
  readonly report: StepReport;
}

/** Trains for `steps` steps, one update each. Returns how many are complete. */
export async function trainSft(options: SftOptions): Promise<{ stepsDone: number }> {
  const { learner, steps, signal } = options;
  let step = options.fromStep ?? 0;
  for (; step < steps && !signal?.aborted; step++) {
    const rows = sftRows(await options.batch(step));
    const learningRate = learningRateAt(step, options);
    const report = await learner.step(sftLoss, rows, { learningRate, temperature: 1 });
    if (!report.applied) await options.onBadStep?.({ step, learningRate, rows, report });
    const { loss = Number.NaN, entropy = Number.NaN, tokens = 0 } = report.metrics;
    await options.onStep?.({
      step,
      loss,
      entropy: entropy / tokens,
      gradNorm: report.gradNorm,
      learningRate,
      tokens,
      allTokens: rows.reduce((sum, row) => sum + row.tokens.length, 0),
      applied: report.applied,
    });
  }
  return { stepsDone: step };
}

/** One row for each example; every completion token of the batch weighs the same, prompts weigh nothing. */
export function sftRows(examples: readonly Example[]): TrainingRow[] {
  const masks = examples.map(({ prompt, completion }) =>
    new Uint8Array(prompt.length + completion.length).fill(1, prompt.length),
  );
  const weights = tokenMean(masks);
  return examples.map((example, b) => ({
    id: example.id,
    tokens: sequence(example),
    fields: { weights: weights[b]! },
  }));
}

/** Mean negative log-likelihood of a completion token of these examples, in nats. */
export async function meanNll(learner: Learner, examples: readonly Example[]): Promise<number> {
  const scored = await learner.score(
    examples.map((example) => ({ id: example.id, tokens: sequence(example) })),
    1,
  );
  let sum = 0;
  let tokens = 0;
  for (const [i, { prompt, completion }] of examples.entries()) {
    for (const logProb of scored[i]!.logProbs.subarray(prompt.length)) sum -= logProb;
    tokens += completion.length;
  }
  return sum / tokens;
}

function sequence({ prompt, completion }: Example): Int32Array {
  const tokens = new Int32Array(prompt.length + completion.length);
  tokens.set(prompt);
  tokens.set(completion, prompt.length);
  return tokens;
}
