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
import { baseOfAdapter, isAdapterFolder, loadAdapter, loadAdapterInto, writeAdapter } from "./peft.ts";
import type { ChatMode } from "./prompt.ts";
import { openSafetensors } from "./safetensors.ts";
import { openModelTensors } from "./safetensors-shards.ts";
import { type WriteOptions, writeSafetensors } from "./safetensors-writer.ts";
import { checkTensors, fillFrom, sourceOf } from "./tensor-files.ts";
import { readTokenizer, type Tokenizer } from "./tokenizer.ts";
import { createWeights, type ModelWeights, weightShapes } from "./weights.ts";
import { writeFolder } from "./write-folder.ts";

export interface Model {
  readonly config: ModelConfig;
  readonly weights: ModelWeights;
  readonly tokenizer: Tokenizer;
  /** Folder of the model below the adapter, where the weights have one. */
  readonly base?: string;
  /** What becomes of prompts that are texts; auto where it is absent. */
  readonly chat?: ChatMode;
}

export interface LoadOptions {
  /** Keep the projections in float16: half the memory, and nothing but an adapter can be trained. */
  readonly inHalves?: boolean;
}

export type SaveOptions = Pick<WriteOptions, "format">;

/** A model, or an adapter in PEFT's layout together with the model that it names. */
export async function loadModel(folder: string, { inHalves = false }: LoadOptions = {}): Promise<Model> {
  if (isAdapterFolder(folder)) {
    const base = await baseOfAdapter(folder);
    const model = await loadModel(base, { inHalves });
    return { ...model, weights: { ...model.weights, adapter: await loadAdapter(folder, model.config) }, base };
  }
  const config = await readModelConfig(folder);
  const tokenizer = await readTokenizer(folder);
  if (tokenizer.vocabSize > config.vocabSize) {
    throw new RlvrError(
      "E_CHECKPOINT",
      `${folder}: the tokenizer has ${tokenizer.vocabSize} tokens, expected at most the model's ${config.vocabSize}`,
    );
  }
  const model = { config, weights: createWeights(config, inHalves), tokenizer };
  await restoreWeights(folder, model);
  return model;
}

/** Reads what training changes, the adapter or all weights, into the arrays of a model of the same shapes. */
export async function restoreWeights(folder: string, { config, weights }: Model): Promise<void> {
  if (weights.adapter) return loadAdapterInto(folder, weights.adapter.weights);
  const store = await openModelTensors(folder);
  try {
    checkTensors(store, new Map(weightShapes(config)), isIgnored(config));
    await fillFrom(store, { ...weights.views, ...weights.halves?.views });
  } finally {
    await store.close();
  }
}

/** A new folder appears whole or not at all; in an existing one each file is replaced whole, and other files stay. */
export async function saveModel(folder: string, model: Model, options: SaveOptions = {}): Promise<void> {
  await writeFolder(folder, (aside) => writeModel(aside, model, options));
}

/**
 * The files of a model, written into an existing folder: for callers of `writeFolder` that add files of their own. Of a
 * model with an adapter, the adapter alone.
 */
export async function writeModel(folder: string, model: Model, options: SaveOptions = {}): Promise<void> {
  const { config, weights, tokenizer } = model;
  if (weights.adapter) return writeAdapter(folder, weights.adapter, model.base ?? "", options);
  if (weights.halves)
    throw new RlvrError("E_CHECKPOINT", "a model that is kept in float16 cannot be saved: it was rounded");
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

/** What transformers ignores too: rotary frequencies of old checkpoints, and an output head that is tied anyway. */
function isIgnored(config: ModelConfig): (name: string) => boolean {
  return (name) => name.endsWith(".rotary_emb.inv_freq") || (config.tieEmbeddings && name === "lm_head.weight");
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
