import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import type { Model } from "../../src/policy/checkpoint.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { PolicySampler, type SampleOptions, type SampleRequest } from "../../src/policy/sampler.ts";
import { MODELS, modelOf } from "./reference.ts";
import { smallPolicy, tokenizer } from "./small-policy.ts";

let engine: OnnxEngine;
let pair: OnnxEngine;
let threaded: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
  pair = new OnnxEngine({ device: "cpu", executors: 2, threads: 1 });
  threaded = new OnnxEngine({ device: "cpu", executors: 1, threads: 2 });
});
afterAll(() => Promise.all([engine.dispose(), pair.dispose(), threaded.dispose()]));

const OPTIONS: SampleOptions = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 3, step: 5, stopStrings: [] };
const PROMPTS = ["1+2=", "<think>", "12*(3-4)=7 and so on".replace(/[a-z]/g, ""), "9".repeat(40)];
const model = smallPolicy(1);
/** The model's text goes on until maxTokens. */
const endless = { ...model, tokenizer: { ...tokenizer, stopIds: [] } };

/** Six samples of each prompt, of different lengths. */
const REQUESTS: SampleRequest[] = PROMPTS.flatMap((text, p) =>
  Array.from({ length: 6 }, (_, i) => ({
    id: `${p}/${i}`,
    prompt: tokenizer.encode(text),
    promptId: text,
    sampleIndex: i,
    maxTokens: 4 + ((p * 11 + i * 17) % 40),
  })),
);

function samplerOf({ config, weights, tokenizer }: Model, slots: number, on = engine): PolicySampler {
  return new PolicySampler(on, config, weights, tokenizer, slots);
}

const textsOf = async (sampler: PolicySampler, requests: readonly SampleRequest[], options = OPTIONS) =>
  (await sampler.sample(requests, options)).map(({ text }) => text);

