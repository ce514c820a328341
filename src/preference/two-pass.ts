/**
 * One update on a loss that couples sequences: pairs, rankings, a batch with a shared estimate.
 *
 *   s_i = f_i(θ)                  one number of each sequence: its completion's log-prob, or its score
 *   L   = ℓ(s_1, …, s_B)          on the host, in float64
 *   ∇L  = Σ_i ∂ℓ/∂s_i · ∇s_i      the chain rule
 *
 * So one pass reads the s_i, ℓ gives w_i = ∂ℓ/∂s_i, and a second pass takes the step on Σ_i w_i·s_i, which is linear: its
 * gradient is that of L, however the batch is split, and no loss needs its sequences in one micro-batch. It costs one
 * forward pass more. An adapter's dropout is off in the first pass: the w_i are those of the mean network.
 */
import { checkAxes } from "../engine/shapes.ts";
import { RlvrError } from "../errors.ts";
import type { Learner, Loss, RowScores, StepReport, TrainingRow } from "../policy/loss.ts";

export interface Sequence {
  readonly id: string;
  readonly tokens: Int32Array; // [T]
  /** Index of the completion's first token; the prompt stands before it. */
  readonly completionStart: number;
}

/** What ℓ says of B sequences. */
export interface SequenceLoss {
  readonly loss: number;
  /** ∂ℓ/∂s_i. [B] */
  readonly gradients: readonly number[];
  readonly metrics: Readonly<Record<string, number>>;
}

/** Which number a sequence has: the sum of one of the model's outputs, from one token to the end. */
export interface Reading {
  readonly output: "logProbs" | "scores";
  readonly from: (sequence: Sequence) => number;
}

/** log π(completion | prompt), a sum over its tokens. */
export const completionLogProb: Reading = { output: "logProbs", from: ({ completionStart }) => completionStart };

/** The score head's number at the last token, having read all of the sequence. */
export const lastScore: Reading = { output: "scores", from: ({ tokens }) => tokens.length - 1 };

/** s_i of each sequence, under a learner or a frozen model: whatever scores rows of tokens. [B] */
export async function readSequences(
  score: Learner["score"],
  sequences: readonly Sequence[],
  reading: Reading,
): Promise<number[]> {
  const scored = await score(sequences, 1);
  return sequences.map((sequence, i) => sumFrom(scored[i]!, sequence, reading));
}

function sumFrom(scores: RowScores, sequence: Sequence, { output, from }: Reading): number {
  const values = scores[output];
  if (values === undefined) {
    throw new RlvrError("E_CONFIG", `the model has no ${output}, expected a model with a score head`, {
      hint: 'give it one: withHead(model, "score", seed)',
    });
  }
  let sum = 0;
  for (let t = from(sequence); t < values.length; t++) sum += values[t]!;
  return sum;
}

export interface TwoPassReport extends StepReport {
  /** Loss and metrics of ℓ, at the weights before the update. */
  readonly sequenceLoss: SequenceLoss;
  /** The rows of the second pass: what to keep of an update that was not finite. */
  readonly rows: readonly TrainingRow[];
}

/** One optimizer step on ℓ of the sequences' numbers. Those that ℓ does not move are left out of the second pass. */
export async function twoPassStep(
  learner: Learner,
  sequences: readonly Sequence[],
  reading: Reading,
  objective: (numbers: readonly number[]) => SequenceLoss,
  learningRate: number,
): Promise<TwoPassReport> {
  const numbers = await readSequences((rows, temperature) => learner.score(rows, temperature), sequences, reading);
  const sequenceLoss = objective(numbers);
  const all = linearRows(sequences, reading, sequenceLoss.gradients);
  const moved = all.filter((_, i) => sequenceLoss.gradients[i] !== 0);
  const rows = moved.length > 0 ? moved : all; // a gradient of 0 is an update too
  const report = await learner.step(linearLoss(reading.output), rows, { learningRate, temperature: 1 });
  return { ...report, sequenceLoss, rows };
}

function linearRows(sequences: readonly Sequence[], { from }: Reading, gradients: readonly number[]): TrainingRow[] {
  if (gradients.length !== sequences.length) {
    throw new RlvrError("E_SHAPE", `the loss has ${gradients.length} gradients for ${sequences.length} sequences`);
  }
  return sequences.map((sequence, i) => {
    const weights = new Float32Array(sequence.tokens.length).fill(gradients[i]!, from(sequence));
    return { id: sequence.id, tokens: sequence.tokens, fields: { weights } };
  });
}

/** Σ_i Σ_t w_it · output_it, w the rows' field `weights`: what the second pass minimizes. */
export function linearLoss(output: Reading["output"]): Loss {
  return {
    name: `linear in ${output}`,
    fields: ["weights"],
    compute: (outputs, batch) => {
      const values = outputs[output]!;
      checkAxes({ [output]: [values, "B T"], weights: [batch.weights!, "B T"] });
      return { loss: values.mul(batch.weights!).sum(), sums: {}, maxima: {} };
    },
  };
}
