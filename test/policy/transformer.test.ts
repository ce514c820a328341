import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Feeds, Signature, TensorFunction } from "../../src/engine/engine.ts";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { floats, ints } from "../../src/engine/spec.ts";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import type { Model } from "../../src/policy/checkpoint.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { policyOutputs } from "../../src/policy/outputs.ts";
import { PolicySampler } from "../../src/policy/sampler.ts";
import { sftLoss } from "../../src/policy/sft-loss.ts";
import { head, programName, trunk } from "../../src/policy/transformer.ts";
import { expectAllClose } from "../allclose.ts";
import { MODELS, modelOf, type Reference, referenceOf } from "./reference.ts";

let engine: OnnxEngine;
beforeAll(async () => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
  await tf.setBackend("cpu");
});
afterAll(() => engine.dispose());

type Run = (
  name: string,
  fn: TensorFunction,
  signature: Signature,
  feeds: Feeds,
) => Promise<Record<string, Float32Array>>;

/** The same function, recorded for ONNX Runtime and computed at once by TensorFlow.js. */
const RUNS: [name: string, run: Run][] = [
  [
    "the onnx engine",
    async (name, fn, signature, feeds) => {
      const program = await engine.compile(name, fn, signature);
      return (await program.run(feeds)) as Record<string, Float32Array>;
    },
  ],
  [
    "TensorFlow.js's cpu backend",
    async (_, fn, signature, feeds) => {
      const results: Record<string, Float32Array> = {};
      tf.tidy(() => {
        const inputs = Object.entries(signature).map(([name, { shape, dtype }]) => {
          return [name, tf.tensor(feeds[name]!, [...shape], dtype as "float32" | "int32")] as const;
        });
        for (const [name, tensor] of Object.entries(fn(Object.fromEntries(inputs)))) {
          results[name] = tensor.dataSync() as Float32Array;
        }
      });
      return results;
    },
  ],
];

const CASES = MODELS.flatMap((model) => RUNS.map(([where, run]) => [model, where, run] as const));

/** Weights and padded tokens of the reference batch. */
function inputsOf({ weights }: Model, { inputIds }: Reference): { signature: Signature; feeds: Feeds } {
  const shapes = weights.specs.map(({ name, shape }) => [name, floats(...shape)] as const);
  return {
    signature: { ...Object.fromEntries(shapes), tokens: ints(inputIds.length, inputIds[0]!.length) },
    feeds: { ...weights.views, tokens: Int32Array.from(inputIds.flat()) },
  };
}

describe("trunk and head", () => {
  test.each(CASES)("give the logits of %s that transformers gives, on %s", async (name, _, run) => {
    const [model, reference] = [await modelOf(name), referenceOf(name)];
    const { signature, feeds } = inputsOf(model, reference);
    const fn: TensorFunction = (inputs) => {
      const { hidden } = trunk(inputs, model.config, inputs.tokens as Tensor);
      return { logits: head(inputs, model.config, hidden) };
    };
    const { logits } = await run(`logits of ${name}`, fn, signature, feeds);
    const [V, T] = [model.config.vocabSize, reference.inputIds[0]!.length];
    for (const [b, rows] of reference.logits.entries()) {
      for (const [t, row] of rows.entries()) {
        const ours = logits!.subarray((b * T + t) * V, (b * T + t + 1) * V);
        expectAllClose(ours, row, 1e-5, 1e-4, `row ${b} token ${t} logit `);
      }
    }
  });
});

