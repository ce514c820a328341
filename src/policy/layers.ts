/**
 * The pieces of a Llama-family decoder, as TensorFlow.js functions with hand-written gradients where automatic ones would
 * touch memory more often. N tokens, D width, H heads of size d.
 */
import { type Tensor, tf } from "../engine/tf.ts";

type CustomGradient = Parameters<typeof tf.customGrad>[0];
const withGradient = (f: (...args: never[]) => { value: Tensor; gradFunc: (dy: Tensor, saved: Tensor[]) => unknown }) =>
  tf.customGrad(f as unknown as CustomGradient) as (...tensors: Tensor[]) => Tensor;

/**
 * Root-mean-square norm, https://arxiv.org/abs/1910.07467 eq. 4:  y = g · x / √(mean(x²) + ε)
 *
 * With n = x/√(mean(x²) + ε):  dg = Σ dy·n,  dx = (dn − n·mean(dn·n)) / √(mean(x²) + ε),  dn = dy·g
 */
export function rmsNorm(x: Tensor, gain: Tensor, eps: number): Tensor {
  const apply = withGradient((x: Tensor, g: Tensor, save: (tensors: Tensor[]) => void) => {
    const inverse = tf.rsqrt(x.square().mean(-1, true).add(eps)); // [.., 1]
    save([x, g, inverse]);
    return {
      value: x.mul(inverse).mul(g),
      gradFunc: (dy, saved) => {
        const [x, g, inverse] = saved as [Tensor, Tensor, Tensor];
        const n = x.mul(inverse);
        const dn = dy.mul(g);
        const dx = dn.sub(n.mul(dn.mul(n).mean(-1, true))).mul(inverse);
        const rows = dy.mul(n).reshape([-1, g.shape[0] as number]); // [N, D]
        return [
          dx,
          tf
            .ones([1, rows.shape[0] as number])
            .matMul(rows)
            .reshape(g.shape),
        ];
      },
    };
  });
  return apply(x, gain);
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

/** [N] → [N, V] of 0 and 1, made in the graph. */
export function oneHot(ids: Tensor, V: number): Tensor {
  return tf.range(0, V, 1, "int32").expandDims(0).equal(ids.expandDims(1)).cast("float32");
}

/** Angles of the rotary embedding, https://arxiv.org/abs/2104.09864, halves split as Hugging Face has them. */
export interface Rotary {
  readonly cos: Tensor; // [.., d], broadcast against queries and keys
  readonly sin: Tensor; // [.., d]
}

/** For positions [..]: cos and sin of position · theta^(−2i/d), each half twice. → [.., d] */
export function rotaryAngles(positions: Tensor, headDim: number, theta: number): Rotary {
  const half = headDim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => theta ** (-(2 * i) / headDim));
  const angles = positions.cast("float32").expandDims(-1).mul(tf.tensor1d(frequencies)); // [.., d/2]
  const both = tf.concat([angles, angles], -1); // [.., d]
  return { cos: both.cos(), sin: both.sin() };
}

/**
 * Rotates queries or keys [.., d]:  x·cos + rotateHalf(x)·sin,  rotateHalf([a, b]) = [−b, a].
 * The rotation by halves is a product with a signed permutation, which is cheaper than slicing, forward and backward.
 */
export function rotate(x: Tensor, { cos, sin }: Rotary): Tensor {
  const d = x.shape.at(-1) as number;
  const half = d / 2;
  const permutation = new Float32Array(d * d);
  for (let i = 0; i < half; i++) {
    permutation[(i + half) * d + i] = -1;
    permutation[i * d + i + half] = 1;
  }
  const rotated = tf.matMul(x.reshape([-1, d]), tf.tensor2d(permutation, [d, d])).reshape(x.shape);
  return x.mul(cos).add(rotated.mul(sin));
}

/** y = x·Wᵀ + b for x [N, in], W [out, in] as Hugging Face stores it. → [N, out] */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const y = tf.matMul(x, weight, false, true);
  return bias ? y.add(bias) : y;
}

/** Large enough to vanish under soft-max, small enough that adding a score to it stays finite. */
export const MASKED = -1e9;

/** 0 where key position ≤ query position, else MASKED; made in the graph. → [T, T] */
export function causalBias(T: number): Tensor {
  const positions = tf.range(0, T, 1, "int32");
  const visible = positions.expandDims(0).lessEqual(positions.expandDims(1)); // [T, T]
  return tf.where(visible, tf.scalar(0), tf.scalar(MASKED));
}
