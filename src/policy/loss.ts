/**
 * What every algorithm hands to the learner: a loss over the policy's outputs, and rows of tokens with per-token numbers.
 *
 * A loss is a *sum*: each token's share already carries its weight (1/N of the global batch, say; see aggregate.ts). So
 * the loss and gradient of a batch are the sums of those of its micro-batches, however it is split.
 */
import type { Tensor } from "../engine/tf.ts";

/** The policy at the current weights on a batch of tokens. */
export interface PolicyOutputs {
  /** log π(token t | tokens before t), at the sampling temperature; column 0 is 0. All 0 without a language head. [B, T] */
  readonly logProbs: Tensor;
  /** Entropy of the distribution that token t was drawn from, in nats; column 0 is 0. [B, T] */
  readonly entropy: Tensor;
  /** The score head's number at token t, having read it; of a model with that head only. [B, T] */
  readonly scores?: Tensor;
}

/** The same for one row, on the host. [T] each */
export interface RowScores {
  readonly logProbs: Float32Array;
  readonly entropy: Float32Array;
  readonly scores?: Float32Array;
}

export interface LossResult {
  /** What is minimized. [] */
  readonly loss: Tensor;
  /** Numbers to log that add up over micro-batches. [] each */
  readonly sums: Record<string, Tensor>;
  /** Numbers to log whose largest over micro-batches counts. [] each */
  readonly maxima: Record<string, Tensor>;
}

export interface Loss {
  /** Names the loss together with its options: programs are cached by it. */
  readonly name: string;
  /** The fields of TrainingRow that it reads. */
  readonly fields: readonly string[];
  /** Pure tensor function, traced once for each shape. `batch` holds the named fields, each [B, T]. */
  readonly compute: (outputs: PolicyOutputs, batch: Record<string, Tensor>) => LossResult;
}

/** One sequence to train on. Padding adds tokens whose fields are all 0, so a weight of 0 must mean "not trained". */
export interface TrainingRow {
  /** Names the row in errors: a trajectory id. */
  readonly id: string;
  readonly tokens: Int32Array; // [T]
  readonly fields: Readonly<Record<string, Float32Array>>; // [T] each
}

export interface StepReport {
  /** `loss`, the loss's sums and maxima. */
  readonly metrics: Record<string, number>;
  /** Global norm before clipping. */
  readonly gradNorm: number;
  /** False if the loss or gradient was not finite: then no weight and no optimizer state changed. */
  readonly applied: boolean;
  /** Rows whose own loss or gradient was not finite. */
  readonly badRows: readonly string[];
}

/** What an algorithm needs of the weights it trains. */
export interface Learner {
  /** Counts applied updates: the policy version. */
  readonly version: number;
  /** The outputs of given tokens at the current weights, row by row. */
  score(rows: readonly Pick<TrainingRow, "id" | "tokens">[], temperature: number): Promise<RowScores[]>;
  /** One optimizer step on the loss of all rows together, in micro-batches. */
  step(
    loss: Loss,
    rows: readonly TrainingRow[],
    options: { learningRate: number; temperature: number },
  ): Promise<StepReport>;
}
