/// <reference lib="es2025.float16" />
/** What an engine is: a TensorFlow.js function in, a program out that can be run many times. */
import type { Tensor } from "./tf.ts";

/** float16 for inputs only: `widen` makes float32 of them. */
export type DType = "float32" | "int32" | "float16";
export interface Spec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}
/** Names and shapes of a program's inputs. */
export type Signature = Readonly<Record<string, Spec>>;

export type Data = Float32Array | Int32Array | Float16Array;
/** Flat row-major arrays by input or output name. Arrays on a SharedArrayBuffer are passed by reference, others copied. */
export type Feeds = Readonly<Record<string, Data>>;

export type TensorFunction = (inputs: Record<string, Tensor>) => Record<string, Tensor>;

/** A program with some of its inputs fixed: weights and caches by reference, so that a call sends only what changes. */
export interface BoundProgram {
  run(feeds: Feeds): Promise<Record<string, Data>>;
  /** Forgets the fixed inputs. */
  release(): void;
}

export interface Program {
  readonly name: string;
  readonly signature: Signature;
  readonly outputs: Signature;
  /** Runs on whichever executor is free. */
  run(feeds: Feeds): Promise<Record<string, Data>>;
  /** Fixes inputs. All calls of one binding run on one executor, in order. */
  bind(fixed: Feeds, executor?: number): BoundProgram;
}

export interface EngineStats {
  programs: number;
  cacheHits: number;
  compileSeconds: number;
}

export interface Engine {
  readonly name: "onnx" | "tensorflow" | "wasm" | "cpu";
  readonly device: "cpu" | "webgpu" | "cuda";
  /** How many programs can run at the same time. */
  readonly executors: number;
  /**
   * The program of `fn` for these shapes; made once for each (name, signature). `name` must name the function together
   * with everything it closes over. `fn` may not read tensor values: it is traced, and the trace is what runs.
   */
  compile(name: string, fn: TensorFunction, signature: Signature): Promise<Program>;
  stats(): EngineStats;
  dispose(): Promise<void>;
}
