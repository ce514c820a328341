/**
 * Hugging Face's config.json and generation_config.json, from and to our ModelConfig.
 *
 * Read: model types llama, qwen2 and qwen3, as written by transformers 4 (`rope_theta`, `rope_scaling`) and 5
 * (`rope_parameters`). What the model here cannot compute is refused by name, never ignored.
 * Defaults of absent fields are those of each family's configuration class in transformers.
 */
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { readJson, readJsonIfPresent } from "./json-file.ts";
import { ModelConfig } from "./model-config.ts";
import { yarnAttentionFactor } from "./rotary.ts";

const FAMILIES = {
  llama: { architecture: "LlamaForCausalLM", maxPositions: 2048, kvHeads: null, headDim: null },
  qwen2: { architecture: "Qwen2ForCausalLM", maxPositions: 32768, kvHeads: 32, headDim: null },
  qwen3: { architecture: "Qwen3ForCausalLM", maxPositions: 32768, kvHeads: 32, headDim: 128 },
} as const;
type Family = keyof typeof FAMILIES;

const ids = z.union([z.int(), z.array(z.int())]).nullish();
const rope = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().optional(),
  partial_rotary_factor: z.number().optional(),
  factor: z.number().optional(),
  low_freq_factor: z.number().optional(),
  high_freq_factor: z.number().optional(),
  original_max_position_embeddings: z.int().optional(),
  beta_fast: z.number().nullish(),
  beta_slow: z.number().nullish(),
  attention_factor: z.number().nullish(),
  mscale: z.number().nullish(),
  mscale_all_dim: z.number().nullish(),
  truncate: z.boolean().optional(),
});

const HfConfig = z.looseObject({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  vocab_size: z.int(),
  hidden_size: z.int(),
  intermediate_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  num_key_value_heads: z.int().nullish(),
  head_dim: z.int().nullish(),
  hidden_act: z.string().default("silu"),
  max_position_embeddings: z.int().optional(),
  rms_norm_eps: z.number().default(1e-6),
  rope_theta: z.number().nullish(),
  rope_scaling: rope.nullish(),
  rope_parameters: rope.nullish(),
  partial_rotary_factor: z.number().nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  use_sliding_window: z.boolean().nullish(),
  layer_types: z.array(z.string()).nullish(),
  quantization_config: z.unknown().optional(),
  id2label: z.record(z.string(), z.string()).nullish(),
  rlvr_score_head: z.boolean().optional(),
  bos_token_id: z.int().nullish(),
  eos_token_id: ids,
  pad_token_id: z.int().nullish(),
});
type HfConfig = z.infer<typeof HfConfig>;

const GenerationConfig = z.looseObject({
  bos_token_id: z.int().nullish(),
  eos_token_id: ids,
  pad_token_id: z.int().nullish(),
});

/** Reads config.json and, if there is one, generation_config.json. Throws E_CHECKPOINT. */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const path = join(folder, "config.json");
  const hf = await readJson(path, HfConfig);
  const family = supportedFamily(hf, path);
  const generation = await readGenerationConfig(folder);
  const eosIds = listOf(generation.eos_token_id ?? hf.eos_token_id);
  const kvHeads = hf.num_key_value_heads === undefined ? FAMILIES[family].kvHeads : hf.num_key_value_heads;
  const parsed = ModelConfig.safeParse({
    vocabSize: hf.vocab_size,
    hiddenSize: hf.hidden_size,
    layers: hf.num_hidden_layers,
    heads: hf.num_attention_heads,
    kvHeads: kvHeads ?? hf.num_attention_heads,
    headDim: hf.head_dim ?? FAMILIES[family].headDim ?? Math.floor(hf.hidden_size / hf.num_attention_heads),
    intermediateSize: hf.intermediate_size,
    ropeTheta: hf.rope_parameters?.rope_theta ?? hf.rope_theta ?? 10_000,
    ropeScaling: ropeScalingOf(hf, family),
    rmsNormEps: hf.rms_norm_eps,
    tieEmbeddings: hf.tie_word_embeddings,
    qkvBias: family === "qwen2",
    qkNorm: family === "qwen3",
    head: headOf(hf, family),
    maxPositions: hf.max_position_embeddings ?? FAMILIES[family].maxPositions,
    bosId: generation.bos_token_id ?? hf.bos_token_id ?? null,
    eosIds,
    padId: generation.pad_token_id ?? hf.pad_token_id ?? eosIds[0] ?? 0,
  });
  if (parsed.success) return parsed.data;
  throw new RlvrError("E_CHECKPOINT", `${path}: ${z.prettifyError(parsed.error)}`);
}

