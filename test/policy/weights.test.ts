import { describe, expect, test } from "vitest";
import { defineModelConfig } from "../../src/policy/model-config.ts";
import { createWeights, fusedView, initialize, weightCount, weightShapes } from "../../src/policy/weights.ts";

const SMALL = {
  vocabSize: 10,
  hiddenSize: 8,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 6,
  intermediateSize: 20,
};
const small = defineModelConfig(SMALL);

describe("weightCount", () => {
  test("counts the parameters of published models", () => {
    const published = { headDim: 128, tieEmbeddings: false };
    const llama3 = { vocabSize: 128256, hiddenSize: 4096, layers: 32, heads: 32, kvHeads: 8, intermediateSize: 14336 };
    expect(weightCount(defineModelConfig({ ...published, ...llama3 }))).toBe(8_030_261_248); // Llama 3 8B
    const qwen3 = { vocabSize: 151936, hiddenSize: 1024, layers: 28, heads: 16, kvHeads: 8, intermediateSize: 3072 };
    const qwen3Config = defineModelConfig({ ...qwen3, headDim: 128, tieEmbeddings: true, qkNorm: true });
    expect(weightCount(qwen3Config)).toBe(596_049_920); // Qwen3 0.6B
    const qwen2 = { vocabSize: 151936, hiddenSize: 896, layers: 24, heads: 14, kvHeads: 2, intermediateSize: 4864 };
    expect(weightCount(defineModelConfig({ ...qwen2, headDim: 64, qkvBias: true }))).toBe(494_032_768); // Qwen2.5 0.5B
  });
});

describe("weightShapes", () => {
  test("has Hugging Face's names and [out, in] shapes", () => {
    const config = { ...small, tieEmbeddings: false, qkvBias: true, qkNorm: true };
    expect(Object.fromEntries(weightShapes(config))).toMatchObject({
      "model.embed_tokens.weight": [10, 8],
      "model.layers.0.self_attn.q_proj.weight": [24, 8],
      "model.layers.0.self_attn.k_proj.weight": [12, 8],
      "model.layers.0.self_attn.v_proj.bias": [12],
      "model.layers.0.self_attn.q_norm.weight": [6],
      "model.layers.1.self_attn.o_proj.weight": [8, 24],
      "model.layers.1.mlp.up_proj.weight": [20, 8],
      "model.layers.1.mlp.down_proj.weight": [8, 20],
      "lm_head.weight": [10, 8],
    });
    expect(weightShapes(config)).toHaveLength(3 + 2 * 14);
  });
});

describe("createWeights", () => {
  test("leaves no gap between tensors", () => {
    const { flat, specs } = createWeights(small);
    let end = 0;
    for (const { offset, size, shape } of specs) {
      expect(offset).toBe(end);
      expect(size).toBe(shape.reduce((a, b) => a * b, 1));
      end += size;
    }
    expect(end).toBe(flat.length);
    expect(end).toBe(weightCount(small));
  });

  test("starts from zeros in shared memory; views see what is written to the flat array", () => {
    const { flat, views } = createWeights(small);
    expect(flat.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(flat.every((value) => value === 0)).toBe(true);
    flat[flat.length - 1] = 3;
    expect(views["model.norm.weight"]![7]).toBe(3);
  });
});

describe("fusedView", () => {
  const layer = "model.layers.1";

  test("is the rows of its parts below each other", () => {
    const weights = createWeights({ ...small, qkvBias: true });
    for (const [i, which] of ["q", "k", "v"].entries()) {
      weights.views[`${layer}.self_attn.${which}_proj.weight`]!.fill(i + 1);
    }
    const qkv = fusedView(
      weights,
      ["q", "k", "v"].map((which) => `${layer}.self_attn.${which}_proj.weight`),
    );
    const rows = (count: number, value: number) => new Array(8 * count).fill(value);
    expect([...qkv]).toEqual([...rows(24, 1), ...rows(12, 2), ...rows(12, 3)]);
  });

  test("refuses tensors that are not neighbors, and names the model lacks", () => {
    const weights = createWeights(small);
    const apart = [`${layer}.mlp.gate_proj.weight`, `${layer}.mlp.down_proj.weight`];
    expect(() => fusedView(weights, apart)).toThrow("are not neighbors");
    const swapped = [`${layer}.mlp.up_proj.weight`, `${layer}.mlp.gate_proj.weight`];
    expect(() => fusedView(weights, swapped)).toThrow("are not neighbors");
    expect(() => fusedView(weights, ["lm_head.weight"])).toThrow("no weight named lm_head.weight");
  });
});

describe("initialize", () => {
  const config = defineModelConfig({ ...SMALL, hiddenSize: 64, intermediateSize: 200, layers: 8, qkvBias: true });
  const make = (seed: number) => {
    const weights = createWeights(config);
    initialize(weights, config, seed);
    return weights;
  };
  const moments = (values: Float32Array) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    const fourth = values.reduce((sum, x) => sum + (x - mean) ** 4, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance), kurtosis: fourth / variance ** 2 };
  };

  test("draws from N(0, 0.02²), what writes to the residual stream from a quarter of it at 8 layers", () => {
    const { views } = make(1);
    const gate = moments(views["model.layers.3.mlp.gate_proj.weight"]!); // 12,800 draws
    expect(gate.mean).toBeCloseTo(0, 3);
    expect(gate.deviation).toBeCloseTo(0.02, 3);
    expect(gate.kurtosis).toBeCloseTo(3, 0); // 3 is the normal distribution's, 1.8 the uniform's
    expect(moments(views["model.layers.3.mlp.down_proj.weight"]!).deviation).toBeCloseTo(0.005, 4); // 0.02 / √16
    expect(views["model.layers.3.post_attention_layernorm.weight"]!.every((value) => value === 1)).toBe(true);
    expect(views["model.layers.3.self_attn.k_proj.bias"]!.every((value) => value === 0)).toBe(true);
  });

  test("is decided by the seed, and no two tensors start alike", () => {
    expect([...make(1).flat]).toEqual([...make(1).flat]);
    expect([...make(1).flat]).not.toEqual([...make(2).flat]);
    const { views } = make(1);
    const gate = (i: number) => [...views[`model.layers.${i}.mlp.gate_proj.weight`]!];
    expect(gate(0)).not.toEqual(gate(1));
  });
});

describe("defineModelConfig", () => {
  test.each([
    [{ kvHeads: 3 }, "3 key/value heads cannot be shared evenly by 4 query heads"],
    [{ headDim: 5 }, "expected an even number"],
    [{ eosIds: [1, 10] }, "id 10 is outside the vocabulary of 10 tokens"],
    [{ layers: 0 }, "at layers"],
    [{ dropout: 0.1 } as object, 'Unrecognized key: "dropout"'],
  ])("refuses %o", (change, message) => {
    expect(() => defineModelConfig({ ...SMALL, ...change })).toThrow(message);
  });
});
