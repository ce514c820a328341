/** Settings that runs of every algorithm share. */
import { z } from "zod";
import { LoraConfig } from "../policy/index.ts";

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
  recompute: z
    .boolean()
    .default(false)
    .describe("keep only each layer's input for the backward pass and compute the rest again: slower, far less memory"),
});
export type EngineSettings = z.infer<typeof EngineSettings>;

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
  model: z.string().default("").describe("a model folder; empty = the base model that ships for the task"),
  seed: z.int().min(0).default(1).describe("all randomness of the run"),
  name: z.string().default("").describe("folder of the run in `out`; empty = task, algorithm and seed, numbered"),
  out: z.string().default("runs").describe("folder of all runs"),
  lora: LoraSettings.prefault({}),
  engine: EngineSettings.prefault({}),
});
export type RunSettings = z.infer<typeof RunSettings>;
