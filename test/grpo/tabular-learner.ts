/** The smallest real learner: token t of a sequence is drawn from softmax(table[t]), whatever came before. */
import { type Tensor, tf } from "../../src/engine/tf.ts";
import type { TrainingRow } from "../../src/policy/loss.ts";
import { tokenLogProbs } from "../../src/policy/token-log-probs.ts";
import { Rng } from "../../src/rng.ts";
import { EagerLearner, pick, softmax } from "../policy/eager-learner.ts";

export class TabularLearner extends EagerLearner {
  readonly T: number;
  readonly V: number;

  /** Logits, flat: [T·V]. */
  constructor(T: number, V: number) {
    super(T * V, (params, rows, temperature) => outputs(params, rows, temperature, T, V));
    this.T = T;
    this.V = V;
  }

  /** Softmax of row t. [V] */
  probabilities(t: number): number[] {
    return softmax(this.table.slice(t * this.V, (t + 1) * this.V));
  }

  /** A completion of one token at each position after the first, drawn by `stream`. */
  sample(seed: number, stream: string): { tokens: Int32Array; logProbs: Float32Array } {
    const rng = new Rng(seed, stream);
    const tokens = new Int32Array(this.T);
    const logProbs = new Float32Array(this.T);
    for (let t = 1; t < this.T; t++) {
      const p = this.probabilities(t);
      tokens[t] = pick(p, rng.next());
      logProbs[t] = Math.log(p[tokens[t]!]!);
    }
    return { tokens, logProbs };
  }
}

/** [B, T], column 0 is 0 as the contract has it. */
function outputs(
  params: Tensor,
  rows: readonly Pick<TrainingRow, "tokens">[],
  temperature: number,
  T: number,
  V: number,
) {
  const B = rows.length;
  const logits = params
    .reshape([1, T, V])
    .tile([B, 1, 1])
    .reshape([B * T, V]);
  const tokens = tf.tensor1d(
    rows.flatMap((row) => [...row.tokens]),
    "int32",
  );
  const { logProbs, entropy } = tokenLogProbs(logits, tokens, temperature);
  const predicted = tf.range(0, T).greater(0).cast("float32");
  return { logProbs: logProbs.reshape([B, T]).mul(predicted), entropy: entropy.reshape([B, T]).mul(predicted) };
}
