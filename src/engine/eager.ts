/**
 * Engines that run the function itself, operation by operation, on a backend of TensorFlow.js:
 *
 *   tensorflow   @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node, where the user has installed one
 *   wasm         @tensorflow/tfjs-backend-wasm, one thread
 *   cpu          plain JavaScript, part of @tensorflow/tfjs: slow, always there, the reference of the tests
 *
 * A function is traced when it is compiled, exactly as for the onnx engine, so that what one engine refuses every engine
 * refuses, and shapes are known before anything runs. The work is done in this thread, one program at a time.
 */
import nodeUtil from "node:util";
import { RlvrError } from "../errors.ts";
import type { Data, Engine, EngineStats, Feeds, Program, Signature, TensorFunction } from "./engine.ts";
import { checkFeeds, programKey } from "./feeds.ts";
import { trace } from "./onnx/trace.ts";
import { installedVersion } from "./packages.ts";
import { checkAxes } from "./shapes.ts";
import { type Tensor, tf } from "./tf.ts";
import { mendWasmKernels } from "./wasm-kernels.ts";

export type EagerName = "tensorflow" | "wasm" | "cpu";

export class EagerEngine implements Engine {
  readonly name: EagerName;
  readonly device: "cpu" | "cuda";
  readonly executors = 1;
  readonly #programs = new Map<string, Promise<Program>>();
  #stats: EngineStats = { programs: 0, cacheHits: 0, compileSeconds: 0 };
  #disposed = false;

  private constructor(name: EagerName, device: "cpu" | "cuda") {
    this.name = name;
    this.device = device;
  }

  /** @throws RlvrError E_PACKAGE where the backend is not installed, E_ENGINE where it does not start. */
  static async open(name: EagerName, device: "cpu" | "cuda" = "cpu"): Promise<EagerEngine> {
    const previous = tf.getBackend();
    if (name === "tensorflow") await loadTensorflow(device);
    if (name === "wasm") await loadWasm();
    if (name === "cpu") tf.env().set("PROD", true); // or the backend prints an advertisement of tfjs-node
    const started = await tf.setBackend(name);
    if (previous && previous !== name) await tf.setBackend(previous);
    if (!started) throw new RlvrError("E_ENGINE", `TensorFlow.js could not start its ${name} backend`);
    return new EagerEngine(name, device);
  }

  compile(name: string, fn: TensorFunction, signature: Signature): Promise<Program> {
    const key = programKey(name, signature);
    const known = this.#programs.get(key);
    if (known) {
      this.#stats.cacheHits++;
      return known;
    }
    const made = this.#make(name, fn, signature);
    this.#programs.set(key, made);
    made.catch(() => this.#programs.delete(key));
    return made;
  }

  async #make(name: string, fn: TensorFunction, signature: Signature): Promise<Program> {
    const started = performance.now();
    const { outputs } = trace(name, fn, signature);
    this.#stats.programs++;
    this.#stats.compileSeconds += (performance.now() - started) / 1000;
    const run = async (feeds: Feeds): Promise<Record<string, Data>> => {
      checkFeeds(name, feeds, signature, true);
      return this.#run(name, fn, signature, outputs, feeds);
    };
    return {
      name,
      signature,
      outputs,
      run,
      bind: (fixed) => {
        checkFeeds(name, fixed, signature, false);
        // read anew at each call: their owner may have written to them
        let bound: Feeds | undefined = fixed;
        return {
          run: async (feeds) => {
            if (!bound) throw new RlvrError("E_ENGINE", `${name}: this binding was released`);
            return run({ ...bound, ...feeds });
          },
          release: () => {
            bound = undefined;
          },
        };
      },
    };
  }

