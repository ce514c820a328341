/**
 * The pieces of a Llama-family decoder, as TensorFlow.js functions with hand-written gradients where automatic ones would
 * touch memory more often. N tokens, D width, H heads of size d.
 */
import { rotary, widen } from "../engine/fused.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import { type RopeSettings, rotaryFrequencies } from "./rotary.ts";

type CustomGradient = Parameters<typeof tf.customGrad>[0];
const withGradient = (f: (...args: never[]) => { value: Tensor; gradFunc: (dy: Tensor, saved: Tensor[]) => unknown }) =>
  tf.customGrad(f as unknown as CustomGradient) as (...tensors: Tensor[]) => Tensor;

/**
 * Root-mean-square norm without its gain, https://arxiv.org/abs/1910.07467 eq. 4:  n = x / √(mean(x²) + ε)
 *
 *   dx = (dn − n·mean(dn·n)) / √(mean(x²) + ε)
 */
export function rmsNormalize(x: Tensor, eps: number): Tensor {
  const apply = withGradient((x: Tensor, save: (tensors: Tensor[]) => void) => {
    const inverse = tf.rsqrt(x.square().mean(-1, true).add(eps)); // [.., 1]
    const n = x.mul(inverse);
    save([n, inverse]);
    return {
      value: n,
      gradFunc: (dn, saved) => {
        const [n, inverse] = saved as [Tensor, Tensor];
        return dn.sub(n.mul(dn.mul(n).mean(-1, true))).mul(inverse);
      },
    };
  });
  return apply(x);
}

/** A linear layer behind a norm: (n ∘ g)·Wᵀ, or n·(W ∘ g)ᵀ where W has fewer rows than there are tokens. */
export function linearOfNormed(n: Tensor, gain: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const fewRows = (weight.shape[0] as number) < (n.shape[0] as number);
  return fewRows ? linear(n, weight.mul(gain), bias) : linear(n.mul(gain), weight, bias);
}

/**
 * The gated unit of SwiGLU, https://arxiv.org/abs/2002.05202:  silu(gate)·up,  silu(x) = x·σ(x)
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  const apply = withGradient((gate: Tensor, up: Tensor, save: (tensors: Tensor[]) => void) => {
    const s = tf.sigmoid(gate);
    const silu = gate.mul(s);
    save([gate, up, s]);
    return {
      value: silu.mul(up),
      gradFunc: (dy, saved) => {
        const [gate, up, s] = saved as [Tensor, Tensor, Tensor];
        const silu = gate.mul(s);
        // d silu = σ·(1 + x·(1 − σ)) = σ + silu·(1 − σ) = σ + silu − silu·σ
        return [dy.mul(up).mul(s.add(silu).sub(silu.mul(s))), dy.mul(silu)];
      },
    };
  });
  return apply(gate, up);
}

/** Vocabularies up to here take the gradient of the embedding as a one-hot product, larger ones as a scatter-add. */
const ONE_HOT_LIMIT = 1024;

/** Rows of `table` [V, D] for `ids` [N]. → [N, D] */
export function embed(table: Tensor, ids: Tensor): Tensor {
  const V = table.shape[0] as number;
  const apply = withGradient((table: Tensor, save: (tensors: Tensor[]) => void) => {
    save([ids]);
    return {
      value: tf.gather(table, ids),
      gradFunc: (dy, saved) => {
        const [ids] = saved as [Tensor];
        if (V > ONE_HOT_LIMIT) return tf.unsortedSegmentSum(dy, ids as never, V);
        return tf.matMul(oneHot(ids, V), dy, true, false); // [V, D]
      },
    };
  });
  return apply(table);
}

/** Compared in the graph: a materialized [N, V] constant would blow it up. `ids` [N] → [N, V] of 0 and 1 */
export function oneHot(ids: Tensor, V: number): Tensor {
  return tf.range(0, V, 1, "int32").expandDims(0).equal(ids.expandDims(1)).cast("float32");
}

/** cos and sin of position · frequency for positions [P]. [P, d/2] each */
export interface Rotary {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** @param scale multiplies both: attention's 1/√d costs nothing here */
export function rotaryAngles(positions: Tensor, rope: RopeSettings, scale = 1): Rotary {
  const { frequencies, amplitude } = rotaryFrequencies(rope);
  const angles = positions.cast("float32").expandDims(-1).mul(tf.tensor1d(frequencies)); // [P, d/2]
  return { cos: angles.cos().mul(scale * amplitude), sin: angles.sin().mul(scale * amplitude) };
}

/** Rotates each head's halves (a, b) of x [B, T, H, d] to (a·cos − b·sin, b·cos + a·sin), as Hugging Face has it. */
export function rotate(x: Tensor, { cos, sin }: Rotary): Tensor {
  const apply = withGradient((x: Tensor, save: (tensors: Tensor[]) => void) => {
    save([cos, sin]);
    return {
      value: rotary(x, cos, sin),
      gradFunc: (dy, saved) => rotary(dy, saved[0] as Tensor, (saved[1] as Tensor).neg()), // the transposed rotation
    };
  });
  return apply(x);
}

/**
 * softmax(q·kᵀ + bias)·v for queries [B, Hkv, R, d], keys and values [B, Hkv, T, d], bias broadcast to [B, Hkv, R, T].
 *
 * Backward as in FlashAttention (https://arxiv.org/abs/2205.14135, algorithm 4):  dS = P ∘ (dO·vᵀ − rowsum(dO ∘ O))
 */
export function attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor): Tensor {
  const apply = withGradient((q: Tensor, k: Tensor, v: Tensor, save: (tensors: Tensor[]) => void) => {
    const P = tf.softmax(tf.matMul(q, k, false, true).add(bias)); // [B, Hkv, R, T]
    const O = tf.matMul(P, v); // [B, Hkv, R, d]
    save([q, k, v, P, O]);
    return {
      value: O,
      gradFunc: (dO, saved) => {
        const [q, k, v, P, O] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const dS = P.mul(tf.matMul(dO, v, false, true).sub(dO.mul(O).sum(-1, true))); // [B, Hkv, R, T]
        return [tf.matMul(dS, k), tf.matMul(dS, q, true, false), tf.matMul(P, dO, true, false)];
      },
    };
  });
  return apply(q, k, v);
}

/** y = x·Wᵀ + b for x [N, in], W [out, in] as Hugging Face stores it. → [N, out] */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const y = tf.matMul(x, weight, false, true);
  return bias ? y.add(bias) : y;
}

/** Ends the name of an input that holds a weight in float16. */
export const HALF = ".half";

/**
 * x·Wᵀ for a W [out, in] in float16 that nothing trains. Widened for the product, and again for the backward pass, so that
 * no wide copy waits in between. x [N, in] → [N, out]
 */
export function frozenLinear(x: Tensor, half: Tensor): Tensor {
  const apply = withGradient((x: Tensor) => ({
    value: linear(x, widen(half, x)),
    gradFunc: (dy) => tf.matMul(dy, widen(half, dy)),
  }));
  return apply(x);
}

/** Large enough to vanish under soft-max, small enough that adding a score to it stays finite. */
export const MASKED = -1e9;

/** 0 where key position ≤ query position, else MASKED; `times` of it below each other; made in the graph. [times·T, T] */
export function causalBias(T: number, times: number): Tensor {
  const positions = tf.range(0, T, 1, "int32");
  const visible = positions.expandDims(0).lessEqual(positions.expandDims(1)); // [T, T]
  return tf.where(visible, tf.scalar(0), tf.scalar(MASKED)).tile([times, 1]);
}
