/**
 * Runs inside the guest, sent as source text: the small part of Node that programs of programming contests use.
 *
 * Covered: `console`; `process` with stdin (events, async iteration, read), stdout, stderr, argv, env, exit, exitCode, hrtime,
 * nextTick; `require` of fs (files 0, 1, 2 and their /dev names), readline with events, async iteration and question, util, os,
 * events, assert, buffer, perf_hooks; `readline()` and `print()` of other shells. Anything else is a module that cannot be found.
 */
import type { GuestBuffer } from "./buffer.ts";
import type { GuestClock } from "./clock.ts";
import type { GuestTesting } from "./testing.ts";
import type { GuestText } from "./text.ts";

export interface GuestNode {
  readonly globals: Readonly<Record<string, unknown>> & {
    readonly require: (name: unknown) => unknown;
    readonly console: { assert(holds: unknown, ...values: unknown[]): void };
  };
  /** What `process.exit` throws. */
  readonly exit: Error;
  /** What `process.exit` was given, else what `process.exitCode` says; 0 where neither was used. */
  exitCode(): number;
  hasExited(): boolean;
}

export interface GuestNodeParts {
  readonly clock: GuestClock;
  readonly text: GuestText;
  readonly Buffer: GuestBuffer;
  readonly stdin: string;
  /** Writes to a stream of the run; 2 is stderr. */
  readonly write: (stream: 1 | 2, text: string) => void;
  readonly testing: Pick<GuestTesting, "assert" | "strict">;
}

