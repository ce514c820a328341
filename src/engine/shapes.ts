import { RlvrError } from "../errors.ts";
import type { Tensor } from "./tf.ts";

/**
 * Checks tensors against axis letters and returns what each letter measures: `{ logProbs: [logProbs, "B T"] }` → `{ B, T }`.
 * A letter means the same size wherever it appears; a number stands for itself; "" is a scalar.
 * @throws RlvrError E_SHAPE that names the tensor, its shape and the expected one.
 */
export function checkAxes(tensors: Record<string, readonly [Pick<Tensor, "shape">, string]>): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [name, [tensor, axes]] of Object.entries(tensors)) {
    const letters = axes === "" ? [] : axes.split(" ");
    const fits =
      tensor.shape.length === letters.length &&
      letters.every((letter, i) => {
        const size = tensor.shape[i] as number;
        if (/^\d+$/.test(letter)) return size === Number(letter);
        sizes[letter] ??= size;
        return sizes[letter] === size;
      });
    if (!fits) {
      const expected = letters.map((l) => (sizes[l] === undefined ? l : `${l}=${sizes[l]}`)).join(", ");
      throw new RlvrError("E_SHAPE", `${name} has shape [${tensor.shape.join(", ")}], expected [${expected}]`);
    }
  }
  return sizes;
}
