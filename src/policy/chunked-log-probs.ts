/**
 * token-log-probs.ts without the logits [N, V]: from hidden states, some tokens at a time, computed again for the
 * backward pass. For vocabularies whose logits would be larger than all the rest.
 *
 *   z = h·Wᵀ / τ     log π(y) = z_y − log Σ_v e^(z_v)     H = log Σ_v e^(z_v) − Σ_v p_v z_v
 *   ∂ log π(y) / ∂h = (W_y − Σ_v p_v W_v) / τ             ∂H / ∂z = −p (log p + H)
 */
import { checkAxes } from "../engine/shapes.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import { embed, linear } from "./layers.ts";
import { recomputed } from "./recompute.ts";
import type { TokenLogProbs } from "./token-log-probs.ts";

/** Logits that exist at the same time: 64 MiB of float32, about the largest that still pays in speed. */
export const LOGITS_AT_ONCE = 2 ** 24;

/**
 * `hidden` [N, D], `table` [V, D], `tokens` [N] int32 → log-probs and entropies [N].
 *
 * @param logitsAtOnce how many logits may exist at the same time; those of one token always do
 */
export function chunkedLogProbs(
  hidden: Tensor,
  table: Tensor,
  tokens: Tensor,
  temperature: number,
  logitsAtOnce = LOGITS_AT_ONCE,
): TokenLogProbs {
  const { N, V, D } = checkAxes({ hidden: [hidden, "N D"], table: [table, "V D"], tokens: [tokens, "N"] }) as {
    N: number;
    V: number;
    D: number;
  };
  const step = Math.max(1, Math.floor(logitsAtOnce / V));
  const logProbs: Tensor[] = [];
  const entropies: Tensor[] = [];
  for (let start = 0; start < N; start += step) {
    const n = Math.min(step, N - start);
    const h = hidden.slice([start, 0], [n, D]);
    const y = tokens.slice([start], [n]);
    const taken = h.mul(embed(table, y)).sum(1).div(temperature); // [n]
    logProbs.push(taken.sub(recomputed((h, W) => logSum(scores(h, W, temperature)), h, [table])));
    entropies.push(recomputed((h, W) => entropyOf(scores(h, W, temperature)), h, [table]));
  }
  return { logProbs: tf.concat(logProbs), entropy: tf.concat(entropies) };
}

/** [n, V] */
function scores(h: Tensor, table: Tensor, temperature: number): Tensor {
  return temperature === 1 ? linear(h, table) : linear(h.div(temperature), table);
}

type Save = (tensors: Tensor[]) => void;

/** log Σ_v e^(z_v), with the gradient p. z [n, V] → [n] */
function logSum(z: Tensor): Tensor {
  const apply = tf.customGrad((input, save) => {
    const z = input as Tensor;
    const { exps, sum, top } = shares(z);
    (save as Save)([exps, sum]);
    return {
      value: sum.log().add(top).squeeze([1]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [exps, sum] = saved as [Tensor, Tensor];
        return exps.mul(dy.expandDims(1).div(sum));
      },
    };
  });
  return apply(z);
}

/** H = log Σ − Σ p z, with the gradient −p (log p + H). z [n, V] → [n] */
function entropyOf(z: Tensor): Tensor {
  const apply = tf.customGrad((input, save) => {
    const z = input as Tensor;
    const { exps, sum, top, shifted } = shares(z);
    const H = sum.log().sub(exps.mul(shifted).sum(1, true).div(sum)); // [n, 1]
    (save as Save)([z, exps, sum, top, H]);
    return {
      value: H.squeeze([1]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [z, exps, sum, top, H] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const logP = z.sub(top.add(sum.log())); // [n, V]
        return exps.mul(logP.add(H)).mul(dy.expandDims(1).div(sum).neg());
      },
    };
  });
  return apply(z);
}

/** e^(z − top), their sum, and top = max z, so that nothing overflows. */
function shares(z: Tensor) {
  const top = z.max(1, true); // [n, 1]
  const shifted = z.sub(top); // [n, V]
  const exps = shifted.exp();
  return { top, shifted, exps, sum: exps.sum(1, true) };
}