export function guestNode({ clock, text, Buffer, stdin, write, testing }: GuestNodeParts): GuestNode {
  type Listener = (...given: unknown[]) => void;

  class EventEmitter {
    #listeners = new Map<string, Listener[]>();
    on(event: string, listener: Listener): this {
      this.#listeners.set(event, [...this.listeners(event), listener]);
      return this;
    }
    once(event: string, listener: Listener): this {
      const once: Listener = (...given) => {
        this.off(event, once);
        listener(...given);
      };
      return this.on(event, once);
    }
    off(event: string, listener: Listener): this {
      this.#listeners.set(
        event,
        this.listeners(event).filter((other) => other !== listener),
      );
      return this;
    }
    emit(event: string, ...given: unknown[]): boolean {
      const listeners = this.listeners(event);
      for (const listener of listeners) listener.apply(this, given);
      return listeners.length > 0;
    }
    listeners(event: string): Listener[] {
      return this.#listeners.get(event) ?? [];
    }
    addListener(event: string, listener: Listener): this {
      return this.on(event, listener);
    }
    removeListener(event: string, listener: Listener): this {
      return this.off(event, listener);
    }
  }

  /** Where reading has come to: shared by all ways to read. */
  let at = 0;

  function readRest(): string | null {
    const rest = stdin.slice(at);
    at = stdin.length;
    return rest === "" ? null : rest;
  }

  function readLine(): string | null {
    if (at >= stdin.length) return null;
    const end = stdin.indexOf("\n", at);
    const line = stdin.slice(at, end < 0 ? stdin.length : end);
    at = end < 0 ? stdin.length : end + 1;
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  class Stdin extends EventEmitter {
    readonly fd = 0;
    readonly isTTY = false;
    #isText = false;
    #started = false;
    override on(event: string, listener: Listener): this {
      super.on(event, listener);
      if (["data", "readable", "end"].includes(event)) this.#start();
      return this;
    }
    #start(): void {
      if (this.#started) return;
      this.#started = true;
      clock.soon(() => {
        if (this.listeners("data").length > 0) {
          const chunk = this.read();
          if (chunk !== null) this.emit("data", chunk);
        }
        this.emit("readable");
        clock.soon(() => {
          this.emit("end");
          this.emit("close");
        });
      });
    }
    read(): unknown {
      const rest = readRest();
      return rest === null || this.#isText ? rest : Buffer.from(rest);
    }
    setEncoding(): this {
      this.#isText = true;
      return this;
    }
    resume(): this {
      this.#start();
      return this;
    }
    pause(): this {
      return this;
    }
    ref(): this {
      return this;
    }
    unref(): this {
      return this;
    }
    async *[Symbol.asyncIterator]() {
      const chunk = this.read();
      if (chunk !== null) yield chunk;
    }
  }

  class Interface extends EventEmitter {
    #questions: ((line: string) => void)[] = [];
    #started = false;
    #closed = false;
    override on(event: string, listener: Listener): this {
      super.on(event, listener);
      this.#start();
      return this;
    }
    #start(): void {
      if (this.#started) return;
      this.#started = true;
      clock.soon(() => this.#next());
    }
    #next(): void {
      if (this.#closed) return;
      const answer = this.#questions[0];
      if (!answer && this.listeners("line").length === 0 && this.listeners("close").length === 0) {
        this.#started = false; // nobody listens; the lines wait
        return;
      }
      const line = readLine();
      if (line === null) {
        this.close();
        return;
      }
      this.#questions.shift();
      if (answer) answer(line);
      else this.emit("line", line);
      clock.soon(() => this.#next());
    }
    question(query: string, ...rest: unknown[]): unknown {
      write(1, query);
      const callback = rest.find((item) => typeof item === "function") as ((line: string) => void) | undefined;
      this.#start();
      if (callback) return void this.#questions.push(callback);
      return new Promise((resolve) => void this.#questions.push(resolve));
    }
    close(): void {
      if (this.#closed) return;
      this.#closed = true;
      this.emit("close");
    }
    setPrompt(): void {}
    prompt(): void {
      this.#start();
    }
    pause(): this {
      return this;
    }
    resume(): this {
      return this;
    }
    async *[Symbol.asyncIterator]() {
      for (let line = readLine(); line !== null && !this.#closed; line = readLine()) yield line;
    }
  }

  /** Thrown by `process.exit`, past which nothing is written. */
  const exit = new Error("process.exit was called");
  let exitCode: number | null = null;

  function stop(code?: unknown): never {
    exitCode ??= Number(code ?? nodeProcess.exitCode ?? 0);
    throw exit;
  }

  const stream = (fd: 1 | 2) => ({
    fd,
    isTTY: false,
    columns: 80,
    write(chunk: unknown, ...rest: unknown[]): boolean {
      write(fd, String(chunk));
      const done = rest.find((item) => typeof item === "function") as (() => void) | undefined;
      if (done) clock.soon(done);
      return true;
    },
    end(chunk?: unknown): void {
      if (chunk !== undefined) write(fd, String(chunk));
    },
    on() {
      return this;
    },
    once() {
      return this;
    },
  });

  const nodeProcess = Object.assign(new EventEmitter(), {
    argv: ["node", "solution.js"],
    env: {},
    platform: "linux",
    pid: 1,
    version: "v24.0.0",
    versions: { node: "24.0.0" },
    exitCode: undefined as unknown,
    stdin: new Stdin(),
    stdout: stream(1),
    stderr: stream(2),
    exit: stop,
    abort: () => stop(134),
    cwd: () => "/tmp",
    uptime: () => clock.elapsed() / 1000,
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0 }),
    nextTick: (callback: Listener, ...given: unknown[]) => clock.globals.queueMicrotask(() => callback(...given)),
    hrtime: Object.assign(
      () => {
        const ms = clock.elapsed();
        return [Math.floor(ms / 1000), Math.floor((ms % 1000) * 1e6)];
      },
      { bigint: () => BigInt(Math.floor(clock.elapsed() * 1e6)) },
    ),
  });

  const STDIN: readonly unknown[] = [0, "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
  const STDOUT: readonly unknown[] = [1, "/dev/stdout"];
  const STDERR: readonly unknown[] = [2, "/dev/stderr"];

  function noFile(path: unknown): never {
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${String(path)}'`), { code: "ENOENT" });
  }
  function readFileSync(path: unknown, options?: unknown): unknown {
    if (!STDIN.includes(path)) noFile(path);
    const rest = readRest() ?? "";
    const encoding = typeof options === "object" ? (options as { encoding?: unknown } | null)?.encoding : options;
    return encoding ? rest : Buffer.from(rest);
  }
  function writeFileSync(path: unknown, data: unknown): void {
    if (STDOUT.includes(path)) write(1, String(data));
    else if (STDERR.includes(path)) write(2, String(data));
    else noFile(path);
  }
  const fs = {
    readFileSync,
    writeFileSync,
    appendFileSync: writeFileSync,
    writeSync: (fd: unknown, data: unknown) => {
      writeFileSync(fd, data);
      return String(data).length;
    },
    existsSync: (path: unknown) => STDIN.includes(path),
    readFile: (path: unknown, ...rest: unknown[]) => {
      const callback = rest.at(-1) as Listener;
      clock.soon(() => callback(null, readFileSync(path, rest.length > 1 ? rest[0] : undefined)));
    },
    promises: { readFile: async (path: unknown, options?: unknown) => readFileSync(path, options) },
  };

  const createInterface = () => new Interface();
  const readline = { createInterface, Interface, promises: { createInterface } };
  const util = {
    inspect: (value: unknown) => text.inspect(value),
    format: (...values: unknown[]) => text.format(values),
    promisify:
      (method: (...given: unknown[]) => void) =>
      (...given: unknown[]) =>
        new Promise((resolve, reject) => {
          method(...given, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)));
        }),
  };
  const modules: Readonly<Record<string, unknown>> = Object.assign(Object.create(null), {
    assert: testing.assert,
    "assert/strict": testing.strict,
    buffer: { Buffer },
    events: Object.assign(EventEmitter, { EventEmitter }),
    fs,
    "fs/promises": fs.promises,
    os: { EOL: "\n", cpus: () => [], platform: () => "linux" },
    perf_hooks: { performance: clock.globals.performance },
    process: nodeProcess,
    readline,
    "readline/promises": { createInterface },
    util,
  });

  function requireModule(name: unknown): unknown {
    const found = modules[String(name).replace(/^node:/, "")];
    if (found !== undefined) return found;
    throw Object.assign(new Error(`Cannot find module '${String(name)}'`), { code: "MODULE_NOT_FOUND" });
  }

  const log =
    (fd: 1 | 2) =>
    (...values: unknown[]) =>
      write(fd, `${text.format(values)}\n`);
  const nothing = () => undefined;
  const nodeConsole = {
    log: log(1),
    info: log(1),
    debug: log(1),
    dir: (value: unknown) => log(1)(value),
    table: (value: unknown) => log(1)(value),
    error: log(2),
    warn: log(2),
    trace: log(2),
    assert(holds: unknown, ...values: unknown[]): void {
      if (!holds) log(2)("Assertion failed", ...values);
    },
    time: nothing,
    timeEnd: nothing,
    timeLog: nothing,
    group: nothing,
    groupEnd: nothing,
    count: nothing,
  };

  const globals = {
    Buffer,
    console: nodeConsole,
    process: nodeProcess,
    require: requireModule,
    readline: readLine,
    print: nodeConsole.log,
    ...clock.globals,
  };
  return {
    globals,
    exit,
    exitCode: () => exitCode ?? (Number(nodeProcess.exitCode ?? 0) || 0),
    hasExited: () => exitCode !== null,
  };
}
