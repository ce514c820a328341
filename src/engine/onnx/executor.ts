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
  /** Each program keeps the memory of its intermediate results between runs: faster where they are small. */
  readonly keepMemory: boolean;
}

export type Request =
  | { id: number; kind: "load"; program: number; name: string; model: Uint8Array; signature: Signature }
  | { id: number; kind: "bind"; binding: number; program: number; fixed: Feeds }
  | { id: number; kind: "release"; binding: number }
  | { id: number; kind: "run"; binding: number; feeds: Feeds }
  /** Ends the thread after what is running; what waits is dropped. */
  | { id: number; kind: "stop" };

/** `seconds` is the time of the work itself, without the wait for requests before it. */
export type Reply = { id: number; outputs: Record<string, Data>; seconds: number } | { id: number; error: string };

const ort = await import("onnxruntime-node");
const options = workerData as ExecutorOptions;
/** Of a program that ONNX Runtime refused, the refusal: each of its runs answers with it. */
const programs = new Map<
  number,
  { name: string; session: InferenceSession; signature: Signature } | { error: string }
>();
const bindings = new Map<number, { program: number; feeds: Record<string, Tensor> }>();

function toTensor(name: string, data: Data, signature: Signature): Tensor {
  const spec = signature[name];
  if (!spec) throw new TypeError(`the program has no input named ${name}`);
  if (!(data instanceof Float16Array)) return new ort.Tensor(spec.dtype, data as never, spec.shape);
  // the native part measures a Float16Array at 0 bytes: it takes the same bits as whole numbers
  const bits = new ort.Tensor("uint16", new Uint16Array(data.buffer, data.byteOffset, data.length), spec.shape);
  return Object.defineProperty(bits, "type", { value: "float16" });
}

/** The outputs of a run, nothing for the rest. */
async function serve(request: Exclude<Request, { kind: "stop" }>): Promise<Record<string, Data>> {
  switch (request.kind) {
    case "load": {
      const { name, signature } = request;
      const loaded = await ort.InferenceSession.create(request.model, {
        executionProviders: [options.device],
        graphOptimizationLevel: "all",
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        enableCpuMemArena: options.keepMemory,
        enableMemPattern: options.keepMemory,
        executionMode: "sequential",
        logSeverityLevel: 3,
      }).then(
        (session) => ({ name, session, signature }),
        (cause: Error) => ({ error: `ONNX Runtime refused the program ${name}: ${cause.message}` }),
      );
      programs.set(request.program, loaded);
      return {};
    }
    case "bind": {
      const loaded = programs.get(request.program);
      const feeds: Record<string, Tensor> = {};
      if (loaded && "session" in loaded) {
        for (const [name, data] of Object.entries(request.fixed)) feeds[name] = toTensor(name, data, loaded.signature);
      }
      bindings.set(request.binding, { program: request.program, feeds });
      return {};
    }
    case "release":
      bindings.delete(request.binding);
      return {};
    case "run": {
      const binding = bindings.get(request.binding);
      const loaded = binding && programs.get(binding.program);
      if (!binding || !loaded) throw new Error("the program was not bound before this call");
      if ("error" in loaded) throw new Error(loaded.error);
      const feeds = { ...binding.feeds };
      for (const [name, data] of Object.entries(request.feeds)) feeds[name] = toTensor(name, data, loaded.signature);
      const results = await loaded.session.run(feeds).catch((cause: Error) => {
        throw new Error(`${loaded.name}: ${cause.message}`, { cause });
      });
      const outputs: Record<string, Data> = {};
      for (const [name, tensor] of Object.entries(results)) outputs[name.slice(OUTPUT.length)] = tensor.data as Data;
      return outputs;
    }
    default:
      return request satisfies never;
  }
}

// one request at a time, in the order in which they came
let queue: Promise<void> = Promise.resolve();
let isStopping = false;

parentPort?.on("message", (request: Request) => {
  if (request.kind === "stop") {
    isStopping = true;
    queue.then(() => process.exit()); // a thread that is ended inside ONNX Runtime takes the process with it
    return;
  }
  queue = queue.then(async () => {
    if (isStopping) return;
    try {
      const started = performance.now();
      const outputs = await serve(request);
      const seconds = (performance.now() - started) / 1000;
      const buffers = [...new Set(Object.values(outputs).map((data) => data.buffer as ArrayBuffer))];
      parentPort?.postMessage({ id: request.id, outputs, seconds } satisfies Reply, buffers);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      parentPort?.postMessage({ id: request.id, error: message } satisfies Reply);
    }
  });
});