describe("sample", () => {
  test("gives the same text whatever the number of slots, executors and threads", async () => {
    const expected = await textsOf(samplerOf(model, 8), REQUESTS);
    expect(new Set(expected).size).toBe(REQUESTS.length); // varied, or equality would mean nothing
    for (const slots of [2, 8, 64]) {
      expect(await textsOf(samplerOf(model, slots), REQUESTS), `${slots} slots`).toEqual(expected);
      expect(await textsOf(samplerOf(model, slots, pair), REQUESTS), `${slots} slots each`).toEqual(expected);
      expect(await textsOf(samplerOf(model, slots, threaded), REQUESTS), `${slots} slots, 2 threads`).toEqual(expected);
    }
  });

  test("gives a request the same text alone, and in another order", async () => {
    const sampler = samplerOf(model, 8);
    const expected = await textsOf(sampler, REQUESTS);
    expect(await textsOf(sampler, REQUESTS.slice(7, 8))).toEqual(expected.slice(7, 8));
    expect((await textsOf(sampler, REQUESTS.toReversed())).toReversed()).toEqual(expected);
  });

  test("gives other texts for another seed, step, prompt id or sample index", async () => {
    const sampler = samplerOf(endless, 8);
    const request = { ...REQUESTS[0]!, maxTokens: 30 };
    const [text] = await textsOf(sampler, [request]);
    const others = [
      ...(await textsOf(sampler, [request], { ...OPTIONS, seed: 4 })),
      ...(await textsOf(sampler, [request], { ...OPTIONS, step: 6 })),
      ...(await textsOf(sampler, [{ ...request, promptId: "another" }])),
      ...(await textsOf(sampler, [{ ...request, sampleIndex: 1 }])),
    ];
    expect(new Set([text, ...others]).size).toBe(5);
  });

  test("answers requests in their order, equal ids or not", async () => {
    const requests = REQUESTS.map((request) => ({ ...request, id: "same" }));
    const texts = await textsOf(samplerOf(model, 4), requests);
    expect(texts).toEqual(await textsOf(samplerOf(model, 4), REQUESTS));
    expect(await samplerOf(model, 4).sample([], OPTIONS)).toEqual([]);
  });

  test("refills a slot as soon as its row ends", async () => {
    // the first is as long as six of the others: beside it, in the second slot, they come and go
    const lengths = [33, 5, 5, 5, 5, 5, 5];
    const requests = lengths.map((maxTokens, i) => ({ ...REQUESTS[i]!, id: `${i}`, maxTokens }));
    const ended: string[] = [];
    const samples = await samplerOf(endless, 2).sample(requests, OPTIONS, ({ id }) => ended.push(id));
    expect(ended).toEqual(["1", "2", "3", "4", "5", "6", "0"]);
    expect(samples.map(({ tokens }) => tokens.length)).toEqual(lengths);
  });

  test("ends a completion at maxTokens", async () => {
    const requests = [1, 2, 31, 32, 33].map((maxTokens, i) => ({ ...REQUESTS[i]!, maxTokens }));
    const samples = await samplerOf(endless, 8).sample(requests, OPTIONS);
    expect(samples.map(({ tokens }) => tokens.length)).toEqual([1, 2, 31, 32, 33]);
    expect(samples.every(({ stopReason }) => stopReason === "length")).toBe(true);
    expect(samples.every(({ tokens, text }) => text === tokenizer.decode(tokens))).toBe(true);
  });

  test("ends a completion with a stop string, across tokens", async () => {
    const requests = REQUESTS.map((request) => ({ ...request, maxTokens: 40 }));
    const whole = await textsOf(samplerOf(endless, 8), requests);
    const stop = whole[0]!.slice(10, 12);
    const samples = await samplerOf(endless, 8).sample(requests, { ...OPTIONS, stopStrings: ["no such text", stop] });
    for (const [i, { text, stopReason }] of samples.entries()) {
      const end = whole[i]!.indexOf(stop);
      expect(text).toBe(end < 0 ? whole[i] : whole[i]!.slice(0, end + stop.length));
      expect(stopReason).toBe(end < 0 ? "length" : "stop-string");
    }
    expect(samples[0]!.stopReason).toBe("stop-string");
  });

  test("ends a completion at a stop id, which is a token of it but not text", async () => {
    const requests = REQUESTS.map((request) => ({ ...request, maxTokens: 40 }));
    const whole = await samplerOf(endless, 8).sample(requests, OPTIONS);
    const stopIds = [whole[0]!.tokens[9]!, whole[1]!.tokens[3]!];
    const stopping = { ...model, tokenizer: { ...tokenizer, stopIds } };
    const samples = await samplerOf(stopping, 8).sample(requests, OPTIONS);
    for (const [i, { tokens, logProbs, text, stopReason }] of samples.entries()) {
      const end = whole[i]!.tokens.findIndex((token) => stopIds.includes(token));
      const kept = whole[i]!.tokens.slice(0, end < 0 ? undefined : end + 1);
      expect([...tokens]).toEqual([...kept]);
      expect(logProbs.length).toBe(tokens.length);
      expect(text).toBe(tokenizer.decode(end < 0 ? kept : kept.slice(0, -1)));
      expect(stopReason).toBe(end < 0 ? "length" : "eos");
    }
    expect(samples[1]!.stopReason).toBe("eos");
  });

  test("top-k 1 is greedy at any temperature", async () => {
    const sampler = samplerOf(endless, 8);
    const greedy = await textsOf(sampler, REQUESTS, { ...OPTIONS, temperature: 0 });
    expect(await textsOf(sampler, REQUESTS, { ...OPTIONS, temperature: 1.5, topK: 1 })).toEqual(greedy);
    expect(greedy).not.toEqual(await textsOf(sampler, REQUESTS));
  });

  test("sees weights that changed since the last call", async () => {
    const changing = smallPolicy(1);
    const sampler = samplerOf(changing, 8);
    const before = await textsOf(sampler, REQUESTS);
    changing.weights.flat.set(smallPolicy(2).weights.flat);
    expect(await textsOf(sampler, REQUESTS)).toEqual(await textsOf(samplerOf(smallPolicy(2), 8), REQUESTS));
    expect(await textsOf(sampler, REQUESTS)).not.toEqual(before);
  });

  test("stops where it is told to", async () => {
    const controller = new AbortController();
    const sampling = samplerOf(endless, 2).sample(REQUESTS, OPTIONS, () => controller.abort(), controller.signal);
    await expect(sampling).rejects.toThrow(/abort/i);
  });
});

describe("log-probs of samples", () => {
  const LEARNER = {
    optimizer: { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 },
    microBatchTokens: 1024,
  };

  test.each([
    ...MODELS.map((name) => [name, 1] as const),
    ["llama-tiny", 0.7] as const,
    ["llama-tiny", 0] as const, // the distribution of temperature 1, by definition
  ])("are those that the learner computes, for every token: %s, temperature %d", async (name, temperature) => {
    const policy = await modelOf(name);
    const texts = ["7*(8-5)=", "<think>", "a longer prompt, which is read at once: 12+34=46"];
    const requests = Array.from({ length: 12 }, (_, i) => ({
      id: `${i}`,
      prompt: policy.tokenizer.encode(texts[i % 3]!),
      promptId: texts[i % 3]!,
      sampleIndex: i,
      maxTokens: 5 + 5 * i,
    }));
    const samples = await samplerOf(policy, 4, pair).sample(requests, { ...OPTIONS, temperature });
    const learner = new PolicyLearner(engine, policy.config, policy.weights, LEARNER);
    const rows = samples.map(({ id, tokens }, i) => {
      return { id, tokens: Int32Array.of(...requests[i]!.prompt, ...tokens) };
    });
    const scores = await learner.score(rows, temperature === 0 ? 1 : temperature);
    let largest = 0;
    let tokens = 0;
    for (const [i, { logProbs }] of samples.entries()) {
      const start = requests[i]!.prompt.length;
      for (const [t, logProb] of logProbs.entries()) {
        largest = Math.max(largest, Math.abs(logProb - scores[i]!.logProbs[start + t]!));
        tokens++;
      }
    }
    expect(tokens).toBeGreaterThan(60);
    expect(largest).toBeLessThan(1e-4);
  });
});
