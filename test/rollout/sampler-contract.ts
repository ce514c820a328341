/** What every Sampler keeps to, whichever engine it draws from. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/index.ts";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import {
  createAdapter,
  LoraConfig,
  type Model,
  PolicyLearner,
  PolicySampler,
  type SampleOptions,
  type SampleRequest,
  withAdapter,
} from "../../src/policy/index.ts";
import { Rng } from "../../src/rng.ts";
import { allDelivered, type Sampler, type VersionedSample } from "../../src/rollout/sampler.ts";
import { tokenizer } from "../policy/small-policy.ts";

export interface SamplerUnderTest {
  readonly sampler: Sampler;
  /** What `sync` brings first. */
  readonly model: Model;
  /** What it brings next; null where the engine takes no weights and has those of `model`. */
  readonly next: Model | null;
  close(): Promise<void>;
}

export const OPTIONS: SampleOptions = {
  ...{ temperature: 1, topK: 0, topP: 1, minP: 0 },
  ...{ seed: 3, step: 5, stopStrings: [] },
};

export const REQUESTS: SampleRequest[] = ["1+2=", "<think>", "9".repeat(20)].flatMap((text, p) =>
  Array.from({ length: 3 }, (_, sampleIndex) => ({
    ...{ id: `5/${text}/${sampleIndex}`, promptId: text, sampleIndex },
    ...{ prompt: tokenizer.encode(text), maxTokens: 3 + 5 * p + 4 * sampleIndex },
  })),
);

/** A policy with an adapter that changes something; `seed` says how. */
export function adaptedPolicy(base: Model, seed: number): Model {
  const adapter = createAdapter(base.config, LoraConfig.parse({ rank: 2, alpha: 4 }), seed);
  const rng = new Rng(seed, "adapter");
  for (let i = 0; i < adapter.weights.flat.length; i++) adapter.weights.flat[i]! += 0.05 * rng.normal();
  return { ...base, weights: withAdapter(base.weights, adapter) };
}

export function learnerOf(engine: Engine, { config, weights }: Model): PolicyLearner {
  const optimizer = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };
  return new PolicyLearner(engine, config, weights, { optimizer, microBatchTokens: 1024 });
}

/** Mean |sampler − trainer log-prob| over all tokens, in nats. */
async function mismatch(engine: Engine, model: Model, samples: readonly VersionedSample[], temperature: number) {
  const rows = samples.map(({ id, tokens }, i) => ({ id, tokens: Int32Array.of(...REQUESTS[i]!.prompt, ...tokens) }));
  const scores = await learnerOf(engine, model).score(rows, temperature);
  const differences = samples.flatMap(({ logProbs }, i) =>
    Array.from(logProbs, (logProb, t) => Math.abs(logProb - scores[i]!.logProbs[REQUESTS[i]!.prompt.length + t]!)),
  );
  return differences.reduce((sum, one) => sum + one, 0) / differences.length;
}

