/// <reference lib="es2025.float16" />
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { tokenMean } from "../../src/policy/aggregate.ts";
import { loadModel, type Model, restoreWeights, saveModel } from "../../src/policy/checkpoint.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { createAdapter, LoraConfig, mergeAdapter, withAdapter, withoutAdapter } from "../../src/policy/lora.ts";
import { PolicySampler } from "../../src/policy/sampler.ts";
import { sftLoss } from "../../src/policy/sft-loss.ts";
import { expectAllClose } from "../allclose.ts";
import { config, smallPolicy } from "./small-policy.ts";

/** What peft computes with the adapters in test/fixtures: made by make_adapter_fixtures.py. */
interface Expected {
  readonly inputIds: readonly (readonly number[])[];
  readonly lengths: readonly number[];
  readonly logProbs: readonly (readonly number[])[];
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly greedy: readonly number[];
}

const FIXTURES = join(import.meta.dirname, "../fixtures");
const OPTIMIZER = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };

let engine: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

const learnerOf = ({ config, weights }: Pick<Model, "config" | "weights">, recompute = false) =>
  new PolicyLearner(engine, config, weights, { optimizer: OPTIMIZER, microBatchTokens: 512, recompute });

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(FIXTURES, name, "expected.json"), "utf8"));
}

function rowsOf({ inputIds, lengths }: Expected) {
  return inputIds.map((ids, b) => ({ id: `${b}`, tokens: Int32Array.from(ids.slice(0, lengths[b])), fields: {} }));
}

async function sampleGreedily(model: Model, prompt: Int32Array, maxTokens: number): Promise<number[]> {
  const never = { ...model.tokenizer, stopIds: [] }; // the reference goes on after an end of sequence
  const sampler = new PolicySampler(engine, model.config, model.weights, never, 4);
  const request = { id: "a", prompt, promptId: "a", sampleIndex: 0, maxTokens };
  const [sample] = await sampler.sample([request], {
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    seed: 1,
    step: 0,
    stopStrings: [],
  });
  return [...(sample?.tokens ?? [])];
}

describe.each(["adapter-llama", "adapter-qwen2"])("%s, as peft computes it", (name) => {
  const expected = expectedOf(name);

  test("log-probs", async () => {
    const scores = await learnerOf(await loadModel(join(FIXTURES, name))).score(rowsOf(expected), 1);
    for (const [b, { logProbs }] of scores.entries()) expectAllClose(logProbs.slice(1), expected.logProbs[b]!, 1e-4);
  });

  test("the gradient of the mean negative log-likelihood: seen in a step of plain gradient size", async () => {
    const model = await loadModel(join(FIXTURES, name));
    const adapter = model.weights.adapter!;
    const before = adapter.weights.flat.slice();
    const learner = learnerOf(model);
    const masks = expected.lengths.map((length) => Int8Array.from({ length }, (_, t) => (t === 0 ? 0 : 1)));
    const weights = tokenMean(masks);
    const rows = rowsOf(expected).map((row, b) => ({ ...row, fields: { weights: weights[b]! } }));
    const report = await learner.step(sftLoss, rows, { learningRate: 1e-3, temperature: 1 });
    expect(report.metrics.loss).toBeCloseTo(expected.loss, 5);
    // Adam's first moment after one step is (1 − β₁)·g, g scaled to the norm limit
    const scale = Math.min(1, 1 / (report.gradNorm + 1e-6)) * (1 - OPTIMIZER.beta1);
    for (const [tensor, values] of Object.entries(expected.gradients)) {
      const { offset, size } = adapter.weights.specs.find((spec) => spec.name === tensor)!;
      const gradient = learner.state.firstMoment.slice(offset, offset + size).map((m) => m / scale);
      expectAllClose(gradient, values, 1e-3);
    }
    expect(adapter.weights.flat).not.toEqual(before);
  });

  test("the greedy continuation, token for token", async () => {
    const model = await loadModel(join(FIXTURES, name));
    const prompt = Int32Array.from(expected.inputIds[0]!.slice(0, expected.lengths[0]));
    expect(await sampleGreedily(model, prompt, expected.greedy.length)).toEqual(expected.greedy);
  });

  test("merged into the weights, the same log-probs", async () => {
    const { config, weights } = await loadModel(join(FIXTURES, name));
    mergeAdapter(weights, weights.adapter!);
    const scores = await learnerOf({ config, weights: { ...weights, adapter: undefined } }).score(rowsOf(expected), 1);
    for (const [b, { logProbs }] of scores.entries()) expectAllClose(logProbs.slice(1), expected.logProbs[b]!, 1e-4);
  });
});

