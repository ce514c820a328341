import { tf } from "../engine/tf.ts";
import type { Loss } from "./loss.ts";

/**
 * Σ coefficient · loss, in one update: a policy's and a value's loss on a shared trunk, say. What the losses log is logged
 * as each of them has it, without its coefficient; a number of the same name must be the same number.
 */
export function weightedSum(parts: readonly { readonly loss: Loss; readonly coef: number }[]): Loss {
  return {
    name: parts.map(({ loss, coef }) => `${coef}·${loss.name}`).join(" + "),
    fields: [...new Set(parts.flatMap(({ loss }) => loss.fields))],
    compute: (outputs, batch) => {
      const results = parts.map(({ loss }) => loss.compute(outputs, batch));
      return {
        loss: tf.addN(results.map(({ loss }, i) => loss.mul(parts[i]!.coef))), // []
        sums: Object.assign({}, ...results.map(({ sums }) => sums)),
        maxima: Object.assign({}, ...results.map(({ maxima }) => maxima)),
      };
    },
  };
}