export interface GenerationIds {
  readonly bosId: number | null;
  /** What ends a sequence. */
  readonly eosIds: readonly number[];
  readonly padId: number | null;
}

/** The special ids of generation_config.json; none where there is no such file. */
export async function readGenerationIds(folder: string): Promise<GenerationIds> {
  const { bos_token_id, eos_token_id, pad_token_id } = await readGenerationConfig(folder);
  return { bosId: bos_token_id ?? null, eosIds: listOf(eos_token_id), padId: pad_token_id ?? null };
}

/** The contents of config.json, readable by transformers 4 and 5, vLLM and llama.cpp's converter. */
export function toHfConfig(config: ModelConfig): Record<string, unknown> {
  const family = familyOf(config);
  return {
    architectures: [config.head === "score" ? scorerOf(family) : FAMILIES[family].architecture],
    id2label: config.head === "score" ? { 0: "score" } : undefined,
    label2id: config.head === "score" ? { score: 0 } : undefined,
    rlvr_score_head: config.head === "both" ? true : undefined,
    attention_bias: family === "qwen2" ? undefined : false, // Qwen2's biases are not a setting
    attention_dropout: 0,
    bos_token_id: config.bosId,
    eos_token_id: idOrList(config.eosIds),
    head_dim: config.headDim,
    hidden_act: "silu",
    hidden_size: config.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositions,
    model_type: family,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.kvHeads,
    pad_token_id: config.padId,
    rms_norm_eps: config.rmsNormEps,
    rope_scaling: toHfRope(config),
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tieEmbeddings,
    torch_dtype: "float32",
    use_cache: true,
    vocab_size: config.vocabSize,
  };
}

export function toHfGenerationConfig(config: ModelConfig): Record<string, unknown> {
  return {
    bos_token_id: config.bosId,
    eos_token_id: idOrList(config.eosIds),
    pad_token_id: config.padId,
  };
}

async function readGenerationConfig(folder: string): Promise<z.infer<typeof GenerationConfig>> {
  return (await readJsonIfPresent(join(folder, "generation_config.json"), GenerationConfig)) ?? {};
}

/** transformers' class of a trunk with a linear layer on each token. */
function scorerOf(family: Family): string {
  return FAMILIES[family].architecture.replace("CausalLM", "TokenClassification");
}

function headOf({ architectures, rlvr_score_head }: HfConfig, family: Family): ModelConfig["head"] {
  if (architectures?.includes(scorerOf(family))) return "score";
  return rlvr_score_head ? "both" : "language";
}

function familyOf(config: ModelConfig): Family {
  if (config.qkvBias && config.qkNorm) {
    throw new RlvrError("E_CHECKPOINT", "the model has both qkvBias and qkNorm, expected at most one of them", {
      hint: "no model type of Hugging Face that is written here has both: turn one off",
    });
  }
  if (config.qkNorm) return "qwen3";
  return config.qkvBias ? "qwen2" : "llama";
}

/** Throws E_CHECKPOINT, naming the setting, where the folder asks for something that the model cannot compute. */
function supportedFamily(hf: HfConfig, path: string): Family {
  const refuse = (field: string, came: unknown, expected: string): never => {
    throw new RlvrError("E_CHECKPOINT", `${path}: ${field} is ${JSON.stringify(came)}, expected ${expected}`, {
      hint: "this model is not supported: choose a dense Llama, Qwen2 or Qwen3 checkpoint",
    });
  };
  const family = hf.model_type;
  if (!isFamily(family)) return refuse("model_type", family, `one of ${Object.keys(FAMILIES).join(", ")}`);

  const known = [FAMILIES[family].architecture, scorerOf(family)];
  if (hf.architectures && !known.some((name) => hf.architectures?.includes(name))) {
    refuse("architectures", hf.architectures, `one of ${known.join(", ")}`);
  }
  const labels = Object.keys(hf.id2label ?? {}).length;
  if (headOf(hf, family) === "score" && labels !== 1) refuse("id2label", hf.id2label, "one label, the score");
  if (hf.hidden_act !== "silu") refuse("hidden_act", hf.hidden_act, '"silu"');
  const { field, type, parameters } = ropeOf(hf);
  if (!ROPE_TYPES.includes(type)) refuse(field, parameters, `a rope_type of ${ROPE_TYPES.join(", ")}`);
  if (parameters?.truncate === false) refuse(field, parameters, "truncate: true");
  const rotaryShare = hf.rope_parameters?.partial_rotary_factor ?? hf.partial_rotary_factor ?? 1;
  if (rotaryShare !== 1) refuse("partial_rotary_factor", rotaryShare, "1");
  if (hf.use_sliding_window) refuse("use_sliding_window", true, "false");
  const otherLayers = hf.layer_types?.filter((type) => type !== "full_attention") ?? [];
  if (otherLayers.length > 0) refuse("layer_types", otherLayers[0], '"full_attention" for every layer');
  if (hf.attention_bias) refuse("attention_bias", true, "false"); // it would put a bias on the output projection too
  if (hf.mlp_bias) refuse("mlp_bias", true, "false");
  if (hf.quantization_config != null) refuse("quantization_config", hf.quantization_config, "none");
  return family;
}

