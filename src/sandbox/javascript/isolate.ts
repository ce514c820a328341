/**
 * Guests in V8 isolates (isolated-vm).
 *
 * Only texts cross: no ExternalCopy, no Reference and no callback is given to a candidate's guest. A tester's guest, which is
 * trusted, is given one function that waits for an answer. Limits are kept by this process' main thread, which the guest does
 * not block: processor time of the guest's thread, then the clock; what cannot be stopped is reported as wedged.
 */
import { createRequire } from "node:module";
import type ivm from "isolated-vm";
import { GUEST_FILE, PRELUDE_FILE } from "../guest/source.ts";
import {
  type Bridge,
  type Budget,
  type Guest,
  type GuestOptions,
  type GuestRuntime,
  GuestStopped,
  limitReached,
  outOfMemory,
  type ScriptEnd,
} from "./guest.ts";

const WATCH_MS = 10;
/** How long a stopped guest may take to notice. */
const PATIENCE_MS = 300;
/** What V8 itself takes before it sees that a guest is over its limit: times the limit, and beside it. */
const OVERSHOOT = 3;
const GARBAGE_MB = 128;

/** @param addon path of isolated-vm's binary for this platform */
export function isolateRuntime(addon: string, version: string): GuestRuntime {
  const { ivm: binding } = createRequire(import.meta.url)(addon) as { ivm: typeof ivm };
  return { name: `isolated-vm ${version}`, create: (options) => createIsolate(binding, options) };
}

async function createIsolate(binding: typeof ivm, { prelude, memoryMb, bridge }: GuestOptions): Promise<Guest> {
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

  const ask = "(entry, args) => $0.applySyncPromise(undefined, [entry, args])";
  const dispatch = await context.evalClosure(
    `return ${prelude(bridge && ask)};`,
    bridge ? [new binding.Reference((entry: string, args: string) => waitForAnswer(bridge, entry, args))] : [],
    { result: { reference: true }, filename: PRELUDE_FILE },
  );

  /** Runs one stretch of guest code within the budget, and takes what it used from it. */
  async function within<Result>(budget: Budget, work: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    const startedCpu = process.cpuUsage();
    const startedGuest = isolate.cpuTime;
    const startedWaiting = waiting.ms;
    let guestMs = 0;
    let wallMs = 0;

    function measure(): void {
      if (!isolate.isDisposed) guestMs = Number(isolate.cpuTime - startedGuest) / 1e6;
      const current = waiting.since > 0 ? performance.now() - waiting.since : 0;
      wallMs = performance.now() - started - (waiting.ms - startedWaiting) - current;
    }

    function reached(): GuestStopped | null {
      measure();
      // isolated-vm has given it up, and it may still run: some loops of V8 never look
      if (isolate.isDisposed) return outOfMemory(memoryMb);
      if (process.memoryUsage.rss() > residentLimit) return outOfMemory(memoryMb);
      const { user, system } = process.cpuUsage(startedCpu);
      return limitReached(budget, guestMs, (user + system) / 1000, wallMs);
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
      budget.spend(guestMs, wallMs);
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

  return {
    run: (script, budget) => within(budget, () => run(script)),
    ask: (operation, text, budget) =>
      within(budget, async () => String(await dispatch.apply(undefined, [operation, text]))),
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
