import { describe, expect, test } from "vitest";
import { defineModelConfig } from "../../src/policy/model-config.ts";
import {
  createParameters,
  initialize,
  Parameters,
  parameterCount,
  parameterLayout,
} from "../../src/policy/parameters.ts";

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

describe("parameterLayout", () => {
  test("counts the parameters of published models", () => {
    const published = { headDim: 128, tieEmbeddings: false };
    const llama3 = { vocabSize: 128256, hiddenSize: 4096, layers: 32, heads: 32, kvHeads: 8, intermediateSize: 14336 };
    expect(parameterCount(defineModelConfig({ ...published, ...llama3 }))).toBe(8_030_261_248); // Llama 3 8B
    const qwen3 = { vocabSize: 151936, hiddenSize: 1024, layers: 28, heads: 16, kvHeads: 8, intermediateSize: 3072 };
    const qwen3Config = defineModelConfig({ ...qwen3, headDim: 128, tieEmbeddings: true, qkNorm: true });
    expect(parameterCount(qwen3Config)).toBe(596_049_920); // Qwen3 0.6B
    const qwen2 = { vocabSize: 151936, hiddenSize: 896, layers: 24, heads: 14, kvHeads: 2, intermediateSize: 4864 };
    expect(parameterCount(defineModelConfig({ ...qwen2, headDim: 64, qkvBias: true }))).toBe(494_032_768); // Qwen2.5 0.5B
  });

  test("leaves no gap between tensors", () => {
    const layout = parameterLayout(small);
    let end = 0;
    for (const { offset, size, shape } of layout) {
      expect(offset).toBe(end);
      expect(size).toBe(shape.reduce((a, b) => a * b, 1));
      end += size;
    }
    expect(end).toBe(parameterCount(small));
  });

  test("stores kernels as [in, out], with q, k, v and gate, up fused", () => {
    const shapes = Object.fromEntries(
      parameterLayout({ ...small, tieEmbeddings: false, qkvBias: true, qkNorm: true }).map(({ name, shape }) => [
        name,
        shape,
      ]),
    );
    expect(shapes).toMatchObject({
      embedding: [10, 8],
      "layers.0.attention.norm": [8],
      "layers.0.attention.qkv": [8, 48], // (4 + 2·2) heads of 6
      "layers.0.attention.qkvBias": [48],
      "layers.0.attention.qNorm": [6],
      "layers.0.attention.kNorm": [6],
      "layers.1.attention.out": [24, 8],
      "layers.1.mlp.norm": [8],
      "layers.1.mlp.gateUp": [8, 40],
      "layers.1.mlp.down": [20, 8],
      norm: [8],
      head: [8, 10],
    });
    expect(Object.keys(shapes)).toHaveLength(3 + 2 * 9);
  });
});

describe("Parameters", () => {
  test("views share the flat array's memory", () => {
    const parameters = createParameters(small);
    expect(parameters.flat.every((value) => value === 0)).toBe(true);
    parameters.tensor("norm")[7] = 3;
    expect(parameters.flat.at(-1)).toBe(3);
    const elsewhere = new Parameters(small, parameters.flat.buffer);
    expect(elsewhere.tensor("norm")[7]).toBe(3);
  });

  test("refuses a buffer of another model and a name it lacks", () => {
    expect(() => new Parameters(small, new SharedArrayBuffer(4))).toThrow(/has 4 bytes, expected \d+/);
    expect(() => createParameters(small).tensor("lm_head")).toThrow('no tensor "lm_head"');
  });
});

describe("initialize", () => {
  const config = defineModelConfig({ ...SMALL, hiddenSize: 64, intermediateSize: 200, layers: 8, qkvBias: true });
  const make = (seed: number) => {
    const parameters = createParameters(config);
    initialize(parameters, config, seed);
    return parameters;
  };
  const moments = (values: Float32Array) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    const fourth = values.reduce((sum, x) => sum + (x - mean) ** 4, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance), kurtosis: fourth / variance ** 2 };
  };

  test("draws kernels from N(0, 0.02²), those of the residual stream from a quarter of it at 8 layers", () => {
    const parameters = make(1);
    const gateUp = moments(parameters.tensor("layers.3.mlp.gateUp")); // 25,600 draws
    expect(gateUp.mean).toBeCloseTo(0, 3);
    expect(gateUp.deviation).toBeCloseTo(0.02, 3);
    expect(gateUp.kurtosis).toBeCloseTo(3, 0); // 3 is the normal distribution's, 1.8 the uniform's
    expect(moments(parameters.tensor("layers.3.mlp.down")).deviation).toBeCloseTo(0.005, 4); // 0.02 / √16
    expect(parameters.tensor("layers.3.mlp.norm").every((value) => value === 1)).toBe(true);
    expect(parameters.tensor("layers.3.attention.qkvBias").every((value) => value === 0)).toBe(true);
  });

  test("is decided by the seed, and no two tensors start alike", () => {
    expect(make(1).flat).toEqual(make(1).flat);
    expect(make(1).flat).not.toEqual(make(2).flat);
    const parameters = make(1);
    expect(parameters.tensor("layers.0.mlp.gateUp")).not.toEqual(parameters.tensor("layers.1.mlp.gateUp"));
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
