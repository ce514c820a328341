import { type Tensor, tf } from "../engine/tf.ts";
import { hashText } from "../rng.ts";

/**
 * x with a share of its elements set to 0 and the others scaled by 1/(1 − share).
 *
 * Which ones is a hash of (row, column, seed, name), computed in the graph: a mask as an input would be as large as the
 * activations, and a random operation could not be repeated when a step is taken again or a layer is recomputed.
 * The hash, fract(sin(·)·43758.5453), is that of shader programs: uniform enough for dropout, and for nothing else.
 *
 * @param x [N, D]
 * @param share [1] in [0, 1)
 * @param seed [1] whole, below 2^16: a float32 must tell it apart from its neighbors
 */
export function dropout(x: Tensor, share: Tensor, seed: Tensor, name: string): Tensor {
  const [N, D] = x.shape as [number, number];
  const place = (hashText(name) % 1024) / 1024;
  const rows = tf.range(0, N, 1, "float32").mul(12.9898).expandDims(1); // [N, 1]
  const columns = tf.range(0, D, 1, "float32").mul(78.233).expandDims(0); // [1, D]
  const phase = rows.add(columns).add(seed.mul(0.7548776)).add(place);
  const noise = phase.sin().mul(43758.5453);
  const uniform = noise.sub(noise.floor()); // [N, D] in [0, 1)
  const keep = uniform.greaterEqual(share).cast("float32").div(share.neg().add(1));
  return x.mul(keep);
}
