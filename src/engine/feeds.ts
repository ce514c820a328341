/** What every engine checks and names in the same way: a program's signature and the arrays it is given. */
import { RlvrError } from "../errors.ts";
import type { Feeds, Signature } from "./engine.ts";

/** Tells programs of one engine apart: its name and the names, types and shapes of its inputs. */
export function programKey(name: string, signature: Signature): string {
  const inputs = Object.entries(signature).map(([key, { shape, dtype }]) => `${key}:${dtype}[${shape.join()}]`);
  return `${name}(${inputs.join(" ")})`;
}

const ARRAY_OF = { float32: Float32Array, int32: Int32Array, float16: Float16Array } as const;

/** @throws RlvrError E_SHAPE for a missing, unknown or wrongly sized input. */
export function checkFeeds(name: string, feeds: Feeds, signature: Signature, complete: boolean): void {
  for (const [key, data] of Object.entries(feeds)) {
    const spec = signature[key];
    if (!spec) throw new RlvrError("E_SHAPE", `${name} has no input ${key}, only ${Object.keys(signature).join(", ")}`);
    const size = spec.shape.reduce((a, b) => a * b, 1);
    const fits = data.length === size && data instanceof ARRAY_OF[spec.dtype];
    if (!fits) {
      const came = `${data.constructor.name}(${data.length})`;
      const expected = `${spec.dtype} [${spec.shape.join(", ")}]`;
      throw new RlvrError("E_SHAPE", `input ${key} of ${name} is ${came}, expected ${expected}`);
    }
  }
  if (!complete) return;
  const missing = Object.keys(signature).filter((key) => !(key in feeds));
  if (missing.length > 0) throw new RlvrError("E_SHAPE", `${name} was run without ${missing.join(", ")}`);
}
