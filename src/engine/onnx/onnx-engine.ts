/**
 * The default engine: functions are traced once, and ONNX Runtime executes the graphs in worker threads.
 *
 * Tracing happens here; the workers see graphs only. Several workers with one thread each run shards of one batch side by
 * side (small models), one worker with several threads runs big products in parallel (large models).
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { RlvrError } from "../../errors.ts";
import type { BoundProgram, Engine, EngineStats, Feeds, Program, Signature, TensorFunction } from "../engine.ts";
import { checkFeeds, programKey } from "../feeds.ts";
import type { ExecutorOptions, Reply, Request } from "./executor.ts";
import { trace } from "./trace.ts";

export interface OnnxOptions {
  readonly device: "cpu" | "webgpu" | "cuda";
  /** Worker threads, each running one program at a time. */
  readonly executors: number;
  /** Threads inside each program. */
  readonly threads: number;
  /**
   * Each program keeps the memory of its intermediate results between runs, in steps of powers of two. Off, it goes back
   * to the system, which costs nothing beside the arithmetic of a large model. On by default.
   */
  readonly keepMemory?: boolean;
}

/** `Omit` over each member of a union. */
type Without<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

type Answer = Extract<Reply, { seconds: number }>;

class Executor {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (reply: Answer) => void; reject: (e: Error) => void }>();
  /** Programs that it has, or has been sent. */
  readonly loaded = new Set<number>();
  #nextId = 0;
  #failure: Error | undefined;
  pending = 0;

  constructor(options: ExecutorOptions) {
    const file = import.meta.url.endsWith(".ts") ? "./executor.ts" : "./executor.js";
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: options, execArgv: [], stderr: false });
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      this.pending--;
      // not while it stops: then the process would end before `stop` has
      if (this.#waiting.size === 0 && !this.#failure) this.#worker.unref();
      if ("error" in reply) waiting?.reject(new RlvrError("E_ENGINE", reply.error));
      else waiting?.resolve(reply);
    });
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`exited with code ${code}`)));
  }

  #fail(cause: unknown): void {
    const missing = String(cause).includes("onnxruntime-node");
    const error = missing
      ? new RlvrError("E_PACKAGE", "onnxruntime-node is not installed or does not load on this machine", {
          hint: "run: npm install onnxruntime-node, or choose another engine (rlvr doctor lists them)",
          cause,
        })
      : new RlvrError("E_ENGINE", `an executor of the onnx engine stopped: ${String(cause)}`, { cause });
    this.#rejectAll(error);
  }

  /** The first reason counts. */
  #rejectAll(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
    this.pending = 0;
  }

  send(request: Without<Request, "id">): Promise<Answer> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    this.pending++;
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  /** Rejects what waits at once, and resolves when the thread has ended: after the program that is running. */
  async stop(): Promise<void> {
    const ended = this.#failure ? Promise.resolve() : once(this.#worker, "exit");
    this.#rejectAll(new RlvrError("E_ENGINE", "the engine was disposed of"));
    this.#worker.ref(); // or the process may end before the thread has
    this.#worker.postMessage({ id: -1, kind: "stop" } satisfies Request);
    await ended;
  }
}

export class OnnxEngine implements Engine {
  readonly name = "onnx";
  readonly device: OnnxOptions["device"];
  readonly executors: number;
  readonly threads: number;
  readonly #pool: Executor[];
  readonly #programs = new Map<string, Promise<Program>>();
  #stats: EngineStats = { programs: 0, cacheHits: 0, compileSeconds: 0 };
  #nextProgram = 0;
  #nextBinding = 0;

  constructor(options: OnnxOptions) {
    this.device = options.device;
    this.executors = options.executors;
    this.threads = options.threads;
    this.#pool = Array.from(
      { length: options.executors },
      () => new Executor({ ...options, keepMemory: options.keepMemory ?? true }),
    );
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
    const { model, outputs } = trace(name, fn, signature);
    const program = this.#nextProgram++;
    this.#stats.programs++;
    // a session is made on an executor when it first runs there
    const load = (executor: Executor): void => {
      if (executor.loaded.has(program)) return;
      executor.loaded.add(program);
      executor.send({ kind: "load", program, name, model, signature }).then(
        ({ seconds }) => {
          this.#stats.compileSeconds += seconds;
        },
        () => undefined, // told by the runs
      );
    };
    this.#stats.compileSeconds += (performance.now() - started) / 1000;
    const bind = (fixed: Feeds, index?: number): BoundProgram => {
      checkFeeds(name, fixed, signature, false);
      const executor = index === undefined ? this.#idlest() : (this.#pool[index % this.executors] as Executor);
      const binding = this.#nextBinding++;
      // requests are served in order, so nothing waits here; what goes wrong is told by the runs
      load(executor);
      executor.send({ kind: "bind", binding, program, fixed }).catch(() => undefined);
      let released = false;
      return {
        run: async (feeds) => {
          if (released) throw new RlvrError("E_ENGINE", `${name}: this binding was released`);
          checkFeeds(name, { ...fixed, ...feeds }, signature, true);
          return (await executor.send({ kind: "run", binding, feeds })).outputs;
        },
        release: () => {
          released = true;
          executor.send({ kind: "release", binding }).catch(() => undefined);
        },
      };
    };
    const run = async (feeds: Feeds) => {
      const bound = bind(feeds);
      try {
        return await bound.run({});
      } finally {
        bound.release();
      }
    };
    return { name, signature, outputs, bind, run };
  }

  #idlest(): Executor {
    return this.#pool.reduce((best, executor) => (executor.pending < best.pending ? executor : best));
  }

  stats(): EngineStats {
    return { ...this.#stats };
  }

  async dispose(): Promise<void> {
    this.#programs.clear();
    await Promise.all(this.#pool.map((executor) => executor.stop()));
  }
}
