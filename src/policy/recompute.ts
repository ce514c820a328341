/**
 * Memory for time, https://arxiv.org/abs/1604.06174: what the forward pass computes is dropped, and computed again when
 * the backward pass asks for it.
 */
import { gradsWithin, type Tensor, tf } from "../engine/tf.ts";

/**
 * x, but not before `dy` is known. The engine keeps one copy of equal operations, so the second forward pass must not be
 * equal to the first; and being ordered after `dy`, it cannot run early and hold its results.
 */
export function after(x: Tensor, dy: Tensor): Tensor {
  return x.add(dy.reshape([-1]).slice([0], [1]).mul(0).squeeze());
}

/** f(x, …params), with nothing kept for the backward pass but x and the parameters. */
export function recomputed(
  f: (x: Tensor, ...params: Tensor[]) => Tensor,
  x: Tensor,
  params: readonly Tensor[],
): Tensor {
  const apply = tf.customGrad((...args: unknown[]) => {
    const save = args.pop() as (tensors: Tensor[]) => void;
    const [x, ...rest] = args as [Tensor, ...Tensor[]];
    save([x, ...rest]);
    return {
      value: f(x, ...rest),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, ...rest] = saved as [Tensor, ...Tensor[]];
        return gradsWithin(f, [after(x, dy), ...rest], dy);
      },
    };
  });
  return apply(x, ...params);
}
