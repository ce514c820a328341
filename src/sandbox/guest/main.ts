/**
 * Runs inside the guest, sent as source text: what the slot may ask of a guest, one text in and one text out.
 *
 * Nothing worth forging is in here: no ids, no expected values, no other job. A guest that tampers with these functions changes
 * its own answers, which it can do with less. What they throw is the guest's doing, too, and becomes its "runtime_error".
 */
import type { guestBuffer } from "./buffer.ts";
import type { guestClock } from "./clock.ts";
import type { guestData } from "./data.ts";
import type { guestNode } from "./node.ts";
import type { guestTesting } from "./testing.ts";
import type { guestText } from "./text.ts";

export interface GuestSettings {
  readonly kind: "calls" | "program" | "tests";
  readonly stdin: string;
  /** Characters that one run may write and return. */
  readonly room: number;
  readonly maxDepth: number;
  /** Names that a tester's guest finds as functions. */
  readonly entries: readonly string[];
}

/** What `dispatch` answers, as JSON text. */
export type GuestReply =
  | { readonly state: "pending" }
  | {
      readonly state: "done";
      readonly outcome: "ok" | "runtime_error" | "output_limit" | "memory";
      /** In the encoding of `Plain`. */
      readonly value?: string;
      readonly stdout: string;
      readonly stderr: string;
      readonly message: string;
      /** Name of the error that was thrown. */
      readonly error?: string;
      /** Of a tester: the asserts so far. */
      readonly asserts: number;
    };

/** What a tester's guest is told of a call that the candidate answered, as JSON text. */
export interface GuestAnswer {
  readonly outcome: "ok" | "runtime_error" | "fatal";
  readonly value?: string;
  readonly message: string;
  readonly error?: string;
}

export interface GuestParts {
  readonly guestBuffer: typeof guestBuffer;
  readonly guestClock: typeof guestClock;
  readonly guestData: typeof guestData;
  readonly guestNode: typeof guestNode;
  readonly guestTesting: typeof guestTesting;
  readonly guestText: typeof guestText;
  readonly settings: GuestSettings;
  /** Of a tester: asks the candidate's box, and waits. */
  readonly bridge?: (entry: string, args: string) => string;
}

export type Dispatch = (operation: string, text: string) => string;

