/// <reference lib="es2025.float16" />
/** Named flat arrays and tensors on disk, matched by name and shape. */
import { RlvrError } from "../errors.ts";
import { rowsOf, type TensorStore } from "./safetensors.ts";
import type { TensorSource } from "./safetensors-writer.ts";

/** A tensor that is written from its array. */
export function sourceOf(name: string, shape: readonly number[], values: Float32Array): TensorSource {
  const { columns } = rowsOf(shape);
  const fill: TensorSource["fill"] = (into, firstRow) => {
    into.set(values.subarray(firstRow * columns, firstRow * columns + into.length));
  };
  return { name, shape, fill };
}

/** Reads every target from the store's tensor of that name. */
export async function fillFrom(
  store: TensorStore,
  targets: Readonly<Record<string, Float32Array | Float16Array>>,
): Promise<void> {
  for (const [name, values] of Object.entries(targets)) {
    const columns = store.tensors.get(name)?.columns ?? 1;
    const isHalf = values instanceof Float16Array;
    await store.read(name, (rows, firstRow) => {
      if (isHalf) checkHalves(rows, `${store.where}: tensor ${name}`);
      values.set(rows, firstRow * columns);
    });
  }
}

/** Throws E_CHECKPOINT at a number that float16 does not reach. */
function checkHalves(rows: Float32Array, where: string): void {
  const at = rows.findIndex((value) => Math.abs(value) > MAX_HALF);
  if (at < 0) return;
  throw new RlvrError("E_CHECKPOINT", `${where} holds ${rows[at]}, expected at most ${MAX_HALF} for float16`, {
    hint: "keep the weights in float32: leave engine.weights out",
  });
}

const MAX_HALF = 65_504;

/** Throws unless the store holds the expected tensors, in their shapes, and no others but the ignored ones. */
export function checkTensors(
  store: TensorStore,
  expected: ReadonlyMap<string, readonly number[]>,
  ignored: (name: string) => boolean,
): void {
  const faults: string[] = [];
  for (const [name, shape] of expected) {
    const came = store.tensors.get(name)?.shape;
    if (came === undefined) faults.push(`tensor ${name} [${shape.join(", ")}] is missing`);
    else if (came.join() !== shape.join()) {
      faults.push(`tensor ${name} has shape [${came.join(", ")}], expected [${shape.join(", ")}]`);
    }
  }
  for (const name of store.tensors.keys()) {
    if (!expected.has(name) && !ignored(name)) faults.push(`tensor ${name} is not expected`);
  }
  if (faults.length === 0) return;
  const more = faults.length > 5 ? `\n  and ${faults.length - 5} more` : "";
  throw new RlvrError("E_CHECKPOINT", `${store.where}:\n  ${faults.slice(0, 5).join("\n  ")}${more}`, {
    hint: "check that config.json and the weights belong together",
  });
}
