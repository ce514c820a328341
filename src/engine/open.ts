/**
 * Opens an engine by name and proves at once that it runs: a program of one addition, before anybody waits for a model.
 */
import os from "node:os";
import { RlvrError } from "../errors.ts";
import { EagerEngine } from "./eager.ts";
import type { Engine } from "./engine.ts";
import { OnnxEngine } from "./onnx/onnx-engine.ts";
import { floats } from "./spec.ts";

export interface EngineOptions {
  /** @default "onnx" */
  readonly engine?: Engine["name"];
  /** @default "cpu" */
  readonly device?: Engine["device"];
  /** Programs that run side by side, each in a thread of its own. */
  readonly executors?: number;
  /** Threads inside each program. */
  readonly threads?: number;
  /** Parameters of the model; decides the split of the cores where `executors` and `threads` do not. */
  readonly size?: number;
}

export const DEVICES: Readonly<Record<Engine["name"], readonly Engine["device"][]>> = {
  onnx: ["cpu", "webgpu", "cuda"],
  tensorflow: ["cpu", "cuda"],
  wasm: ["cpu"],
  cpu: ["cpu"],
};

/**
 * From how many parameters on all cores work on one program, and programs give their memory back after each run.
 *
 * Below, products are so small that a second thread in them mostly waits at barriers, and shards of a batch on one thread
 * each use the cores better. Above, each executor's gradient and activations cost more memory than they save time.
 */
const LARGE_MODEL = 20_000_000;

/** Whether programs keep the memory of their intermediate results between runs, where all cores run ONNX Runtime. */
export function keepsMemory(size: number): boolean {
  return size < LARGE_MODEL;
}

/** Executors and threads per executor: what is given, else all cores, split by the model's size. */
export function divideCores(
  { executors, threads, size = 0 }: Pick<EngineOptions, "executors" | "threads" | "size">,
  cores: number,
): { executors: number; threads: number } {
  for (const [name, count] of Object.entries({ executors, threads })) {
    if (count === undefined || (Number.isInteger(count) && count >= 1)) continue;
    throw new RlvrError("E_CONFIG", `${name} is ${count}, expected a whole number of at least 1`);
  }
  const rest = (taken: number) => Math.max(1, Math.floor(cores / taken));
  if (executors !== undefined) return { executors, threads: threads ?? rest(executors) };
  if (threads !== undefined) return { executors: rest(threads), threads };
  return size >= LARGE_MODEL ? { executors: 1, threads: cores } : { executors: cores, threads: 1 };
}

/**
 * @throws RlvrError E_CONFIG for a combination that does not exist, E_PACKAGE for a missing package, E_ENGINE for a
 * device that this machine does not have.
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const { engine: name = "onnx", device = "cpu" } = options;
  if (!DEVICES[name]?.includes(device)) {
    throw new RlvrError("E_CONFIG", `the engine ${JSON.stringify(name)} has no device ${JSON.stringify(device)}`, {
      hint: DEVICES[name]
        ? `choose ${DEVICES[name].join(" or ")}`
        : `choose an engine: ${Object.keys(DEVICES).join(", ")}`,
    });
  }
  const engine = name === "onnx" ? await openOnnx(device, options) : await openEager(name, device, options);
  try {
    await prove(engine);
  } catch (error) {
    await engine.dispose();
    throw refusal(engine, error);
  }
  return engine;
}

async function openOnnx(device: Engine["device"], options: EngineOptions): Promise<Engine> {
  if (device === "cpu") {
    const keepMemory = keepsMemory(options.size ?? 0);
    return new OnnxEngine({ device, keepMemory, ...divideCores(options, os.availableParallelism()) });
  }
  const { executors = 1, threads = 1 } = options;
  if (executors !== 1) {
    throw new RlvrError(
      "E_CONFIG",
      `executors is ${executors}, expected 1: a ${device} device runs one program at a time`,
    );
  }
  return new OnnxEngine({ device, ...divideCores({ executors, threads }, 1) });
}

async function openEager(
  name: Exclude<Engine["name"], "onnx">,
  device: Engine["device"],
  { executors = 1, threads }: EngineOptions,
): Promise<Engine> {
  if (executors !== 1) throw new RlvrError("E_CONFIG", `executors is ${executors}, expected 1 for the ${name} engine`);
  if (threads !== undefined) {
    throw new RlvrError("E_CONFIG", `threads is ${threads}, but the ${name} engine decides that itself`, {
      hint: "leave threads out, or choose the onnx engine",
    });
  }
  return EagerEngine.open(name, device === "cuda" ? "cuda" : "cpu");
}

/** 1 + 1 on the engine. */
async function prove(engine: Engine): Promise<void> {
  const program = await engine.compile("one plus one", ({ x }) => ({ y: x!.add(x!) }), { x: floats(1) });
  const { y } = await program.run({ x: Float32Array.of(1) });
  if (y?.[0] !== 2) throw new RlvrError("E_ENGINE", `1 + 1 is ${y?.[0]} on the ${engine.name} engine`);
}

const DEVICE_HINTS = {
  cpu: "choose another engine (rlvr doctor lists them)",
  webgpu:
    "WebGPU needs a GPU with a driver for Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows); " +
    "for a trial without one, a software driver such as SwiftShader does; or choose the device cpu",
  cuda:
    "ONNX Runtime's CUDA provider is not part of the npm package: fetch it with " +
    "node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12 " +
    "on a machine with CUDA 12 and cuDNN 9; or choose the device cpu",
} as const satisfies Record<Engine["device"], string>;

function refusal(engine: Engine, error: unknown): unknown {
  if (error instanceof RlvrError && error.code === "E_PACKAGE") return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new RlvrError("E_ENGINE", `the ${engine.name} engine does not run on the device ${engine.device}: ${reason}`, {
    hint: DEVICE_HINTS[engine.device],
    cause: error,
  });
}