describe("policyOutputs", () => {
  test.each(CASES)("give torch's loss and gradients of %s, on %s", async (name, _, run) => {
    const [{ config, weights, ...rest }, reference] = [await modelOf(name), referenceOf(name)];
    const { signature, feeds } = inputsOf({ config, weights, ...rest }, reference);
    const names = weights.specs.map((spec) => spec.name);
    const fn: TensorFunction = (inputs) => {
      const objective = (...list: Tensor[]) => {
        const views = Object.fromEntries(names.map((name, i) => [name, list[i]!]));
        const outputs = policyOutputs(views, config, inputs.tokens as Tensor, 1);
        return sftLoss.compute(outputs, { weights: inputs.mask as Tensor }).loss.asScalar();
      };
      const { value, grads } = tf.valueAndGrads(objective as never)(names.map((name) => inputs[name] as Tensor));
      const gradients = Object.fromEntries(names.map((name, i) => [name, (grads as Tensor[])[i]!]));
      return { loss: value, ...gradients };
    };
    const trained = reference.trainedMask.flat();
    const count = trained.reduce((a, b) => a + b, 0);
    const mask = Float32Array.from(trained, (one) => one / count);
    const all = { ...signature, mask: floats(reference.inputIds.length, reference.inputIds[0]!.length) };
    const out = await run(`gradients of ${name}`, fn, all, { ...feeds, mask });
    expectAllClose(out.loss![0]!, reference.loss, 0, 1e-5);
    expect(Object.keys(reference.gradients).length).toBeGreaterThan(6);
    for (const [weight, { values }] of Object.entries(reference.gradients)) {
      expectAllClose(out[weight]!, values, 1e-5, 1e-3, weight);
    }
  });

  test.each(MODELS)("is what a learner of %s scores, row by row", async (name) => {
    const [{ config, weights }, reference] = [await modelOf(name), referenceOf(name)];
    const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };
    const learner = new PolicyLearner(engine, config, weights, { optimizer, microBatchTokens: 1024 });
    const rows = reference.inputIds.map((ids, b) => {
      return { id: `${b}`, tokens: Int32Array.from(ids.slice(0, reference.lengths[b])) };
    });
    const scores = await learner.score(rows, 1);
    for (const [b, { logProbs }] of scores.entries()) {
      expectAllClose(logProbs, [0, ...reference.nextTokenLogProbs[b]!], 1e-5, 1e-4);
    }
  });

  test("has the entropy of the distribution that the token came from", async () => {
    const [{ config, weights }, reference] = [await modelOf("llama-tiny"), referenceOf("llama-tiny")];
    const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };
    const learner = new PolicyLearner(engine, config, weights, { optimizer, microBatchTokens: 1024 });
    const [score] = await learner.score([{ id: "0", tokens: Int32Array.from(reference.inputIds[0]!) }], 0.5);
    const expected = reference.logits[0]!.slice(0, -1).map((logits) => {
      const masses = logits.map((logit) => Math.exp(logit / 0.5));
      const sum = masses.reduce((a, b) => a + b, 0);
      return masses.reduce((h, mass) => h - (mass / sum) * Math.log(mass / sum), 0);
    });
    expectAllClose(score!.entropy, [0, ...expected], 1e-5, 1e-4);
  });
});

describe("prefill and decode", () => {
  test.each(MODELS)("continue both texts of %s as transformers does, token for token", async (name) => {
    const [{ config, weights, tokenizer }, reference] = [await modelOf(name), referenceOf(name)];
    const endless = { ...tokenizer, stopIds: [] };
    const sampler = new PolicySampler(engine, config, weights, endless, 8);
    const requests = reference.texts.map((text, b) => {
      const prompt = tokenizer.encode(text);
      expect([...prompt]).toEqual(reference.inputIds[b]!.slice(0, reference.lengths[b]));
      return { id: `${b}`, prompt, promptId: text, sampleIndex: 0, maxTokens: reference.greedy[b]!.length };
    });
    const options = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 1, step: 0, stopStrings: [] };
    const samples = await sampler.sample(requests, options);
    expect(samples.map(({ tokens }) => [...tokens])).toEqual(reference.greedy);
  });
});

describe("programName", () => {
  test("tells models apart whose weights have the same shapes", async () => {
    const { config } = await modelOf("llama-tiny");
    const others = [
      { ...config, heads: 8, kvHeads: 4, headDim: 4 },
      { ...config, ropeTheta: 500_000 },
      { ...config, rmsNormEps: 1e-6 },
    ];
    const names = [config, ...others].map((config) => programName("decode", config));
    expect(new Set(names).size).toBe(4);
  });
});
