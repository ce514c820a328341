/**
 * Operations that ONNX Runtime has as one kernel and TensorFlow.js has not. Where an engine lacks the kernel, the same
 * numbers come from several operations. They have no gradient of their own: callers give it.
 */
import { type Tensor, tf } from "./tf.ts";

/** Kernels that the onnx engine adds to those of TensorFlow.js. */
export const ROTARY = "RlvrRotary";
export const WIDEN = "RlvrWiden";

function has(kernel: string): boolean {
  return tf.getKernel(kernel, tf.getBackend()) != null;
}

/** x [B, T, H, d] with halves (a, b) → (a·cos − b·sin, b·cos + a·sin) for cos and sin [T, d/2]. */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  if (has(ROTARY)) return tf.engine().runKernel(ROTARY, { x, cos, sin }) as Tensor;
  const [a, b] = tf.split(x, 2, -1) as [Tensor, Tensor];
  const [c, s] = [cos.expandDims(1), sin.expandDims(1)]; // [T, 1, d/2]
  return tf.concat([a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))], -1);
}

/**
 * A float16 input as float32, made when `cause` is known and not before: an engine that made it early would hold it until
 * it is needed, and one that made it once would hold it between its uses. Where an engine has no float16, it is float32 already.
 */
export function widen(x: Tensor, cause: Tensor): Tensor {
  return has(WIDEN) ? (tf.engine().runKernel(WIDEN, { x, cause }) as Tensor) : x;
}
