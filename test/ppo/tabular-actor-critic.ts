/**
 * The smallest actor-critic: two tables. Token t is drawn from the softmax of the logits for (t, the token before it), and
 * the score at token t is the value of the state (t, that token).
 */
import { type Tensor, tf } from "../../src/engine/tf.ts";
import type { TrainingRow } from "../../src/policy/loss.ts";
import { tokenLogProbs } from "../../src/policy/token-log-probs.ts";
import { Rng } from "../../src/rng.ts";
import { EagerLearner, pick, softmax } from "../policy/eager-learner.ts";

export class TabularActorCritic extends EagerLearner {
  readonly T: number;
  readonly V: number;

  /** Logits [T, V before, V], then values [T, V]. */
  constructor(T: number, V: number) {
    super(T * V * V + T * V, (params, rows, temperature) => {
      const [B, states] = [rows.length, T * V];
      const logitTable = params.slice([0], [states * V]).reshape([states, V]);
      const valueTable = params.slice([states * V], [states]);
      const { before, at, tokens } = indices(rows, V);
      const { logProbs, entropy } = tokenLogProbs(tf.gather(logitTable, before), tokens, temperature);
      const predicted = tf.range(0, T).greater(0).cast("float32");
      const aligned = (x: Tensor) => x.reshape([B, T]).mul(predicted); // column 0 is 0 as the contract has it
      const scores = tf.gather(valueTable, at).reshape([B, T]);
      return { logProbs: aligned(logProbs), entropy: aligned(entropy), scores };
    });
    this.T = T;
    this.V = V;
  }

  /** Of token t after the token `before`. [V] */
  probabilities(t: number, before: number): number[] {
    const row = (t * this.V + before) * this.V;
    return softmax(this.table.slice(row, row + this.V));
  }

  /** Of the state in which `token` has been read at t. */
  value(t: number, token: number): number {
    return this.table[this.T * this.V * this.V + t * this.V + token]!;
  }

  setValue(t: number, token: number, value: number): void {
    this.table[this.T * this.V * this.V + t * this.V + token] = value;
  }

  /** Token 0, and then tokens of its own. */
  sample(seed: number, stream: string): { tokens: Int32Array; logProbs: Float32Array } {
    const rng = new Rng(seed, stream);
    const tokens = new Int32Array(this.T);
    const logProbs = new Float32Array(this.T);
    for (let t = 1; t < this.T; t++) {
      const p = this.probabilities(t, tokens[t - 1]!);
      tokens[t] = pick(p, rng.next());
      logProbs[t] = Math.log(p[tokens[t]!]!);
    }
    return { tokens, logProbs };
  }
}

/** Rows of the tables, [B·T] each: the state before token t, and the one after it. */
function indices(rows: readonly Pick<TrainingRow, "tokens">[], V: number) {
  const ints = (f: (tokens: Int32Array, t: number) => number) =>
    tf.tensor1d(
      rows.flatMap(({ tokens }) => Array.from(tokens, (_, t) => f(tokens, t))),
      "int32",
    );
  return {
    before: ints((tokens, t) => t * V + (tokens[t - 1] ?? 0)),
    at: ints((tokens, t) => t * V + tokens[t]!),
    tokens: ints((tokens, t) => tokens[t]!),
  };
}
