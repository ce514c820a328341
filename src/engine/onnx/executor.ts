/**
 * One worker thread with ONNX Runtime in it: loads models, keeps fixed inputs, runs. It knows graphs and arrays only.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Data, Feeds, Signature } from "../engine.ts";
import { OUTPUT } from "./graph.ts";

export interface ExecutorOptions {
  readonly threads: number;
  readonly device: "cpu" | "webgpu" | "cuda";
}

export type Request =
  | { id: number; kind: "load"; program: number; name: string; model: Uint8Array; signature: Signature }
  | { id: number; kind: "unload"; program: number }
  | { id: number; kind: "bind"; binding: number; program: number; fixed: Feeds }
  | { id: number; kind: "release"; binding: number }
  | { id: number; kind: "run"; binding: number; feeds: Feeds };

export type Reply = { id: number; outputs: Record<string, Data>; runSeconds: number } | { id: number; error: string };

const ort = await import("onnxruntime-node");
const options = workerData as ExecutorOptions;
const sessions = new Map<number, { name: string; session: InferenceSession; signature: Signature }>();
const bindings = new Map<number, { program: number; feeds: Record<string, Tensor> }>();

function toTensor(name: string, data: Data, signature: Signature): Tensor {
  const spec = signature[name];
  if (!spec) throw new TypeError(`the program has no input named ${name}`);
  return new ort.Tensor(spec.dtype, data as never, spec.shape);
}

async function serve(request: Request): Promise<{ outputs: Record<string, Data>; runSeconds: number }> {
  const nothing = { outputs: {}, runSeconds: 0 };
  switch (request.kind) {
    case "load": {
      const session = await ort.InferenceSession.create(request.model, {
        executionProviders: [options.device],
        graphOptimizationLevel: "all",
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        logSeverityLevel: 3,
      });
      sessions.set(request.program, { name: request.name, session, signature: request.signature });
      return nothing;
    }
    case "unload": {
      await sessions.get(request.program)?.session.release();
      sessions.delete(request.program);
      return nothing;
    }
    case "bind": {
      const signature = sessions.get(request.program)?.signature ?? {};
      const feeds: Record<string, Tensor> = {};
      for (const [name, data] of Object.entries(request.fixed)) feeds[name] = toTensor(name, data, signature);
      bindings.set(request.binding, { program: request.program, feeds });
      return nothing;
    }
    case "release":
      bindings.delete(request.binding);
      return nothing;
    case "run": {
      const binding = bindings.get(request.binding);
      const loaded = binding && sessions.get(binding.program);
      if (!binding || !loaded) throw new Error("the program was disposed of before this call");
      const feeds = { ...binding.feeds };
      for (const [name, data] of Object.entries(request.feeds)) feeds[name] = toTensor(name, data, loaded.signature);
      const started = performance.now();
      const results = await loaded.session.run(feeds).catch((cause: Error) => {
        throw new Error(`${loaded.name}: ${cause.message}`, { cause });
      });
      const runSeconds = (performance.now() - started) / 1000;
      const outputs: Record<string, Data> = {};
      for (const [name, tensor] of Object.entries(results)) outputs[name.slice(OUTPUT.length)] = tensor.data as Data;
      return { outputs, runSeconds };
    }
    default:
      return request satisfies never;
  }
}

// one request at a time, in the order in which they came
let queue: Promise<void> = Promise.resolve();

parentPort?.on("message", (request: Request) => {
  queue = queue.then(async () => {
    try {
      const { outputs, runSeconds } = await serve(request);
      const buffers = [...new Set(Object.values(outputs).map((data) => data.buffer as ArrayBuffer))];
      parentPort?.postMessage({ id: request.id, outputs, runSeconds } satisfies Reply, buffers);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({ id: request.id, error: message } satisfies Reply);
    }
  });
});
