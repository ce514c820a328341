import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Engine } from "../../src/engine/index.ts";
import { loadModel, type Model, PolicySampler, saveModel } from "../../src/policy/index.ts";
import { llamaServerSampler, openAiSampler, sglangSampler } from "../../src/rollout/remote/index.ts";
import { embeddedSampler } from "../../src/rollout/sampler.ts";
import { smallPolicy } from "../policy/small-policy.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { type MockOptions, mockServer } from "./mock-servers.ts";
import { adaptedPolicy, describeSampler, OPTIONS, REQUESTS, type SamplerUnderTest } from "./sampler-contract.ts";

const root = temporaryFolder();
const OPENERS = { vllm: openAiSampler, sglang: sglangSampler, "llama-server": llamaServerSampler };
const COUNTERS = REQUESTS.map(({ promptId, sampleIndex }) => ({ ...OPTIONS, promptId, sampleIndex }));

describeSampler("embedded", async (engine) => {
  // it shares the learner's arrays, so other weights are other numbers in the same ones
  const model = smallPolicy(1);
  const [first, second] = [smallPolicy(1), smallPolicy(2)];
  const { config, weights, tokenizer } = model;
  const sampler = embeddedSampler(new PolicySampler(engine, config, weights, tokenizer, 4));
  const sync = sampler.sync.bind(sampler);
  sampler.sync = (version, to) => {
    weights.flat.set(to.weights.flat);
    return sync(version, to);
  };
  return { sampler, model: first, next: second, close: () => sampler.close() };
});

/** A sampler on a server that was started on `base`. */
async function onServer(
  engine: Engine,
  dialect: MockOptions["dialect"],
  name: string,
  base: Model,
  [model, next]: readonly [Model, Model | null],
): Promise<SamplerUnderTest> {
  const folder = join(root, name);
  await saveModel(join(folder, "base"), base);
  const server = await mockServer({ dialect, engine, folder: join(folder, "base"), counters: COUNTERS });
  const isReplaced = dialect === "vllm" && !model.weights.adapter;
  const sampler = await OPENERS[dialect]({
    ...{ url: server.url, concurrency: 4, timeoutMs: 20_000, retries: 0 },
    ...{ model, modelFolder: "base", folder: join(folder, isReplaced ? "base" : "weights") },
  });
  const close = async () => {
    await sampler.close();
    await server.close();
  };
  return { sampler, model, next, close };
}

const base = smallPolicy(1);
const adapters = [adaptedPolicy(base, 1), adaptedPolicy(base, 2)] as const;
const models = [base, smallPolicy(2)] as const;

describeSampler("vLLM with adapters", (engine) => onServer(engine, "vllm", "vllm-lora", base, adapters));
describeSampler("vLLM with all weights", (engine) => onServer(engine, "vllm", "vllm-full", base, models));
describeSampler("SGLang with adapters", (engine) => onServer(engine, "sglang", "sglang-lora", base, adapters));
describeSampler("SGLang with all weights", (engine) => onServer(engine, "sglang", "sglang-full", base, models));
describeSampler("llama-server", (engine) => onServer(engine, "llama-server", "llama", base, [base, null]));

describe("weights on their way", () => {
  test("stand in a folder for each version, whole, with a manifest; the last two are kept", async () => {
    const folder = join(root, "vllm-lora", "weights");
    expect(readdirSync(folder).toSorted()).toEqual(["6", "7"]);
    const Manifest = z.strictObject({
      version: z.literal(7),
      file: z.string(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    });
    Manifest.parse(JSON.parse(readFileSync(join(folder, "7", "manifest.json"), "utf8")));
    expect(existsSync(join(folder, "7", "adapter_config.json"))).toBe(true);
    const last = await loadModel(join(root, "sglang-full", "weights", "7"));
    expect(last.weights.flat).toEqual(models[1].weights.flat);
    expect(readdirSync(join(root, "sglang-full", "weights"))).toEqual(["7"]);
  });
});
