/**
 * A TensorFlow.js backend that records instead of computing. Running a function on it once, gradients and all, leaves the
 * ONNX graph of that function.
 */

import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs";
import { RlvrError } from "../../errors.ts";
import type { Signature, Spec, TensorFunction } from "../engine.ts";
import { type Tensor, tf } from "../tf.ts";
import { Graph, MAX_CONSTANT_BYTES, type Value, type ValueType } from "./graph.ts";
import { KERNELS, type KernelAttributes } from "./kernels.ts";
import { Recorder } from "./recorder.ts";

const BACKEND = "rlvr-trace";

type Info = { dataId: object; shape: number[]; dtype: "float32" | "int32" | "bool" };

/** What TensorFlow.js calls a type: it has neither int64, which it means where it says int32 of an index, nor float16. */
const NAME_OF = { float32: "float32", int32: "int32", int64: "int32", bool: "bool", float16: "float32" } as const;

class TraceBackend extends tf.KernelBackend {
  recorder: Recorder | undefined;
  #values = new WeakMap<object, Value>();
  #alive = new Set<object>();

  get active(): Recorder {
    if (!this.recorder)
      throw new RlvrError("E_ENGINE", "a traced tensor was used outside the function that was compiled");
    return this.recorder;
  }

  value(info: Pick<TensorInfo, "dataId">): Value {
    const value = this.#values.get(info.dataId);
    if (value) return value;
    throw new RlvrError("E_ENGINE", "a tensor made outside the compiled function was used in it", {
      hint: "pass it as an input of the program, or make it inside the function",
    });
  }

  info(value: Value): Info {
    const dataId = {};
    this.#values.set(dataId, value);
    this.#alive.add(dataId);
    return { dataId, shape: [...value.shape], dtype: NAME_OF[value.type] };
  }

  override write(...[values, shape, dtype]: Parameters<KernelBackend["write"]>): object {
    return this.info(constant(this.active, values as ArrayLike<number>, shape, dtype as ValueType)).dataId;
  }

  override readSync(): never {
    throw new RlvrError("E_ENGINE", "the compiled function reads a tensor's values while it is traced", {
      hint: "use tensor operations instead of dataSync() and control flow on values",
    });
  }

  override read(): never {
    return this.readSync();
  }

  override disposeData(dataId: object): boolean {
    return this.#alive.delete(dataId);
  }

  override numDataIds(): number {
    return this.#alive.size;
  }

  override incRef(): void {}

  override refCount(): number {
    return 1;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override memory() {
    return { unreliable: true };
  }

  override dispose(): void {
    this.#alive.clear();
  }
}

function constant(r: Recorder, values: ArrayLike<number>, shape: readonly number[], type: ValueType): Value {
  const first = Number(values[0]);
  let uniform = values.length > 0;
  for (let i = 1; i < values.length && uniform; i++) uniform = Number(values[i]) === first;
  if (uniform && (type === "float32" || type === "int32")) return r.fill(first, shape, type);
  if (values.length * 4 > MAX_CONSTANT_BYTES) {
    throw new RlvrError("E_ENGINE", `the compiled function makes a constant of ${values.length} elements`, {
      hint: "make it from operations, or pass it as an input",
    });
  }
  const numbers = Array.from(values, Number);
  const data =
    type === "float32"
      ? Float32Array.from(numbers)
      : type === "int32"
        ? Int32Array.from(numbers)
        : Uint8Array.from(numbers);
  return r.graph.constant(data, shape, type);
}

let backend: TraceBackend | undefined;

function traceBackend(): TraceBackend {
  if (backend) return backend;
  const made = new TraceBackend();
  tf.registerBackend(BACKEND, () => made, 0);
  for (const [kernelName, rule] of Object.entries(KERNELS)) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const values = Object.fromEntries(
          Object.entries(inputs).map(([key, info]) => [key, made.value(info as TensorInfo)]),
        );
        const out = rule(made.active, values, (attrs ?? {}) as KernelAttributes);
        return Array.isArray(out) ? out.map((value) => made.info(value)) : made.info(out);
      },
    });
  }
  backend = made;
  return made;
}

export interface Trace {
  readonly model: Uint8Array;
  /** What the intermediate results and outputs take at the worst moment, in bytes. */
  readonly peakBytes: number;
  readonly nodes: number;
  readonly outputs: Readonly<Record<string, Spec>>;
  /** Inputs that no output depends on are not part of the graph's work but stay in its signature. */
  readonly signature: Signature;
}

/** What a program needs for its intermediate results and outputs at the worst moment, in bytes. Runs nothing. */
export function tracePeakBytes(name: string, fn: TensorFunction, signature: Signature): number {
  return trace(name, fn, signature).peakBytes;
}

/**
 * @throws RlvrError E_ENGINE where `fn` reads values, uses a tensor from outside, a huge constant, or an operation that
 * is not recorded.
 */
export function trace(name: string, fn: TensorFunction, signature: Signature): Trace {
  const tracer = traceBackend();
  if (!tf.getBackend()) tf.setBackend("cpu"); // or the tracer would be left as the current backend
  const previous = tf.getBackend();
  const graph = new Graph();
  tracer.recorder = new Recorder(graph);
  tf.setBackend(BACKEND);
  const engine = tf.engine();
  engine.startScope(name);
  let results: Record<string, Tensor> = {};
  try {
    const inputs: Record<string, Tensor> = {};
    for (const [key, { shape, dtype }] of Object.entries(signature)) {
      const info = tracer.info(graph.input(key, shape, dtype));
      inputs[key] = engine.makeTensorFromDataId(info.dataId, info.shape, info.dtype, tracer);
    }
    const returned = fn(inputs);
    const values = Object.fromEntries(Object.entries(returned).map(([key, tensor]) => [key, tracer.value(tensor)]));
    results = returned;
    const { model, nodes } = graph.encode(values);
    const outputs = Object.fromEntries(
      Object.entries(values).map(([key, value]) => {
        if (value.type !== "float32" && value.type !== "int32") {
          throw new RlvrError("E_ENGINE", `output ${key} of ${name} is ${value.type}, expected float32 or int32`);
        }
        return [key, { shape: value.shape, dtype: value.type }];
      }),
    );
    return { model, nodes, peakBytes: graph.peakBytes(values), outputs, signature };
  } catch (error) {
    const missing = /Kernel '(\w+)' not registered/.exec(String(error))?.[1];
    if (!missing) throw error;
    throw new RlvrError("E_ENGINE", `${name} uses the operation ${missing}, which is not recorded`, {
      hint: "write it with other operations",
      cause: error,
    });
  } finally {
    tf.dispose(results); // one that was kept outlives the scope
    engine.endScope();
    tracer.recorder = undefined;
    tracer.dispose();
    tf.setBackend(previous);
  }
}
