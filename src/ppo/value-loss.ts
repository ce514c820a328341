/**
 * The critic's loss, clipped around what it said before (OpenAI baselines' ppo2; Engstrom et al., 2005.12729 §3):
 *
 *   L(φ) = Σ_{b,t} w_{b,t} · ½·max( (V_t − R_t)², (clip(V_t, V_t^old ± ε)  − R_t)² )
 *
 * The larger of the two: a value that has moved further than ε towards its return gets no gradient.
 */
import { checkAxes } from "../engine/shapes.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import { RlvrError } from "../errors.ts";
import type { Loss } from "../policy/loss.ts";

export interface ValueLossOptions {
  /** ε; null = no clip: half the squared error. */
  readonly clip: number | null;
}

const FIELDS = ["returns", "oldValues", "weights", "completionMask"] as const;

/**
 * Of a model with a score head. Fields [B, T], each at the token that follows the state: `returns`, `oldValues`, `weights`,
 * `completionMask` (1 = trained).
 *
 * Sums: `loss/value` is the loss; `tokens` counts trained tokens, `value/clipped` those held by the clip.
 */
export function ppoValueLoss({ clip }: ValueLossOptions): Loss {
  return {
    name: `ppo-value(clip=${clip})`,
    fields: FIELDS,
    compute: ({ scores }, batch) => {
      if (scores === undefined) {
        throw new RlvrError("E_SHAPE", "the model has no score head, expected one to read values from", {
          hint: 'give the model one: withHead(model, "both", seed, 0), or "score" for a critic of its own',
        });
      }
      checkAxes({
        scores: [scores, "B T"],
        ...Object.fromEntries(FIELDS.map((name) => [name, [batch[name]!, "B T"] as const])),
      });
      const { returns, oldValues, weights, completionMask } = batch as Record<(typeof FIELDS)[number], Tensor>;
      const values = valuesBefore(scores); // [B, T]
      const plain = values.sub(returns).square(); // [B, T]
      const clipped = clip === null ? plain : around(oldValues, values, clip).sub(returns).square(); // [B, T]
      const loss = tf.maximum(plain, clipped).mul(weights).sum().mul(0.5); // []
      return {
        loss: loss.clone(),
        sums: {
          "loss/value": loss,
          tokens: completionMask.sum(),
          "value/clipped": clipped.greater(plain).cast("float32").mul(completionMask).sum(),
        },
        maxima: {},
      };
    },
  };
}

/** V_t is what the head says at token t−1: the state before token t. Column 0, before which there is nothing, is 0. [B, T] */
export function valuesBefore(scores: Tensor): Tensor {
  const [B, T] = scores.shape as [number, number];
  return tf.concat([tf.zeros([B, 1]), scores.slice([0, 0], [B, T - 1])], 1); // [B, T]
}

/** clip(values, center ± ε). [B, T] */
function around(center: Tensor, values: Tensor, epsilon: number): Tensor {
  return center.add(values.sub(center).clipByValue(-epsilon, epsilon));
}
