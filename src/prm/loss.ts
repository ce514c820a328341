/**
 * The loss of a process reward model: binary cross-entropy of the score at the last token of each step, with labels that
 * are 0 or 1 or anything between (Math-Shepherd, https://arxiv.org/abs/2312.08935, hard and soft).
 *
 *   L(φ) = Σ_k w_k · [ softplus(s_k) − y_k·s_k ]        p_k = σ(s_k)
 *
 * With w = 1/N over all labeled steps of the update it is their mean. A step without a label has w = 0 (−100 in TRL).
 */
import { checkAxes } from "../engine/shapes.ts";
import { tf } from "../engine/tf.ts";
import type { Loss, TrainingRow } from "../policy/index.ts";

/** Fields `labels` and `weights` [B, T]. Sums `steps` (labeled) and `right` (p on the label's side of one half). */
export const prmLoss: Loss = {
  name: "prm",
  fields: ["labels", "weights"],
  compute: ({ scores }, batch) => {
    const [labels, weights] = [batch.labels!, batch.weights!];
    checkAxes({ scores: [scores!, "B T"], labels: [labels, "B T"], weights: [weights, "B T"] });
    const labeled = weights.greater(0).cast("float32"); // [B, T]
    const sameSide = scores!.greater(0).equal(labels.greater(0.5)).cast("float32"); // [B, T]
    return {
      loss: tf.softplus(scores!).sub(labels.mul(scores!)).mul(weights).sum(), // []
      sums: { steps: labeled.sum(), right: sameSide.mul(labeled).sum() },
      maxima: {},
    };
  },
};

/** A solution with labels: what a process reward model is trained on and measured with. */
export interface LabeledSolution {
  readonly id: string;
  readonly prompt: Int32Array; // at least one token
  readonly completion: Int32Array;
  /** Index of the last token of each step in the completion. [S] */
  readonly ends: readonly number[];
  /** Chance that the step is right, from 0 to 1; null = not known. [S] */
  readonly labels: readonly (number | null)[];
}

/** One row for each solution with at least one label; every labeled step of the batch weighs the same. */
export function prmRows(solutions: readonly LabeledSolution[]): TrainingRow[] {
  const known = solutions.filter(({ labels }) => labels.some((label) => label !== null));
  const weight = 1 / known.reduce((sum, { labels }) => sum + labels.filter((label) => label !== null).length, 0);
  return known.map(({ id, prompt, completion, ends, labels }) => {
    const tokens = joined(prompt, completion);
    const [labelAt, weightAt] = [new Float32Array(tokens.length), new Float32Array(tokens.length)];
    for (const [k, end] of ends.entries()) {
      const label = labels[k] ?? null;
      if (label === null) continue;
      labelAt[prompt.length + end] = label;
      weightAt[prompt.length + end] = weight;
    }
    return { id, tokens, fields: { labels: labelAt, weights: weightAt } };
  });
}

/** The same solutions with the last label alone: what trains an outcome reward model of the same size. */
export function lastLabelOnly(solutions: readonly LabeledSolution[]): LabeledSolution[] {
  return solutions.map((solution) => ({
    ...solution,
    labels: solution.labels.map((label, k) => (k === solution.labels.length - 1 ? label : null)),
  }));
}

/** Prompt and completion as one array. */
export function joined(prompt: Int32Array, completion: Int32Array): Int32Array {
  const tokens = new Int32Array(prompt.length + completion.length);
  tokens.set(prompt);
  tokens.set(completion, prompt.length);
  return tokens;
}
