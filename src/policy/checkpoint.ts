/**
 * A policy on disk, in Hugging Face's layout: config.json, generation_config.json, model.safetensors (or shards),
 * tokenizer.json, tokenizer_config.json. And named flat arrays, for an optimizer's state.
 *
 * Parsed at the edge: a tensor that is missing, is not expected or has another shape is named. Errors are E_CHECKPOINT.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RlvrError } from "../errors.ts";
import { readModelConfig, toHfConfig, toHfGenerationConfig } from "./hf-config.ts";
import type { ModelConfig } from "./model-config.ts";
import { openSafetensors, rowsOf, type TensorStore } from "./safetensors.ts";
import { openModelTensors } from "./safetensors-shards.ts";
import { type TensorSource, type WriteOptions, writeSafetensors } from "./safetensors-writer.ts";
import { readTokenizer, type Tokenizer } from "./tokenizer.ts";
import { createWeights, type ModelWeights, weightShapes } from "./weights.ts";
import { writeFolder } from "./write-folder.ts";

export interface Model {
  readonly config: ModelConfig;
  readonly weights: ModelWeights;
  readonly tokenizer: Tokenizer;
}

export type SaveOptions = Pick<WriteOptions, "format">;

export async function loadModel(folder: string): Promise<Model> {
  const config = await readModelConfig(folder);
  const tokenizer = await readTokenizer(folder);
  if (tokenizer.vocabSize > config.vocabSize) {
    throw new RlvrError(
      "E_CHECKPOINT",
      `${folder}: the tokenizer has ${tokenizer.vocabSize} tokens, expected at most the model's ${config.vocabSize}`,
    );
  }
  const store = await openModelTensors(folder);
  try {
    checkTensors(store, new Map(weightShapes(config)), isIgnored(config));
    const weights = createWeights(config);
    await fillFrom(store, weights.views);
    return { config, weights, tokenizer };
  } finally {
    await store.close();
  }
}

/** A new folder appears whole or not at all; in an existing one each file is replaced whole, and other files stay. */
export async function saveModel(folder: string, model: Model, options: SaveOptions = {}): Promise<void> {
  await writeFolder(folder, (aside) => writeModel(aside, model, options));
}

/** The files of a model, written into an existing folder: for callers of `writeFolder` that add files of their own. */
export async function writeModel(folder: string, model: Model, options: SaveOptions = {}): Promise<void> {
  const { config, weights, tokenizer } = model;
  const files = {
    "config.json": toJson(toHfConfig(config)),
    "generation_config.json": toJson(toHfGenerationConfig(config)),
    ...tokenizer.files,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const tensors = weights.specs.map(({ name, shape }) => sourceOf(name, shape, weights.views[name]!));
  await writeSafetensors(join(folder, "model.safetensors"), tensors, options);
}

/** Writes flat arrays by name, as F32 vectors: exact. */
export async function saveTensors(path: string, tensors: Readonly<Record<string, Float32Array>>): Promise<void> {
  const sources = Object.entries(tensors).map(([name, values]) => sourceOf(name, [values.length], values));
  await writeSafetensors(path, sources);
}

/** Every tensor of a safetensors file as a flat array. */
export async function loadTensors(path: string): Promise<Record<string, Float32Array>> {
  const store = await openSafetensors(path);
  try {
    const loaded = [...store.tensors.values()].map(
      ({ name, rows, columns }) => [name, new Float32Array(rows * columns)] as const,
    );
    const targets = Object.fromEntries(loaded);
    await fillFrom(store, targets);
    return targets;
  } finally {
    await store.close();
  }
}

/** As `loadTensors`, into existing arrays (on shared memory, say). The file must hold these, in these sizes, only. */
export async function loadTensorsInto(path: string, targets: Readonly<Record<string, Float32Array>>): Promise<void> {
  const store = await openSafetensors(path);
  try {
    const expected = Object.entries(targets).map(([name, { length }]) => [name, [length]] as const);
    checkTensors(store, new Map(expected), () => false);
    await fillFrom(store, targets);
  } finally {
    await store.close();
  }
}

function sourceOf(name: string, shape: readonly number[], values: Float32Array): TensorSource {
  const { columns } = rowsOf(shape);
  const fill: TensorSource["fill"] = (into, firstRow) => {
    into.set(values.subarray(firstRow * columns, firstRow * columns + into.length));
  };
  return { name, shape, fill };
}

/** Reads every target from the store's tensor of that name. */
async function fillFrom(store: TensorStore, targets: Readonly<Record<string, Float32Array>>): Promise<void> {
  for (const [name, values] of Object.entries(targets)) {
    const columns = store.tensors.get(name)?.columns ?? 1;
    await store.read(name, (rows, firstRow) => values.set(rows, firstRow * columns));
  }
}

/** Throws unless the store holds the expected tensors, in their shapes, and no others but the ignored ones. */
function checkTensors(
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

/** What transformers ignores too: rotary frequencies of old checkpoints, and an output head that is tied anyway. */
function isIgnored(config: ModelConfig): (name: string) => boolean {
  return (name) => name.endsWith(".rotary_emb.inv_freq") || (config.tieEmbeddings && name === "lm_head.weight");
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
