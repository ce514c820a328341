import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { loadModel } from "../../src/policy/checkpoint.ts";
import { toHfConfig } from "../../src/policy/hf-config.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { PolicySampler } from "../../src/policy/sampler.ts";
import { expectAllClose } from "../allclose.ts";

/** What transformers computes with the checkpoints in test/fixtures: made by make_rope_fixtures.py. */
interface Expected {
  readonly rows: readonly (readonly number[])[];
  readonly logProbs: readonly (readonly number[])[];
  readonly greedy: readonly (readonly number[])[];
}

let engine: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

describe.each([
  ["rope-llama3", { type: "llama3", factor: 8, originalPositions: 32 }],
  ["rope-linear", { type: "linear", factor: 4 }],
  ["rope-yarn", { type: "yarn", factor: 4, originalPositions: 64, betaFast: 32, betaSlow: 1 }],
] as const)("%s, as transformers computes it", (name, scaling) => {
  const folder = join(import.meta.dirname, "../fixtures", name);
  const expected: Expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));

  test("is read from config.json, and written back into it", async () => {
    const { config } = await loadModel(folder);
    expect(config.ropeScaling).toMatchObject(scaling);
    const { rope_parameters: theirs } = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    expect(toHfConfig(config).rope_scaling).toMatchObject(theirs);
  });

  test("log-probs of sequences of different lengths in one batch, beyond the original context", async () => {
    const { config, weights } = await loadModel(folder);
    const optimizer = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };
    const learner = new PolicyLearner(engine, config, weights, { optimizer, microBatchTokens: 4096 });
    const rows = expected.rows.map((row, i) => ({ id: `${i}`, tokens: Int32Array.from(row) }));
    for (const [b, { logProbs }] of (await learner.score(rows, 1)).entries()) {
      expectAllClose(logProbs.slice(1), expected.logProbs[b]!, 1e-4, 1e-4);
    }
  });

  test("greedy continuations, token for token", async () => {
    const { config, weights, tokenizer } = await loadModel(folder);
    const sampler = new PolicySampler(engine, config, weights, { ...tokenizer, stopIds: [] }, 4);
    const requests = expected.rows.map((row, i) => ({
      id: `${i}`,
      prompt: Int32Array.from(row),
      promptId: `${i}`,
      sampleIndex: 0,
      maxTokens: 8,
    }));
    const options = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 1, step: 0, stopStrings: [] };
    const samples = await sampler.sample(requests, options);
    expect(samples.map(({ tokens }) => [...tokens])).toEqual(expected.greedy);
  });
});