const LORA = LoraConfig.parse({ rank: 2, alpha: 4 });
const ROWS = [{ id: "r", tokens: Int32Array.from([3, 1, 4, 1, 5, 9, 2, 6]), fields: {} }];
const TRAINED = ROWS.map((row) => ({ ...row, fields: { weights: new Float32Array(8).fill(1 / 7).fill(0, 0, 1) } }));

describe("training", () => {
  test("a fresh adapter changes nothing; training moves it alone, and off it is the base again, bit for bit", async () => {
    const base = smallPolicy(1);
    const [plain] = await learnerOf(base).score(ROWS, 1);
    const weights = withAdapter(base.weights, createAdapter(config, LORA, 7));
    const frozen = base.weights.flat.slice();
    const learner = learnerOf({ config, weights });
    expect((await learner.score(ROWS, 1))[0]).toEqual(plain);
    for (let i = 0; i < 3; i++) await learner.step(sftLoss, TRAINED, { learningRate: 1e-2, temperature: 1 });
    expect((await learner.score(ROWS, 1))[0]).not.toEqual(plain);
    expect(base.weights.flat).toEqual(frozen);
    expect((await learnerOf({ config, weights: withoutAdapter(weights) }).score(ROWS, 1))[0]).toEqual(plain);
  });

  test("unmerging takes away what merging added", () => {
    const { weights } = smallPolicy(2);
    const adapter = createAdapter(config, LORA, 3);
    for (const [name, view] of Object.entries(adapter.weights.views))
      if (name.endsWith("lora_B.weight")) view.fill(0.5);
    const before = weights.flat.slice();
    mergeAdapter(weights, adapter);
    expect(weights.flat).not.toEqual(before);
    mergeAdapter(weights, adapter, -1);
    expectAllClose(weights.flat, before, 1e-5);
  });

  test("dropout leaves out its share in a step, another one in the next, and nothing when scoring", async () => {
    const lora = LoraConfig.parse({ rank: 2, alpha: 4, dropout: 0.5 });
    const losses = async (chosen: LoraConfig) => {
      const { weights } = smallPolicy(1);
      const adapter = createAdapter(config, chosen, 7);
      for (const [name, view] of Object.entries(adapter.weights.views))
        if (name.endsWith("lora_B.weight")) view.fill(0.3);
      const learner = learnerOf({ config, weights: withAdapter(weights, adapter) });
      const [score] = await learner.score(ROWS, 1);
      const step = () => learner.step(sftLoss, TRAINED, { learningRate: 1e-9, temperature: 1 });
      return { score, losses: [(await step()).metrics.loss!, (await step()).metrics.loss!] };
    };
    const [kept, dropped] = [await losses(LORA), await losses(lora)];
    expect(dropped.score).toEqual(kept.score);
    expect(kept.losses[0]).toBeCloseTo(kept.losses[1]!, 5);
    expect(Math.abs(dropped.losses[0]! - kept.losses[0]!)).toBeGreaterThan(1e-3);
    expect(Math.abs(dropped.losses[0]! - dropped.losses[1]!)).toBeGreaterThan(1e-3);
    expect(await losses(lora)).toEqual(dropped); // the same seed, the same masks
  });

  test("a rank above a projection's width is refused", () => {
    expect(() => createAdapter(config, LoraConfig.parse({ rank: 64 }), 1)).toThrow("lora.rank is 64");
  });
});