export function guestMain(parts: GuestParts): Dispatch {
  const { settings, bridge } = parts;
  const root = globalThis as unknown as Record<string, unknown>;
  // memory outside the guest's limit, and the one way to sleep
  for (const name of ["WebAssembly", "SharedArrayBuffer", "Atomics"]) delete root[name];

  const data = parts.guestData(settings.maxDepth);
  const text = parts.guestText();
  const clock = parts.guestClock();
  const testing = parts.guestTesting(text.inspect);
  const node = parts.guestNode({
    clock,
    text,
    Buffer: parts.guestBuffer(),
    stdin: settings.stdin,
    write,
    testing,
  });
  // biome-ignore lint/security/noGlobalEval: the guest's own, to see names that scripts declared with const, let and class
  const evaluate = eval;
  const promiseOf = Promise.resolve.bind(Promise);
  const then = Function.prototype.call.bind(Promise.prototype.then) as (
    promise: Promise<unknown>,
    ok: (value: unknown) => void,
    failed: (error: unknown) => void,
  ) => void;
  const TooMuch = RangeError;
  /** Of V8 for a buffer, of QuickJS for anything. */
  const OUT_OF_MEMORY = /^(?:RangeError: Array buffer allocation failed|InternalError: out of memory)/;

  let stdout = "";
  let stderr = "";
  let room = settings.room;
  let hasOverflowed = false;
  /** Of a run that waits for a promise. */
  let pending: { settled: boolean; failed: boolean; value: unknown } | null = null;

  function write(stream: 1 | 2, chunk: string): void {
    if (node.hasExited() || hasOverflowed) return;
    const fits = chunk.length <= room;
    const kept = fits ? chunk : chunk.slice(0, room);
    room -= kept.length;
    if (stream === 1) stdout += kept;
    else stderr += kept;
    if (fits) return;
    hasOverflowed = true;
    throw new TooMuch(`more than ${settings.room} characters were written`);
  }

  function reply(outcome: string, message: string, extra: { value?: string; error?: string } = {}): string {
    const { stringify } = data;
    const last = hasOverflowed ? "output_limit" : outcome;
    const written = `"stdout":${stringify(stdout)},"stderr":${stringify(stderr)}`;
    const said = `"message":${stringify(message.length > 2000 ? `${message.slice(0, 2000)}…` : message)}`;
    const valued = extra.value === undefined || last !== "ok" ? "" : `,"value":${stringify(extra.value)}`;
    const named = extra.error === undefined || last !== "runtime_error" ? "" : `,"error":${stringify(extra.error)}`;
    stdout = "";
    stderr = "";
    room = settings.room;
    hasOverflowed = false;
    pending = null;
    return `{"state":"done","outcome":"${last}",${written},${said},"asserts":${testing.count()}${valued}${named}}`;
  }

  function failed(error: unknown): string {
    if (error === node.exit) return reply("runtime_error", `process.exit(${node.exitCode()}) was called`);
    const message = text.describe(error);
    const isMemory = OUT_OF_MEMORY.test(message);
    return reply(isMemory ? "memory" : "runtime_error", message, { error: text.nameOf(error) });
  }

  function returned(value: unknown): string {
    let encoded: string;
    try {
      encoded = data.encode(value, room);
    } catch (error) {
      if (error === data.tooLong) return reply("output_limit", `more than ${settings.room} characters were returned`);
      return reply("runtime_error", `what was returned cannot leave the box: ${text.describe(error)}`);
    }
    return reply("ok", "", { value: encoded });
  }

  /** A function of the loaded code by its name, `Class.method` included; undefined where there is none. */
  function find(entry: string): ((...args: unknown[]) => unknown) | undefined {
    const [first = "", method] = entry.split(".");
    const owner = findName(first);
    if (method === undefined) return typeof owner === "function" ? (...args) => owner(...args) : undefined;
    if (typeof owner !== "function") return undefined;
    const instance = Reflect.construct(owner, []) as Record<string, unknown>;
    for (const target of [instance, owner as unknown as Record<string, unknown>]) {
      const found = target[method];
      if (typeof found === "function") return (...args) => Reflect.apply(found, target, args);
    }
    return undefined;
  }

  function findName(name: string): ((...args: unknown[]) => unknown) | undefined {
    const seen: unknown = evaluate(`typeof ${name} === "undefined" ? undefined : ${name}`);
    if (typeof seen === "function") return seen as never;
    const exported = (root.module as { exports?: Record<string, unknown> } | undefined)?.exports;
    const candidates = [exported?.[name], exported?.default, exported];
    return candidates.find((item) => typeof item === "function") as never;
  }

  function call(request: string): string {
    const { entry, args } = data.parse(request) as { entry: string; args: string };
    const target = find(entry);
    if (!target) return reply("runtime_error", `the code has no function named ${entry}`);
    const result = target(...(data.decode(args) as unknown[]));
    const isThenable =
      typeof result === "object" && result !== null && typeof (result as { then?: unknown }).then === "function";
    if (!isThenable) return returned(result);
    const waiting = { settled: false, failed: false, value: undefined as unknown };
    const settle = (isFailure: boolean) => (value: unknown) => {
      waiting.settled = true;
      waiting.failed = isFailure;
      waiting.value = value;
    };
    then(promiseOf(result), settle(false), settle(true));
    pending = waiting;
    return PENDING;
  }

  /** One more thing that was due; the microtasks that it made run when this has returned. */
  function resume(): string {
    if (pending?.settled) return pending.failed ? failed(pending.value) : returned(pending.value);
    if (node.hasExited()) return ended();
    if (clock.runNext()) return PENDING;
    return pending ? reply("runtime_error", "the promise that was returned never settles") : ended();
  }

  /** A program or tests have nothing left to do. */
  function ended(): string {
    const code = node.exitCode();
    return code === 0 ? reply("ok", "") : reply("runtime_error", `exit code ${code}`);
  }

  /** The script threw; `message` is the error as the runtime shows it. */
  function threw(message: string): string {
    if (settings.kind === "program" && node.hasExited()) return ended();
    const isMemory = OUT_OF_MEMORY.test(message);
    return reply(isMemory ? "memory" : "runtime_error", message);
  }

  function dispatch(operation: string, request: string): string {
    try {
      if (operation === "call") return call(request);
      if (operation === "threw") return threw(request);
      return resume();
    } catch (error) {
      if (error === node.exit && settings.kind === "program") return ended();
      return failed(error);
    }
  }

  function install(name: string, value: unknown): void {
    Object.defineProperty(root, name, { value, writable: true, configurable: true, enumerable: false });
  }

  const PENDING = '{"state":"pending"}';
  const module = { exports: {} };
  const main = settings.kind === "program" ? module : undefined;
  for (const [name, value] of Object.entries(node.globals)) install(name, value);
  install("require", Object.assign(node.globals.require, { main }));
  install("module", module);
  install("exports", module.exports);
  install("global", root);
  install("structuredClone", (value: unknown) => data.decode(data.encode(value, 2 ** 26)));

  const ERRORS: Readonly<Record<string, ErrorConstructor>> = Object.assign(Object.create(null), {
    ...{ Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError },
  });
  if (bridge) {
    install("assert", testing.assert);
    node.globals.console.assert = (holds, ...said) =>
      testing.assert(holds, said.length > 0 ? text.format(said) : undefined);
    for (const entry of settings.entries) {
      install(entry, (...args: unknown[]) => {
        const answer = data.parse(bridge(entry, data.encode(args, 2 ** 24))) as GuestAnswer;
        if (answer.outcome === "ok") return data.decode(answer.value ?? '{"$":"undefined"}');
        // the candidate's error by its name and message, so that tests can expect it; its class where it is a built-in one
        const Class = ERRORS[answer.error ?? ""] ?? Error;
        throw Object.assign(new Class(answer.message), answer.error === undefined ? {} : { name: answer.error });
      });
    }
  }
  return dispatch;
}
