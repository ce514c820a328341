/** Supervised fine-tuning: the loop. What it reads comes from a function of the step. */
import { tokenMean } from "./aggregate.ts";
import type { Learner, TrainingRow } from "./loss.ts";
import { learningRateAt, type Schedule } from "./schedule.ts";
import { sftLoss } from "./sft-loss.ts";

/** A prompt and the completion to imitate, which ends with the end-of-sequence id. */
export interface Example {
  readonly id: string;
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
}

export interface SftStep {
  /** 0-based. */
  readonly step: number;
  /** Mean negative log-likelihood of a completion token, in nats. */
  readonly loss: number;
  readonly gradNorm: number;
  readonly learningRate: number;
  /** Mean entropy where a completion token was predicted, in nats. */
  readonly entropy: number;
  /** False where the update was not finite, and so was not made. */
  readonly applied: boolean;
  /** Examples that were not finite. */
  readonly badRows: readonly string[];
}

export interface SftOptions {
  readonly learner: Learner;
  /** Equal steps must give equal examples, so that a resumed run goes on as it would have. */
  readonly batch: (step: number) => readonly Example[] | Promise<readonly Example[]>;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly schedule: Schedule;
  /** After each step, awaited. */
  readonly onStep?: (step: SftStep) => void | Promise<void>;
  /** Stops before the next step. */
  readonly signal?: AbortSignal;
  /** Steps that are complete: 0 for a new run. */
  readonly fromStep?: number;
}

/** Returns how many steps are complete. */
export async function trainSft(options: SftOptions): Promise<{ stepsDone: number }> {
  const { learner, signal } = options;
  let step = options.fromStep ?? 0;
  for (; step < options.steps && !signal?.aborted; step++) {
    const rows = sftRows(await options.batch(step));
    const learningRate = learningRateAt(step, options);
    const { metrics, gradNorm, applied, badRows } = await learner.step(sftLoss, rows, { learningRate, temperature: 1 });
    const entropy = (metrics.entropy ?? 0) / Math.max(1, metrics.tokens ?? 0);
    await options.onStep?.({ step, loss: metrics.loss as number, gradNorm, learningRate, entropy, applied, badRows });
  }
  return { stepsDone: step };
}

/** Every completion token of the batch weighs the same. */
function sftRows(examples: readonly Example[]): TrainingRow[] {
  const rows = examples.map(({ id, prompt, completion }) => {
    const tokens = new Int32Array(prompt.length + completion.length);
    tokens.set(prompt);
    tokens.set(completion, prompt.length);
    return { id, tokens, mask: new Uint8Array(tokens.length).fill(1, prompt.length) };
  });
  const weights = tokenMean(rows.map(({ mask }) => mask));
  return rows.map(({ id, tokens }, i) => ({ id, tokens, fields: { weights: weights[i] as Float32Array } }));
}