export function describeSampler(name: string, open: (engine: Engine) => Promise<SamplerUnderTest>): void {
  describe(name, () => {
    let engine: OnnxEngine;
    let under: SamplerUnderTest;
    beforeAll(async () => {
      engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
      under = await open(engine);
      if (under.next) await under.sampler.sync(4, under.model);
    });
    afterAll(async () => {
      await under.close();
      await engine.dispose();
    });
    const draw = async (options: Partial<SampleOptions> = {}, requests = REQUESTS) =>
      allDelivered(await under.sampler.sample(requests, { ...OPTIONS, ...options }));

    test("answers each request, in their order, as the ids say", async () => {
      const heard: string[] = [];
      const samples = allDelivered(await under.sampler.sample(REQUESTS, OPTIONS, ({ id }) => heard.push(id)));
      expect(samples.map(({ id }) => id)).toEqual(REQUESTS.map(({ id }) => id));
      expect(heard.toSorted()).toEqual(REQUESTS.map(({ id }) => id).toSorted());
      for (const [i, { tokens, logProbs, text, stopReason }] of samples.entries()) {
        expect(logProbs).toHaveLength(tokens.length);
        expect(Math.max(...logProbs)).toBeLessThanOrEqual(0);
        const ended = tokenizer.stopIds.includes(tokens.at(-1)!);
        expect(stopReason).toBe(ended ? "eos" : "length");
        if (!ended) expect(tokens).toHaveLength(REQUESTS[i]!.maxTokens);
        expect(text).toBe(tokenizer.decode(ended ? tokens.slice(0, -1) : tokens));
      }
      expect(new Set(samples.map(({ text }) => text)).size).toBeGreaterThan(3); // varied, or equality means nothing
      expect(await under.sampler.sample([], OPTIONS)).toEqual([]);
    });

    test.each([1, 0.7])("gives the log-probs of the distribution that it drew from, at temperature %d", async (t) => {
      expect(await mismatch(engine, under.model, await draw({ temperature: t }), t)).toBeLessThan(1e-5);
    });

    test("draws what the engine of this process draws", async () => {
      const { config, weights } = under.model;
      const embedded = new PolicySampler(engine, config, weights, tokenizer, 4);
      for (const temperature of [0, 1]) {
        const expected = await embedded.sample(REQUESTS, { ...OPTIONS, temperature });
        const samples = await draw({ temperature });
        expect(samples.map(({ tokens }) => [...tokens])).toEqual(expected.map(({ tokens }) => [...tokens]));
        expect(samples.map(({ stopReason }) => stopReason)).toEqual(expected.map(({ stopReason }) => stopReason));
      }
    });

    test("ends at the token that completes a stop string", async () => {
      const free = await draw();
      const stop = free
        .map(({ text }) => text)
        .find((text) => text.length >= 6)!
        .slice(2, 4);
      const stopped = await draw({ stopStrings: [stop] });
      for (const [i, { tokens, text, stopReason }] of stopped.entries()) {
        if (free[i]!.text.includes(stop)) {
          expect({ stopReason, text }).toEqual({ stopReason: "stop-string", text: tokenizer.decode(tokens) });
          expect([text.includes(stop), tokenizer.decode(tokens.slice(0, -1)).includes(stop)]).toEqual([true, false]);
        }
        expect([...tokens]).toEqual([...free[i]!.tokens.slice(0, tokens.length)]);
      }
      expect(stopped.map(({ stopReason }) => stopReason)).toContain("stop-string");
    });

    test("an abort ends it with the signal's reason", async () => {
      const reason = new Error("stop");
      const aborted = AbortSignal.abort(reason);
      await expect(under.sampler.sample(REQUESTS, OPTIONS, undefined, aborted)).rejects.toBe(reason);
      const controller = new AbortController();
      const sampling = under.sampler.sample(REQUESTS, OPTIONS, () => controller.abort(reason), controller.signal);
      await expect(sampling).rejects.toBe(reason);
    });

    test("brings other weights, and says from then on that it draws with them", async () => {
      if (under.next === null) {
        await expect(under.sampler.sync(1, under.model)).rejects.toMatchObject({ code: "E_CONFIG" });
        return;
      }
      expect(under.sampler.version).toBe(4);
      expect((await draw()).map(({ policyVersion }) => policyVersion)).toEqual(REQUESTS.map(() => 4));
      for (const [version, model] of [
        [5, under.next],
        [6, under.model],
        [7, under.next],
      ] as const) {
        await under.sampler.sync(version, model);
        const samples = await draw();
        expect(samples.map(({ policyVersion }) => policyVersion)).toEqual(REQUESTS.map(() => version));
        expect(await mismatch(engine, model, samples, 1)).toBeLessThan(1e-5);
        expect(await mismatch(engine, model === under.next ? under.model : under.next, samples, 1)).toBeGreaterThan(
          1e-2,
        );
      }
    });
  });
}