describe("PEFT's folder", () => {
  test("is byte-equal after reading and writing", async () => {
    const model = await loadModel(join(FIXTURES, "adapter-llama"));
    const folder = join(mkdtempSync(join(tmpdir(), "adapter-")), "copy");
    await saveModel(folder, model);
    const [ours, theirs] = [folder, join(FIXTURES, "adapter-llama")].map((path) =>
      readFileSync(join(path, "adapter_model.safetensors")),
    );
    expect(ours).toEqual(theirs);
    const again = await loadModel(folder);
    model.weights.adapter!.weights.flat.fill(0);
    await restoreWeights(folder, model);
    expect(model.weights.adapter!.weights.flat).toEqual(again.weights.adapter!.weights.flat);
  });

  test.each([
    ["use_dora", true],
    ["modules_to_save", ["lm_head"]],
    ["rank_pattern", { "layers.0": 2 }],
    ["target_modules", ["embed_tokens"]],
    ["peft_type", "IA3"],
  ])("%s = %j is refused by name", async (field, value) => {
    const folder = mkdtempSync(join(tmpdir(), "adapter-"));
    const peft = JSON.parse(readFileSync(join(FIXTURES, "adapter-llama", "adapter_config.json"), "utf8"));
    const base = join(FIXTURES, "llama-tiny");
    writeFileSync(
      join(folder, "adapter_config.json"),
      JSON.stringify({ ...peft, base_model_name_or_path: base, [field]: value }),
    );
    await expect(loadModel(folder)).rejects.toThrow(field);
  });

  test("a base that is not there is named", async () => {
    const folder = mkdtempSync(join(tmpdir(), "adapter-"));
    const peft = JSON.parse(readFileSync(join(FIXTURES, "adapter-llama", "adapter_config.json"), "utf8"));
    writeFileSync(
      join(folder, "adapter_config.json"),
      JSON.stringify({ ...peft, base_model_name_or_path: "no/model" }),
    );
    await expect(loadModel(folder)).rejects.toThrow('adapts the model "no/model"');
  });
});

describe("projections in float16", () => {
  test.each([false, true])(
    "an adapter trains on them as on rounded weights in float32, recomputing: %s",
    async (again) => {
      const folder = join(FIXTURES, "adapter-qwen2");
      const [halves, rounded] = [await loadModel(folder, { inHalves: true }), await loadModel(folder)];
      expect(Object.keys(halves.weights.halves!.views)).toHaveLength(7 * halves.config.layers);
      for (const [name, view] of Object.entries(rounded.weights.views)) {
        if (name.endsWith("_proj.weight")) view.set(new Float16Array(view));
      }
      const rows = rowsOf(expectedOf("adapter-qwen2")).map((row) => ({
        ...row,
        fields: { weights: new Float32Array(row.tokens.length).fill(0.1).fill(0, 0, 1) },
      }));
      const [ours, theirs] = [learnerOf(halves, again), learnerOf(rounded, again)];
      for (const [b, { logProbs }] of (await ours.score(rows, 1)).entries()) {
        expectAllClose(logProbs, (await theirs.score(rows, 1))[b]!.logProbs, 1e-5);
      }
      const options = { learningRate: 1e-3, temperature: 1 };
      const [report, expected] = [await ours.step(sftLoss, rows, options), await theirs.step(sftLoss, rows, options)];
      expect(report.gradNorm).toBeCloseTo(expected.gradNorm, 4);
      expectAllClose(ours.state.firstMoment, theirs.state.firstMoment, 1e-5);
      const prompt = rows[1]!.tokens;
      expect(await sampleGreedily(halves, prompt, 8)).toEqual(await sampleGreedily(rounded, prompt, 8));
    },
  );

  test("cannot be saved, merged into or trained by themselves", async () => {
    const model = await loadModel(join(FIXTURES, "qwen2-tiny"), { inHalves: true });
    await expect(saveModel(join(mkdtempSync(join(tmpdir(), "halves-")), "m"), model)).rejects.toThrow("float16");
    const adapter = createAdapter(model.config, LORA, 1);
    expect(() => mergeAdapter(model.weights, adapter)).toThrow("float16");
    expect(learnerOf(model).trained.flat).toHaveLength(0);
  });
});
