/**
 * The one place that names TensorFlow.js: the ops in which models and losses are written, and their gradients.
 * It is an optional dependency, because the verifiers and the sandbox work without it.
 */
import type * as Tf from "@tensorflow/tfjs";
import { RlvrError } from "../errors.ts";

export type Tensor = Tf.Tensor;

export const tf: typeof Tf = await import("@tensorflow/tfjs").catch((cause: unknown) => {
  throw new RlvrError("E_PACKAGE", "@tensorflow/tfjs is not installed; models, losses and training need it", {
    hint: "run: npm install @tensorflow/tfjs onnxruntime-node",
    cause,
  });
});

/** f(…xs), a scalar, and its gradients; 0 at those that f does not depend on, such as a head that a loss does not use. */
export function valueAndGrads(
  f: (...xs: Tensor[]) => Tensor,
  xs: readonly Tensor[],
): { value: Tensor; grads: Tensor[] } {
  return tf.tidy(() => {
    const { value, grads } = tf.engine().gradients(() => f(...xs), [...xs], undefined, true);
    return { value, grads: xs.map((x, i) => grads[i] ?? tf.zerosLike(x)) };
  });
}

/**
 * Gradients of f at `xs` for the gradient `dy` of its result, from inside a gradient function, where plain `tf.grads` would
 * take the tape away from the backward pass that is under way.
 */
export function gradsWithin(f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[], dy: Tensor): Tensor[] {
  const { state } = tf.engine();
  const tape = state.activeTape;
  try {
    return tf.grads(f as never)([...xs], dy) as Tensor[];
  } finally {
    state.activeTape = tape;
  }
}
