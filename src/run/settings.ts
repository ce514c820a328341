/** Settings that runs of every algorithm share. */
import { z } from "zod";
import { CHAT_MODES, LoraConfig } from "../policy/index.ts";
import { TIERS } from "../sandbox/tier.ts";

export const EngineSettings = z.strictObject({
  name: z
    .enum(["onnx", "tensorflow", "wasm", "cpu"])
    .default("onnx")
    .describe("onnx = ONNX Runtime; tensorflow = @tensorflow/tfjs-node(-gpu); wasm, cpu = TensorFlow.js's own"),
  device: z
    .enum(["cpu", "webgpu", "cuda"])
    .default("cpu")
    .describe("webgpu with the onnx engine only; cuda with onnx or tensorflow"),
  executors: z.int().min(0).default(0).describe("programs that run side by side; 0 = chosen by the model's size"),
  threads: z.int().min(0).default(0).describe("threads inside a program; 0 = chosen by the model's size"),
  slots: z.int().min(1).default(64).describe("sequences decoded at the same time on one executor"),
  microBatchTokens: z.int().min(16).default(2048).describe("padded tokens of one micro-batch in training and scoring"),
  weights: z
    .enum(["f32", "f16"])
    .default("f32")
    .describe("f16 = the projections are kept in half precision, for adapters and sampling: half the memory, slower"),
  recompute: z
    .boolean()
    .default(false)
    .describe("keep only each layer's input for the backward pass and compute the rest again: slower, far less memory"),
});
export type EngineSettings = z.infer<typeof EngineSettings>;

export const SamplerSettings = z.strictObject({
  kind: z
    .enum(["embedded", "vllm", "sglang", "llama-server"])
    .default("embedded")
    .describe("what draws completions: this process, or a server; vllm stands for all that answer as vLLM does"),
  url: z.string().default("").describe("address of the server, such as http://127.0.0.1:8000"),
  model: z.string().default("").describe("the base model's name on a vllm server; empty = the first that it lists"),
  apiKeyEnv: z.string().default("").describe("environment variable that holds the server's key; empty = it has none"),
  folder: z
    .string()
    .default("")
    .describe("where weights are written for the server; empty = weights/ in the run's folder"),
  folderOnServer: z.string().default("").describe("the same folder as the server sees it; empty = the same path"),
  concurrency: z.int().min(1).default(256).describe("requests under way at the same time"),
  timeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(600_000)
    .describe("deadline of one request, in milliseconds"),
  retries: z
    .int()
    .min(0)
    .default(4)
    .describe("further requests after a fault that may pass: network, 5xx, torn answer"),
  maxLag: z
    .int()
    .min(0)
    .default(0)
    .describe("updates that the server's weights may be behind; more, and they are brought up to date first"),
  stale: z
    .enum(["refuse", "correct"])
    .default("refuse")
    .describe("a completion of weights further behind: leave it out, or train on it with grpo.importance"),
  stallMs: z
    .int()
    .min(1)
    .default(120_000)
    .describe("milliseconds without any progress after which a warning says what each completion waits for"),
});
export type SamplerSettings = z.infer<typeof SamplerSettings>;

export const EvalSettings = z.strictObject({
  every: z.int().min(0).default(10).describe("steps between quick measurements on held-out problems; 0 = never"),
  quickProblems: z.int().min(1).default(128).describe("problems of a quick measurement, one sample each"),
  problems: z.int().min(1).default(500).describe("problems of the measurement before and after"),
  samples: z.int().min(8).default(8).describe("samples of each problem, before and after"),
});
export type EvalSettings = z.infer<typeof EvalSettings>;

export const LoraSettings = LoraConfig.extend({
  rank: z.int().min(0).default(0).describe("inner width of a low-rank adapter; 0 = train all weights"),
});

export const RunSettings = z.strictObject({
  task: z.string().default("arithmetic").describe("a name in tasks/, or the path of a task folder"),
  model: z
    .string()
    .default("")
    .describe("a model folder, or org/name[@revision] of the Hugging Face Hub; empty = the base model of the task"),
  chat: z
    .enum(CHAT_MODES)
    .default("auto")
    .describe("a prompt becomes a user message: auto = where the model has a chat template; on = always; off = never"),
  seed: z.int().min(0).default(1).describe("all randomness of the run"),
  name: z.string().default("").describe("folder of the run in `out`; empty = task, algorithm and seed, numbered"),
  out: z.string().default("runs").describe("folder of all runs"),
  minTier: z
    .enum(TIERS)
    .default("weak")
    .describe("least containment of the sandbox, where the task runs code: below it no run starts; see `rlvr doctor`"),
  lora: LoraSettings.prefault({}),
  engine: EngineSettings.prefault({}),
});
export type RunSettings = z.infer<typeof RunSettings>;
