/**
 * Guests in V8 isolates (isolated-vm).
 *
 * Only texts cross: no ExternalCopy, no Reference and no callback is given to a candidate's guest. A tester's guest, which is
 * trusted, is given one function that waits for an answer. Limits are kept by this process' main thread, which the guest does
 * not block; what cannot be stopped is reported as wedged. Processor time is that of the process, which does nothing else: what
 * isolated-vm 7.0.1 calls an isolate's processor time is time on the clock while it runs (1,508 ms where the process had 503).
 */
import { createRequire } from "node:module";
import type ivm from "isolated-vm";
import { GUEST_FILE, PRELUDE, PRELUDE_FILE, settingsText } from "../guest/source.ts";
import {
  type Bridge,
  type Budget,
  type Guest,
  type GuestOptions,
  type GuestRuntime,
  GuestStopped,
  GuestThrew,
  limitReached,
  outOfMemory,
  type ScriptEnd,
} from "./guest.ts";

const PRELUDE_MB = 32;
const WATCH_MS = 10;
/** How long a stopped guest may take to notice. */
const PATIENCE_MS = 300;
/** What V8 itself takes before it sees that a guest is over its limit: times the limit, and beside it. */
const OVERSHOOT = 3;
const GARBAGE_MB = 128;

/** @param addon path of isolated-vm's binary for this platform */
export function isolateRuntime(addon: string, version: string): GuestRuntime {
  const { ivm: binding } = createRequire(import.meta.url)(addon) as { ivm: typeof ivm };
  const cachedData = compilePrelude(binding);
  return { name: `isolated-vm ${version}`, create: (options) => createIsolate(binding, cachedData, options) };
}

/**
 * The compiled prelude, which saves a third of a short job. It is made of our own text before any guest has run in this process;
 * what a guest or a file offers as compiled code is never taken (CVE-2022-39266).
 */
function compilePrelude(binding: typeof ivm): ivm.ExternalCopy<ArrayBuffer> {
  const isolate = new binding.Isolate({ memoryLimit: PRELUDE_MB });
  // after a run, because functions are compiled when they are called first
  const first = isolate.compileScriptSync(PRELUDE).runSync(isolate.createContextSync(), { reference: true });
  first.applySync(undefined, [settingsText({ kind: "calls", stdin: "", room: 0, entries: [] })], {
    result: { reference: true },
  });
  const script = isolate.compileScriptSync(PRELUDE, { produceCachedData: true });
  isolate.dispose();
  return (script as unknown as { cachedData: ivm.ExternalCopy<ArrayBuffer> }).cachedData; // its types leave it out
}

async function createIsolate(
  binding: typeof ivm,
  cachedData: ivm.ExternalCopy<ArrayBuffer>,
  { settings, memoryMb, bridge }: GuestOptions,
): Promise<Guest> {
  let catastrophe = (_message: string) => {};
  const isolate = new binding.Isolate({
    memoryLimit: memoryMb,
    onCatastrophicError: (message) => catastrophe(message),
  });
  const context = await isolate.createContext();
  const waiting = { since: 0, ms: 0 };
  const residentLimit = process.memoryUsage.rss() + (GARBAGE_MB + OVERSHOOT * memoryMb) * 1024 * 1024;

  async function waitForAnswer(bridge: Bridge, entry: string, args: string): Promise<string> {
    waiting.since = performance.now();
    const answer = await bridge.ask(entry, args);
    waiting.ms += performance.now() - waiting.since;
    waiting.since = 0;
    return answer;
  }

  const prelude = await isolate.compileScript(PRELUDE, { filename: PRELUDE_FILE, cachedData });
  const make = await prelude.run(context, { reference: true });
  const candidate = bridge
    ? new binding.Reference((entry: string, args: string) => waitForAnswer(bridge, entry, args))
    : undefined;
  const dispatch = await make.apply(undefined, [settings, candidate], { result: { reference: true } });

  /** Runs one stretch of guest code within the budget, and takes what it used from it. */
  async function within<Result>(budget: Budget, work: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    const startedCpu = process.cpuUsage();
    const startedWaiting = waiting.ms;
    let cpuMs = 0;
    let wallMs = 0;

    function measure(): void {
      const { user, system } = process.cpuUsage(startedCpu);
      cpuMs = (user + system) / 1000;
      const current = waiting.since > 0 ? performance.now() - waiting.since : 0;
      wallMs = performance.now() - started - (waiting.ms - startedWaiting) - current;
    }

    function reached(): GuestStopped | null {
      measure();
      // isolated-vm has given it up, and it may still run: some loops of V8 never look
      if (isolate.isDisposed) return outOfMemory(memoryMb);
      if (process.memoryUsage.rss() > residentLimit) return outOfMemory(memoryMb);
      return limitReached(budget, cpuMs, wallMs);
    }

    let timer: NodeJS.Timeout | undefined;
    let stopped: GuestStopped | null = null;
    const watch = new Promise<never>((_, reject) => {
      catastrophe = (message) => reject(new GuestStopped("memory", `the guest ran out of memory: ${message}`, true));
      timer = setInterval(() => {
        stopped = reached();
        if (!stopped) return;
        const { stop, message } = stopped;
        clearInterval(timer);
        if (!isolate.isDisposed) isolate.dispose();
        // the work ends when the guest has noticed; where it does not, nothing in here can stop it
        timer = setTimeout(() => reject(new GuestStopped(stop, message, true)), PATIENCE_MS);
      }, WATCH_MS);
    });
    try {
      return await Promise.race([work(), watch]);
    } catch (error) {
      if (error instanceof GuestStopped) throw error;
      if (stopped) throw stopped;
      if (isolate.isDisposed) throw outOfMemory(memoryMb);
      throw error;
    } finally {
      clearTimeout(timer);
      measure();
      budget.spend(cpuMs, wallMs);
    }
  }

  async function run(script: string): Promise<ScriptEnd> {
    let compiled: ivm.Script;
    try {
      // a last statement without a value: the script's own is not for us
      compiled = await isolate.compileScript(`${script}\n;undefined`, { filename: GUEST_FILE });
    } catch (error) {
      if (isolate.isDisposed) throw error;
      return { is: "syntax error", message: textOf(error) };
    }
    try {
      await compiled.run(context);
      return { is: "done" };
    } catch (error) {
      if (isolate.isDisposed) throw error;
      return { is: "threw", message: textOf(error) };
    }
  }

  async function ask(operation: string, text: string): Promise<string> {
    try {
      return String(await dispatch.apply(undefined, [operation, text]));
    } catch (error) {
      if (isolate.isDisposed) throw error;
      throw new GuestThrew(textOf(error));
    }
  }

  return {
    run: (script, budget) => within(budget, () => run(script)),
    ask: (operation, text, budget) => within(budget, () => ask(operation, text)),
    dispose: () => {
      if (!isolate.isDisposed) isolate.dispose();
    },
  };
}

/** What the guest threw, as it crossed the boundary: an error's stack without our frames, or a primitive. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `Uncaught ${String(error)}`;
  const lines = String(error.stack ?? error).split("\n");
  const ours = lines.findIndex((line) => line.includes("<isolated-vm boundary>"));
  return lines.slice(0, ours < 0 ? undefined : ours).join("\n");
}
