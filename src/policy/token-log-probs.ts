/**
 * log π of given tokens and the entropy of the distributions, from logits.
 *
 *   z = logits / τ      log π(y) = z_y − log Σ_v e^(z_v)      H = −Σ_v p_v log p_v
 *   ∂ log π(y) / ∂z = onehot(y) − p                           ∂H / ∂z = −p (log p + H)
 *
 * τ must be the temperature that sampled, or the ratio is not 1 on the first step. The two results are two operations, so
 * that the backward pass of the one that is not differentiated costs nothing.
 */
import { checkAxes } from "../engine/shapes.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import { oneHot } from "./layers.ts";

export interface TokenLogProbs {
  readonly logProbs: Tensor; // [N], natural logarithm
  readonly entropy: Tensor; // [N], nats
}

/** `logits` [N, V], `tokens` [N] int32 → log-probs and entropies [N]. */
export function tokenLogProbs(logits: Tensor, tokens: Tensor, temperature: number): TokenLogProbs {
  checkAxes({ logits: [logits, "N V"], tokens: [tokens, "N"] });
  const z = temperature === 1 ? logits : logits.div(temperature); // [N, V]
  // What follows up to `logSum` is shared by both operations. The tape sees it, but no gradient flows through it.
  const shifted = z.sub(z.max(1, true)); // [N, V], at most 0
  const exps = shifted.exp(); // [N, V]
  const sum = exps.sum(1, true); // [N, 1]
  const logSum = sum.log(); // [N, 1]

  const pick = tf.customGrad((_z, save) => {
    const chosen = oneHot(tokens, shifted.shape[1] as number); // [N, V]
    (save as Save)([exps, sum, tokens]);
    return {
      value: shifted
        .mul(chosen)
        .sum(1)
        .sub(logSum.squeeze([1])), // [N]
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [e, s, y] = saved as [Tensor, Tensor, Tensor];
        const d = dy.expandDims(1); // [N, 1]
        return oneHot(y, e.shape[1] as number)
          .mul(d)
          .sub(e.mul(d.div(s))); // [N, V]
      },
    };
  });

  const entropyOf = tf.customGrad((_z, save) => {
    const p = exps.div(sum); // [N, V]
    const logP = shifted.sub(logSum); // [N, V]
    const entropy = p.mul(logP).sum(1).neg(); // [N]
    (save as Save)([p, logP, entropy]);
    return {
      value: entropy,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [q, logQ, h] = saved as [Tensor, Tensor, Tensor];
        return q.mul(logQ.add(h.expandDims(1))).mul(dy.expandDims(1).neg()); // [N, V]
      },
    };
  });

  return { logProbs: pick(z), entropy: entropyOf(z) };
}

type Save = (tensors: Tensor[]) => void;
