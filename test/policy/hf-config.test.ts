import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readModelConfig, toHfConfig, toHfGenerationConfig } from "../../src/policy/hf-config.ts";
import { defineModelConfig } from "../../src/policy/model-config.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

/** config.json of Qwen2.5-0.5B-Instruct, as transformers 4.43 wrote it. */
const QWEN2 = {
  architectures: ["Qwen2ForCausalLM"],
  attention_dropout: 0.0,
  bos_token_id: 151643,
  eos_token_id: 151645,
  hidden_act: "silu",
  hidden_size: 896,
  initializer_range: 0.02,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  model_type: "qwen2",
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000.0,
  sliding_window: 32768,
  tie_word_embeddings: true,
  torch_dtype: "bfloat16",
  use_cache: true,
  use_sliding_window: false,
  vocab_size: 151936,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rlvr-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(config: object, generation: object | null = null) {
  await rm(join(folder, "generation_config.json"), { force: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  if (generation !== null) await writeFile(join(folder, "generation_config.json"), JSON.stringify(generation));
  return readModelConfig(folder);
}

describe("readModelConfig", () => {
  test("reads a published Qwen2 config", async () => {
    const generation = { bos_token_id: 151643, pad_token_id: 151643, eos_token_id: [151645, 151643], top_p: 0.8 };
    expect(await read(QWEN2, generation)).toEqual({
      vocabSize: 151936,
      hiddenSize: 896,
      layers: 24,
      heads: 14,
      kvHeads: 2,
      headDim: 64,
      intermediateSize: 4864,
      ropeTheta: 1e6,
      ropeScaling: null,
      rmsNormEps: 1e-6,
      tieEmbeddings: true,
      qkvBias: true,
      head: "language",
      qkNorm: false,
      maxPositions: 32768,
      bosId: 151643,
      eosIds: [151645, 151643],
      padId: 151643,
    });
  });

  test("without generation_config.json the ids of config.json count, and the end fills up", async () => {
    expect(await read(QWEN2)).toMatchObject({ eosIds: [151645], padId: 151645 });
  });

  test("reads what transformers 5 writes", async () => {
    expect(await readModelConfig(join(FIXTURES, "llama-tiny"))).toEqual({
      vocabSize: 58,
      hiddenSize: 32,
      layers: 2,
      heads: 4,
      kvHeads: 2,
      headDim: 8,
      intermediateSize: 64,
      ropeTheta: 10000,
      ropeScaling: null,
      rmsNormEps: 1e-5,
      tieEmbeddings: true,
      qkvBias: false,
      head: "language",
      qkNorm: false,
      maxPositions: 128,
      bosId: null,
      eosIds: [56],
      padId: 57,
    });
  });

  test("absent fields take the defaults of their family", async () => {
    const { num_key_value_heads: _, rope_theta: __, ...bare } = QWEN2;
    const llama = { ...bare, model_type: "llama", architectures: ["LlamaForCausalLM"] };
    expect(await read(llama)).toMatchObject({ kvHeads: 14, ropeTheta: 10000, headDim: 64 });
    const qwen3 = { ...QWEN2, model_type: "qwen3", architectures: ["Qwen3ForCausalLM"] };
    expect(await read(qwen3)).toMatchObject({ headDim: 128, qkNorm: true, qkvBias: false });
  });

  test.each([
    [{ model_type: "mistral" }, 'model_type is "mistral", expected one of llama, qwen2, qwen3'],
    [{ architectures: ["Qwen2ForSequenceClassification"] }, 'architectures is ["Qwen2ForSequenceClassification"]'],
    [{ hidden_act: "gelu" }, 'hidden_act is "gelu", expected "silu"'],
    [{ rope_scaling: { rope_type: "llama3", factor: 8 } }, "at ropeScaling.lowFrequencyFactor"],
    [{ rope_scaling: { type: "dynamic", factor: 4 } }, 'rope_scaling is {"type":"dynamic"'],
    [{ rope_parameters: { rope_type: "longrope", rope_theta: 1e6 } }, "rope_parameters is"],
    [{ rope_scaling: { type: "yarn", factor: 4, truncate: false } }, "expected truncate: true"],
    [{ rope_parameters: { rope_type: "default", partial_rotary_factor: 0.5 } }, "partial_rotary_factor is 0.5"],
    [{ use_sliding_window: true }, "use_sliding_window is true"],
    [{ layer_types: ["full_attention", "sliding_attention"] }, 'layer_types is "sliding_attention"'],
    [{ attention_bias: true }, "attention_bias is true"],
    [{ mlp_bias: true }, "mlp_bias is true"],
    [{ quantization_config: { bits: 4 } }, 'quantization_config is {"bits":4}'],
    [{ num_key_value_heads: 3 }, "cannot be shared evenly"],
    [{ hidden_size: "896" }, "at hidden_size"],
  ])("refuses %o by name", async (change, message) => {
    const error = await read({ ...QWEN2, ...change }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "E_CHECKPOINT" });
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain("config.json");
  });
});

describe("toHfConfig", () => {
  test.each(["llama-tiny", "qwen2-tiny", "qwen3-tiny"])("says of %s what transformers says", async (name) => {
    const written = JSON.parse(JSON.stringify(toHfConfig(await readModelConfig(join(FIXTURES, name)))));
    const theirs = JSON.parse(await readFile(join(FIXTURES, name, "config.json"), "utf8"));
    const { rope_scaling, rope_theta, torch_dtype, head_dim, ...same } = written; // spelled for transformers 4 as well
    expect(theirs).toMatchObject(same);
    expect({ rope_scaling, rope_theta, torch_dtype }).toEqual({
      rope_scaling: null,
      rope_theta: theirs.rope_parameters.rope_theta,
      torch_dtype: "float32",
    });
    expect(head_dim).toBe(theirs.head_dim ?? theirs.hidden_size / theirs.num_attention_heads);
  });

  test("several ends are a list, none is null, and both come back", async () => {
    const base = { vocabSize: 9, hiddenSize: 8, layers: 1, heads: 1, kvHeads: 1, headDim: 8, intermediateSize: 8 };
    for (const eosIds of [[], [3], [3, 4]]) {
      const config = defineModelConfig({ ...base, eosIds, padId: 5, bosId: 2 });
      expect(await read(toHfConfig(config), toHfGenerationConfig(config))).toEqual(config);
    }
  });

  test("refuses a mixture that no model type describes", async () => {
    const config = await readModelConfig(join(FIXTURES, "qwen3-tiny"));
    expect(() => toHfConfig({ ...config, qkvBias: true })).toThrow("both qkvBias and qkNorm");
  });
});
