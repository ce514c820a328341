/**
 * A learner of any outputs of one flat array of parameters, run eagerly. AdamW and the global norm clip are those of the
 * library: small tables in place of a transformer, all else as it is.
 */
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { adamwStep } from "../../src/policy/adamw.ts";
import { clipCoefficient, globalNorm } from "../../src/policy/clip-grad-norm.ts";
import type { Learner, Loss, PolicyOutputs, RowScores, StepReport, TrainingRow } from "../../src/policy/loss.ts";

const BETAS = [0.9, 0.99] as const;

/** Parameters [N] and rows of equal length → the outputs [B, T]. */
export type Outputs = (
  params: Tensor,
  rows: readonly Pick<TrainingRow, "tokens">[],
  temperature: number,
) => PolicyOutputs;

export class EagerLearner implements Learner {
  readonly #outputs: Outputs;
  table: Float32Array;
  firstMoment: Float32Array;
  secondMoment: Float32Array;
  version = 0;

  constructor(size: number, outputs: Outputs) {
    this.#outputs = outputs;
    this.table = new Float32Array(size);
    this.firstMoment = new Float32Array(size);
    this.secondMoment = new Float32Array(size);
  }

  async score(rows: readonly Pick<TrainingRow, "tokens">[], temperature: number): Promise<RowScores[]> {
    return tf.tidy(() => {
      const { logProbs, entropy, scores } = this.#outputs(tf.tensor1d(this.table), rows, temperature);
      const onHost = (tensor: Tensor) => (tensor.arraySync() as number[][]).map((row) => Float32Array.from(row));
      const [l, h, s] = [onHost(logProbs), onHost(entropy), scores && onHost(scores)];
      return rows.map((_, b) => ({ logProbs: l[b]!, entropy: h[b]!, ...(s && { scores: s[b]! }) }));
    });
  }

  async step(
    loss: Loss,
    rows: readonly TrainingRow[],
    { learningRate, temperature }: { learningRate: number; temperature: number },
  ): Promise<StepReport> {
    return tf.tidy(() => {
      const batch = Object.fromEntries(
        loss.fields.map((name) => [name, tf.stack(rows.map((row) => tf.tensor1d(row.fields[name]!)))]),
      );
      const compute = (params: Tensor) => loss.compute(this.#outputs(params, rows, temperature), batch);
      const params = tf.tensor1d(this.table);
      const { value, grad } = tf.valueAndGrad((x) => compute(x).loss)(params);
      const { sums, maxima } = compute(params);
      const metrics = Object.fromEntries(
        Object.entries({ loss: value, ...sums, ...maxima }).map(([name, x]) => [name, x.dataSync()[0]!]),
      );
      const grads = grad.dataSync() as Float32Array;
      const gradNorm = globalNorm(grads);
      const applied = Number.isFinite(metrics.loss!) && Number.isFinite(gradNorm);
      if (applied) this.#update(grads, clipCoefficient(gradNorm, 1), learningRate);
      return { metrics, gradNorm, applied, badRows: applied ? [] : rows.map(({ id }) => id) };
    });
  }

  #update(grads: Float32Array, gradScale: number, learningRate: number): void {
    const [beta1, beta2] = BETAS;
    const { table: params, firstMoment, secondMoment } = this;
    const options = { learningRate, beta1, beta2, eps: 1e-8, weightDecay: 0, t: ++this.version, gradScale };
    adamwStep({ params, grads, firstMoment, secondMoment }, options);
  }
}

/** Softmax of some logits. */
export function softmax(logits: ArrayLike<number>): number[] {
  const exps = Array.from(logits, Math.exp);
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}

/** The index whose share of [0, 1) holds `x`. */
export function pick(probabilities: readonly number[], x: number): number {
  let left = x;
  const found = probabilities.findIndex((share) => (left -= share) < 0);
  return found === -1 ? probabilities.length - 1 : found;
}
