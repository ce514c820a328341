import { type Tensor, tf } from "../engine/tf.ts";

/**
 * Identity forward, zero backward: TensorFlow.js has no `detach`.
 *
 * Without it, one tensor used both as current and as old log-probs has gradient 0, because both uses are differentiated.
 */
export const stopGradient: (x: Tensor) => Tensor = tf.customGrad((x) => ({
  value: (x as Tensor).clone(),
  gradFunc: (dy: Tensor) => tf.zerosLike(dy),
}));
