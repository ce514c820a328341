/** Our side: one process with one model, which samples or takes LoRA steps when it is asked to. */
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { openEngine } from "../../src/engine/index.ts";
import { GrpoConfig } from "../../src/grpo/index.ts";
import { variantsOf } from "../../src/grpo/variants.ts";
import {
  createAdapter,
  LoraConfig,
  loadModel,
  PolicyLearner,
  PolicySampler,
  withAdapter,
} from "../../src/policy/index.ts";
import { Rng } from "../../src/rng.ts";

const { values } = parseArgs({
  options: Object.fromEntries(
    ["model", "what", "rank", "rows", "prompt", "completion", "microbatch"].map((name) => [name, { type: "string" }]),
  ) as Record<string, { type: "string" }>,
});
const number = (name: string) => Number(values[name]);
const [rows, P, C] = [number("rows"), number("prompt"), number("completion")];

const started = performance.now();
const { config, weights: base, tokenizer } = await loadModel(values.model as string);
const loadSeconds = (performance.now() - started) / 1000;
const lora = LoraConfig.parse({ rank: number("rank") });
const weights = withAdapter(base, createAdapter(config, lora, 1));
const engine = await openEngine({ size: weights.flat.length });
const rng = new Rng(1, "tokens");
const ids = (length: number) => Int32Array.from({ length }, () => rng.integer(0, config.vocabSize - 1));

// the folders' tokenizer is smaller than their vocabulary: nothing is decoded, on either side
const silent = { ...tokenizer, stopIds: [], createDecoder: () => ({ push: () => "", end: () => "" }) };
const sampler = new PolicySampler(engine, config, weights, silent, rows);
const prompts = Array.from({ length: rows / 4 }, () => ids(P));
let step = 0;
async function sample(): Promise<void> {
  const requests = Array.from({ length: rows }, (_, i) => ({
    id: `${i}`,
    prompt: prompts[i >> 2] as Int32Array,
    promptId: `${i >> 2}`,
    sampleIndex: i % 4,
    maxTokens: C,
  }));
  const options = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 1, step: step++, stopStrings: [] };
  await sampler.sample(requests, options);
}

const optimizer = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };
const learner = new PolicyLearner(engine, config, weights, {
  optimizer,
  microBatchTokens: number("microbatch") * (P + C),
});
const { loss } = variantsOf(GrpoConfig.parse({}));
const trained = Array.from({ length: rows }, (_, i) => {
  const tokens = ids(P + C);
  const mask = new Float32Array(P + C).fill(1, P);
  const known: Record<string, Float32Array> = { completionMask: mask, weights: mask.map((m) => m / (rows * C)) };
  const fields = loss.fields.map((field) => [field, known[field] ?? mask.map((m) => (i % 2 ? m : -m))]);
  return { id: `${i}`, tokens, fields: Object.fromEntries(fields) as Record<string, Float32Array> };
});
async function train(): Promise<void> {
  await learner.step(loss, trained, { learningRate: 1e-4, temperature: 1 });
}

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20).unref();
const run = values.what === "sample" ? sample : train;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ ready: { node: process.version, threads: engine.executors, load_seconds: loadSeconds } });
for await (const line of createInterface({ input: process.stdin })) {
  const [word, count] = line.split(" ");
  if (word !== "run") break;
  const seconds: number[] = [];
  for (let i = 0; i < Number(count); i++) {
    const begun = performance.now();
    await run();
    seconds.push((performance.now() - begun) / 1000);
  }
  peak = Math.max(peak, process.memoryUsage.rss());
  say({ seconds, tokens: rows * (values.what === "sample" ? C : P + C), peakBytes: peak });
}
await engine.dispose();
