/**
 * The smallest real learner: token t of a sequence is drawn from softmax(table[t]), whatever came before. AdamW, global
 * norm clip and tokenLogProbs are those of the library, run eagerly.
 */
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { adamwStep } from "../../src/policy/adamw.ts";
import { clipCoefficient, globalNorm } from "../../src/policy/clip-grad-norm.ts";
import type { Learner, Loss, StepReport, TrainingRow } from "../../src/policy/loss.ts";
import { tokenLogProbs } from "../../src/policy/token-log-probs.ts";
import { Rng } from "../../src/rng.ts";

const BETAS = [0.9, 0.99] as const;

export class TabularLearner implements Learner {
  readonly T: number;
  readonly V: number;
  /** Logits, flat. [T·V] */
  table: Float32Array;
  firstMoment: Float32Array;
  secondMoment: Float32Array;
  version = 0;

  constructor(T: number, V: number) {
    this.T = T;
    this.V = V;
    this.table = new Float32Array(T * V);
    this.firstMoment = new Float32Array(T * V);
    this.secondMoment = new Float32Array(T * V);
  }

  /** Softmax of row t. [V] */
  probabilities(t: number): number[] {
    const exps = [...this.table.slice(t * this.V, (t + 1) * this.V)].map(Math.exp);
    const sum = exps.reduce((a, b) => a + b, 0);
    return exps.map((e) => e / sum);
  }

  /** A completion of one token at each position after the first, drawn by `stream`. */
  sample(seed: number, stream: string): { tokens: Int32Array; logProbs: Float32Array } {
    const rng = new Rng(seed, stream);
    const tokens = new Int32Array(this.T);
    const logProbs = new Float32Array(this.T);
    for (let t = 1; t < this.T; t++) {
      const p = this.probabilities(t);
      let left = rng.next();
      tokens[t] = p.findIndex((share) => (left -= share) < 0);
      logProbs[t] = Math.log(p[tokens[t]!]!);
    }
    return { tokens, logProbs };
  }

  async score(rows: readonly Pick<TrainingRow, "tokens">[], temperature: number) {
    const { logProbs, entropy } = this.#outputs(tf.tensor1d(this.table), rows, temperature);
    const [l, h] = [logProbs.arraySync() as number[][], entropy.arraySync() as number[][]];
    return rows.map((_, b) => ({ logProbs: Float32Array.from(l[b]!), entropy: Float32Array.from(h[b]!) }));
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

  /** [B, T], column 0 is 0 as the contract has it. */
  #outputs(params: Tensor, rows: readonly Pick<TrainingRow, "tokens">[], temperature: number) {
    const [B, T] = [rows.length, this.T];
    const logits = params
      .reshape([1, T, this.V])
      .tile([B, 1, 1])
      .reshape([B * T, this.V]);
    const tokens = tf.tensor1d(
      rows.flatMap((row) => [...row.tokens]),
      "int32",
    );
    const { logProbs, entropy } = tokenLogProbs(logits, tokens, temperature);
    const predicted = tf.range(0, T).greater(0).cast("float32");
    return { logProbs: logProbs.reshape([B, T]).mul(predicted), entropy: entropy.reshape([B, T]).mul(predicted) };
  }

  #update(grads: Float32Array, gradScale: number, learningRate: number): void {
    const [beta1, beta2] = BETAS;
    const { table: params, firstMoment, secondMoment } = this;
    const options = { learningRate, beta1, beta2, eps: 1e-8, weightDecay: 0, t: ++this.version, gradScale };
    adamwStep({ params, grads, firstMoment, secondMoment }, options);
  }
}
