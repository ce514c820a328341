/** Our side of the benchmarks: the same workloads through the library's own classes, one contender for each setting. */
import { openEngine, type Tensor, tf } from "../src/engine/index.ts";
import { GrpoConfig, trainGrpo } from "../src/grpo/index.ts";
import { defineModelConfig, type Loss, type ModelConfig, PolicyLearner, PolicySampler } from "../src/policy/index.ts";
import type { StreamDecoder, Tokenizer } from "../src/policy/tokenizer.ts";
import { createWeights, initialize } from "../src/policy/weights.ts";
import type { Contender } from "./contender.ts";
import type { Workload } from "./workloads.ts";

/** Executors and threads of each: side by side, or together on one program. */
const SETTINGS = [
  { executors: 2, threads: 1 },
  { executors: 1, threads: 2 },
] as const;

const OPTIMIZER = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, maxGradNorm: 1 };
/** The default of a run. */
const MICRO_BATCH_TOKENS = 2048;

export async function startOurs(workload: Workload): Promise<Contender[]> {
  return Promise.all(SETTINGS.map((setting) => start(workload, setting)));
}

async function start(workload: Workload, setting: (typeof SETTINGS)[number]): Promise<Contender> {
  const { shape } = workload;
  const config = defineModelConfig({
    vocabSize: shape.vocab,
    hiddenSize: shape.width,
    layers: shape.layers,
    heads: shape.heads,
    kvHeads: shape.kvHeads,
    headDim: shape.width / shape.heads,
    intermediateSize: shape.hidden,
    maxPositions: 1024,
    eosIds: [],
    padId: 0,
  });
  const weights = createWeights(config);
  initialize(weights, config, 1);
  const engine = await openEngine({ engine: "onnx", device: "cpu", ...setting });
  const options = { optimizer: OPTIMIZER, microBatchTokens: MICRO_BATCH_TOKENS };
  const learner = new PolicyLearner(engine, config, weights, options);
  const facts = { ...setting, parameters: weights.flat.length };
  const name = `rlvr ${setting.executors} × ${setting.threads} thread`;
  const repeat = async (reps: number, once: () => Promise<number>) => {
    const seconds: number[] = [];
    let tokens = 0;
    for (let i = 0; i < reps; i++) {
      const started = performance.now();
      tokens = await once();
      seconds.push((performance.now() - started) / 1000);
    }
    return { seconds, tokens };
  };
  const once = work(workload, config, learner, weightsSampler());
  await once(); // programs are made
  return { name, facts, run: (reps) => repeat(reps, once), close: () => engine.dispose() };

  function weightsSampler(): PolicySampler {
    const sequences = workload.kind === "decode" ? workload.batch : 64 * setting.executors;
    return new PolicySampler(
      engine,
      config,
      weights,
      silentTokenizer(config),
      Math.ceil(sequences / setting.executors),
    );
  }
}

/** One repetition; resolves to the tokens it processed. */
function work(workload: Workload, config: ModelConfig, learner: PolicyLearner, sampler: PolicySampler) {
  switch (workload.kind) {
    case "step": {
      const { batch, length } = workload;
      const rows = Array.from({ length: batch }, (_, i) => {
        const tokens = someTokens(config, length, i);
        const advantages = new Float32Array(length).fill(i % 2 === 0 ? 1 : -1);
        const oldLogProbs = new Float32Array(length).fill(-Math.log(config.vocabSize));
        return { id: `${i}`, tokens, fields: { advantages, oldLogProbs } };
      });
      return async () => {
        await learner.step(clippedLoss(batch * length), rows, { learningRate: 1e-4, temperature: 1 });
        return batch * length;
      };
    }
    case "decode":
      return async () => {
        const requests = Array.from({ length: workload.batch }, (_, i) =>
          request(config, workload.promptLength, workload.newTokens, i),
        );
        const samples = await sampler.sample(requests, { ...SAMPLING, step: 0 });
        return samples.reduce((sum, { tokens }) => sum + tokens.length, 0);
      };
    case "grpo": {
      let step = 0;
      return async () => {
        const { prompts, group: groupSize, promptLength, completionLength: newTokens } = workload;
        const settings = GrpoConfig.parse({
          steps: step + 1,
          promptsPerStep: prompts,
          groupSize,
          maxTokens: newTokens,
          learningRate: 1e-6,
          warmupSteps: 0,
          dynamicSampling: "keep",
          truncation: "score", // no completion ends by itself: all run to the limit, as on the other side
        });
        let tokens = 0;
        await trainGrpo({
          config: settings,
          seed: 1,
          learner,
          fromStep: step,
          collect: async () => {
            const requests = Array.from({ length: prompts * groupSize }, (_, i) => ({
              ...request(config, promptLength, newTokens, Math.floor(i / groupSize)),
              id: `${i}`,
              sampleIndex: i % groupSize,
            }));
            const samples = await sampler.sample(requests, { ...SAMPLING, step });
            tokens = samples.reduce((sum, sample) => sum + sample.tokens.length, 0);
            const trajectories = samples.map((sample, i) => {
              const { prompt } = requests[i] as (typeof requests)[number];
              const all = Int32Array.of(...prompt, ...sample.tokens);
              const logProbs = new Float32Array(all.length);
              logProbs.set(sample.logProbs, prompt.length);
              const completionMask = new Uint8Array(all.length).fill(1, prompt.length);
              const reward = sample.tokens.reduce((sum, token) => sum + (token % 2), 0) / sample.tokens.length;
              const common = { id: sample.id, tokens: all, completionMask, samplerLogProbs: logProbs, reward };
              return { ...common, truncated: true, policyVersion: learner.version };
            });
            return Array.from({ length: prompts }, (_, p) => ({
              promptId: `${p}`,
              trajectories: trajectories.slice(p * groupSize, (p + 1) * groupSize),
            }));
          },
        });
        step++;
        return tokens;
      };
    }
  }
}

const SAMPLING = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 1, stopStrings: [] };

function request(config: ModelConfig, promptLength: number, maxTokens: number, i: number) {
  return { id: `${i}`, prompt: someTokens(config, promptLength, i), promptId: `${i}`, sampleIndex: 0, maxTokens };
}

function someTokens({ vocabSize }: ModelConfig, length: number, i: number): Int32Array {
  return Int32Array.from({ length }, (_, t) => (i * 7 + t * t * 3 + t) % vocabSize);
}

/** The clipped surrogate over all tokens, as on the other side. */
function clippedLoss(tokens: number): Loss {
  return {
    name: `clipped / ${tokens}`,
    fields: ["advantages", "oldLogProbs"],
    compute: ({ logProbs }, { advantages, oldLogProbs }) => {
      const A = advantages as Tensor;
      const ratio = logProbs.sub(oldLogProbs as Tensor).exp();
      const surrogate = tf.minimum(ratio.mul(A), ratio.clipByValue(0.8, 1.28).mul(A));
      return { loss: surrogate.sum().mul(-1 / tokens), sums: {}, maxima: {} };
    },
  };
}

/** Ids without text: nothing ends a sequence before its limit. */
function silentTokenizer({ vocabSize }: ModelConfig): Tokenizer {
  const decoder: StreamDecoder = { push: () => "", end: () => "" };
  return {
    vocabSize,
    padId: 0,
    bosId: null,
    eosIds: [],
    stopIds: [],
    files: {},
    prefixIds: [],
    chatTemplate: null,
    tokenId: () => null,
    encode: () => new Int32Array(0),
    decode: () => "",
    createDecoder: () => decoder,
  };
}
