/**
 * Adapters in PEFT's layout: adapter_config.json and adapter_model.safetensors, as peft, vLLM and SGLang load them.
 *
 * Tensors are named base_model.model.<projection>.lora_A.weight [r, in] and .lora_B.weight [out, r]. What the adapter here
 * cannot compute is refused by name.
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { cachedModel } from "./hub.ts";
import { readJson } from "./json-file.ts";
import { type Adapter, adapterShapes, LoraConfig, PROJECTIONS, type Projection } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import { openSafetensors } from "./safetensors.ts";
import { type WriteOptions, writeSafetensors } from "./safetensors-writer.ts";
import { checkTensors, fillFrom, sourceOf } from "./tensor-files.ts";
import { type FlatWeights, flatWeights } from "./weights.ts";

const CONFIG = "adapter_config.json";
const TENSORS = "adapter_model.safetensors";
const PREFIX = "base_model.model.";

const patterns = z.record(z.string(), z.number()).nullish();
const PeftConfig = z.looseObject({
  peft_type: z.string(),
  base_model_name_or_path: z.string().nullish(),
  r: z.int().min(1),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).max(0.9).default(0),
  use_rslora: z.boolean().default(false),
  target_modules: z.union([z.string(), z.array(z.string())]),
  bias: z.string().default("none"),
  rank_pattern: patterns,
  alpha_pattern: patterns,
});
type PeftConfig = z.infer<typeof PeftConfig>;

/** What must be absent, false or empty: each changes what an adapter computes. */
const REFUSED = [
  "use_dora",
  "use_qalora",
  "use_bdlora",
  "lora_bias",
  "fan_in_fan_out",
  "modules_to_save",
  "exclude_modules",
  "layers_to_transform",
  "layer_replication",
  "rank_pattern",
  "alpha_pattern",
  "trainable_token_indices",
  "target_parameters",
  "alora_invocation_tokens",
] as const;

export function isAdapterFolder(folder: string): boolean {
  return existsSync(join(folder, CONFIG)) && !existsSync(join(folder, "config.json"));
}

/**
 * The folder of the base model that an adapter names: absolute, or seen from the working directory, or from the adapter.
 *
 * @throws E_CHECKPOINT where there is none
 */
export async function baseOfAdapter(folder: string): Promise<string> {
  const { base_model_name_or_path: base } = await readJson(join(folder, CONFIG), PeftConfig);
  const places = base ? (isAbsolute(base) ? [base] : [resolve(base), resolve(folder, base)]) : [];
  const found = places.find((place) => existsSync(join(place, "config.json")));
  const known = found ?? (base ? await cachedModel(base) : null);
  if (known) return known;
  throw new RlvrError(
    "E_CHECKPOINT",
    `${folder} adapts the model ${JSON.stringify(base ?? null)}, which is no folder here`,
    {
      hint: "download the base model, and put its folder into base_model_name_or_path of adapter_config.json",
    },
  );
}

export async function loadAdapter(folder: string, config: ModelConfig): Promise<Adapter> {
  const lora = await readLoraConfig(folder);
  const weights = flatWeights(adapterShapes(config, lora));
  await loadAdapterInto(folder, weights);
  return { config: lora, weights, on: true };
}

/** Into the arrays of an adapter of the same shapes. */
export async function loadAdapterInto(folder: string, { specs, views }: FlatWeights): Promise<void> {
  const store = await openSafetensors(join(folder, TENSORS));
  try {
    checkTensors(store, new Map(specs.map(({ name, shape }) => [PREFIX + name, shape])), () => false);
    await fillFrom(store, Object.fromEntries(specs.map(({ name }) => [PREFIX + name, views[name] as Float32Array])));
  } finally {
    await store.close();
  }
}

async function readLoraConfig(folder: string): Promise<LoraConfig> {
  const path = join(folder, CONFIG);
  const peft = await readJson(path, PeftConfig);
  const refuse = (field: string, expected: string): never => {
    throw new RlvrError("E_CHECKPOINT", `${path}: ${field} is ${JSON.stringify(peft[field])}, expected ${expected}`, {
      hint: "only plain LoRA on linear projections is supported: merge the adapter with peft, and load the result",
    });
  };
  if (peft.peft_type !== "LORA") refuse("peft_type", '"LORA"');
  if (peft.bias !== "none") refuse("bias", '"none"');
  for (const field of REFUSED) if (isSet(peft[field])) refuse(field, "nothing");
  return LoraConfig.parse({
    rank: peft.r,
    alpha: peft.lora_alpha,
    dropout: peft.lora_dropout,
    rankStabilized: peft.use_rslora,
    targets: targetsOf(peft) ?? refuse("target_modules", `a list of ${PROJECTIONS.join(", ")}, or "all-linear"`),
  });
}

function targetsOf({ target_modules: names }: PeftConfig): Projection[] | null {
  if (names === "all-linear") return [...PROJECTIONS];
  if (typeof names === "string" || names.some((name) => !PROJECTIONS.includes(name as Projection))) return null;
  return PROJECTIONS.filter((name) => names.includes(name));
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/**
 * The two files of an adapter, into an existing folder.
 *
 * @param base folder or Hub name of the model that it adapts
 */
export async function writeAdapter(
  folder: string,
  { config, weights }: Adapter,
  base: string,
  options: Pick<WriteOptions, "format"> = {},
): Promise<void> {
  const peft = {
    base_model_name_or_path: base,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    peft_type: "LORA",
    r: config.rank,
    target_modules: config.targets,
    task_type: "CAUSAL_LM",
    use_dora: false,
    use_rslora: config.rankStabilized,
  };
  await writeFile(join(folder, CONFIG), `${JSON.stringify(peft, null, 2)}\n`);
  const sources = weights.specs.map(({ name, shape }) =>
    sourceOf(PREFIX + name, shape, weights.views[name] as Float32Array),
  );
  await writeSafetensors(join(folder, TENSORS), sources, options);
}
