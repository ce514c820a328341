import { RlvrError } from "../errors.ts";
import { type FloatFormat, loadModel, mergeAdapter, saveModel } from "../policy/index.ts";

/**
 * Adds an adapter to its base and writes the result as an ordinary model.
 *
 * @throws E_CONFIG where `adapter` is no adapter, E_CHECKPOINT where it or its base cannot be read
 */
export async function merge(adapter: string, out: string, format: FloatFormat): Promise<void> {
  const { weights, base: _, ...model } = await loadModel(adapter);
  if (!weights.adapter) {
    throw new RlvrError("E_CONFIG", `${adapter} is a whole model, expected an adapter`, {
      hint: "give the folder that has adapter_config.json, such as model/ of a run with lora.rank",
    });
  }
  mergeAdapter(weights, weights.adapter);
  await saveModel(out, { ...model, weights: { ...weights, adapter: undefined } }, { format });
}