  async #run(
    name: string,
    fn: TensorFunction,
    signature: Signature,
    expected: Signature,
    feeds: Feeds,
  ): Promise<Record<string, Data>> {
    if (this.#disposed) throw new RlvrError("E_ENGINE", "the engine was disposed of");
    const results = this.#compute(name, fn, signature, feeds);
    // the cpu backend hands out the very arrays it computes with, a feed that comes back unchanged for example
    const taken = new Set<unknown>(Object.values(feeds).map((data) => data.buffer));
    const outputs: Record<string, Data> = {};
    try {
      for (const [key, tensor] of Object.entries(results)) {
        // backends have kernels that broadcast wrongly (matMul of plain JavaScript)
        checkAxes({ [`output ${key} of ${name}`]: [tensor, expected[key]?.shape.join(" ") ?? ""] });
        const data = (await tensor.data()) as Data;
        const own = taken.has(data.buffer) ? data.slice() : data;
        taken.add(own.buffer);
        outputs[key] = own;
      }
    } finally {
      tf.dispose(results); // by hand, because the function may have kept some
    }
    return outputs;
  }

  #compute(name: string, fn: TensorFunction, signature: Signature, feeds: Feeds): Record<string, Tensor> {
    const previous = tf.getBackend();
    tf.setBackend(this.name);
    try {
      return tf.tidy(() => {
        const inputs = Object.entries(signature).map(([key, { shape, dtype }]): [string, Tensor] => {
          const data = feeds[key] as Data;
          if (dtype === "float16") return [key, tf.tensor(Float32Array.from(data), [...shape], "float32")];
          return [key, tf.tensor(data as Float32Array | Int32Array, [...shape], dtype)];
        });
        return fn(Object.fromEntries(inputs));
      });
    } catch (cause) {
      if (cause instanceof RlvrError) throw cause;
      const missing = /Kernel '(\w+)' not registered/.exec(String(cause))?.[1];
      if (!missing)
        throw new RlvrError("E_ENGINE", `${name} failed on the ${this.name} engine: ${String(cause)}`, { cause });
      throw new RlvrError("E_ENGINE", `${name} uses the operation ${missing}, which the ${this.name} engine lacks`, {
        hint: "choose another engine; onnx has all that rlvr uses",
        cause,
      });
    } finally {
      tf.setBackend(previous);
    }
  }

  stats(): EngineStats {
    return { ...this.#stats };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#programs.clear();
  }
}

/** @throws RlvrError E_PACKAGE, E_ENGINE where a GPU is asked for and TensorFlow sees none. */
async function loadTensorflow(device: "cpu" | "cuda"): Promise<void> {
  restoreNodeUtil();
  const gpu = "@tensorflow/tfjs-node-gpu";
  const packages = device === "cuda" ? [gpu] : [gpu, "@tensorflow/tfjs-node"];
  const failures: string[] = [];
  for (const name of packages) {
    if (installedVersion(name) === undefined) {
      failures.push(`${name} is not installed`);
      continue;
    }
    const cause = await import(name).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (cause !== undefined) {
      failures.push(`${name} does not load: ${String(cause).split("\n")[0]}`);
      continue;
    }
    const { isUsingGpuDevice } = tf.engine().findBackend("tensorflow") as unknown as { isUsingGpuDevice: boolean };
    if (device === "cpu" || isUsingGpuDevice) return;
    throw new RlvrError("E_ENGINE", "TensorFlow sees no GPU on this machine", {
      hint: "check nvidia-smi and the CUDA 11 libraries, or choose the device cpu",
    });
  }
  throw new RlvrError("E_PACKAGE", failures.join("; "), {
    hint: `run: npm install ${packages.at(-1)}, or choose the onnx engine`,
  });
}

/** Node 23 took these two out of node:util, and tfjs-node 4.22 calls them for every operation. */
function restoreNodeUtil(): void {
  const util = nodeUtil as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

const WASM_PACKAGE: string = "@tensorflow/tfjs-backend-wasm"; // a plain string: type checks must pass without it

/** @throws RlvrError E_PACKAGE */
async function loadWasm(): Promise<void> {
  await import(WASM_PACKAGE).catch((cause: unknown) => {
    throw new RlvrError("E_PACKAGE", `${WASM_PACKAGE} is not installed`, {
      hint: `run: npm install ${WASM_PACKAGE}, or choose the onnx engine`,
      cause,
    });
  });
  mendWasmKernels();
}