/** Kinds of rotary positions that are computed here; transformers has two more, dynamic and longrope. */
const ROPE_TYPES = ["default", "linear", "llama3", "yarn"];

/** rope_parameters (transformers 5) or rope_scaling (4), whichever is there. */
function ropeOf({ rope_parameters, rope_scaling }: HfConfig) {
  const field = rope_scaling ? "rope_scaling" : "rope_parameters";
  const parameters = rope_scaling ?? rope_parameters;
  const type = parameters?.rope_type ?? parameters?.type ?? (rope_scaling ? "unnamed" : "default");
  return { field, type, parameters };
}

/** In our terms; what is missing is found by ModelConfig's schema. Defaults are those of transformers. */
function ropeScalingOf(hf: HfConfig, family: Family) {
  const { type, parameters: rope } = ropeOf(hf);
  if (type === "default" || !rope) return null;
  const { factor } = rope;
  if (type === "linear") return { type, factor };
  const originalPositions =
    rope.original_max_position_embeddings ?? hf.max_position_embeddings ?? FAMILIES[family].maxPositions;
  if (type === "llama3") {
    const [lowFrequencyFactor, highFrequencyFactor] = [rope.low_freq_factor, rope.high_freq_factor];
    return { type, factor, lowFrequencyFactor, highFrequencyFactor, originalPositions };
  }
  const { mscale, mscale_all_dim: allDim } = rope;
  const scale = (m: number) => m * (yarnAttentionFactor(factor ?? 1) - 1) + 1;
  const attentionFactor =
    rope.attention_factor ?? (mscale && allDim ? scale(mscale) / scale(allDim) : yarnAttentionFactor(factor ?? 1));
  const betas = { betaFast: rope.beta_fast ?? 32, betaSlow: rope.beta_slow ?? 1 };
  return { type, factor, originalPositions, ...betas, attentionFactor };
}

function toHfRope({ ropeTheta, ropeScaling }: ModelConfig): Record<string, unknown> | null {
  switch (ropeScaling?.type) {
    case undefined:
      return null;
    case "linear":
      return { rope_type: "linear", factor: ropeScaling.factor, rope_theta: ropeTheta };
    case "llama3":
      return {
        rope_type: "llama3",
        factor: ropeScaling.factor,
        low_freq_factor: ropeScaling.lowFrequencyFactor,
        high_freq_factor: ropeScaling.highFrequencyFactor,
        original_max_position_embeddings: ropeScaling.originalPositions,
        rope_theta: ropeTheta,
      };
    case "yarn":
      return {
        rope_type: "yarn",
        factor: ropeScaling.factor,
        original_max_position_embeddings: ropeScaling.originalPositions,
        beta_fast: ropeScaling.betaFast,
        beta_slow: ropeScaling.betaSlow,
        attention_factor: ropeScaling.attentionFactor,
        rope_theta: ropeTheta,
      };
    default:
      return ropeScaling satisfies never;
  }
}

function isFamily(modelType: string): modelType is Family {
  return Object.hasOwn(FAMILIES, modelType);
}

function listOf(ids: number | readonly number[] | null | undefined): number[] {
  if (ids === null || ids === undefined) return [];
  return typeof ids === "number" ? [ids] : [...ids];
}

function idOrList(ids: readonly number[]): number | readonly number[] | null {
  return ids.length > 1 ? ids : (ids[0] ?? null);
}
