/**
 * Guests in QuickJS, an interpreter compiled to WebAssembly (quickjs-emscripten): for machines where isolated-vm cannot load.
 *
 * Some 30 times slower than V8, and without system calls to misuse. The interpreter runs on this process' main thread and asks
 * now and then whether it may go on; what does not ask is ended by the pool's clock. After an exception of the host nothing in
 * the module can be relied on, and the process ends. Unlike V8, it says nothing of a rejection that nobody handles.
 */
import { createRequire } from "node:module";
import type { QuickJSContext, QuickJSHandle, QuickJSSyncVariant, QuickJSWASMModule } from "quickjs-emscripten";
import { GUEST_FILE, PRELUDE, PRELUDE_FILE } from "../guest/source.ts";
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
} from "../javascript/guest.ts";

/** More overflows the host's own stack. */
const STACK_BYTES = 256 * 1024;

/**
 * quickjs-emscripten's own main file would load all four variants.
 *
 * @param core main file of quickjs-emscripten-core
 * @param variant main file of the variant
 */
export async function quickjsRuntime(core: string, variant: string, version: string): Promise<GuestRuntime> {
  const require = createRequire(import.meta.url);
  const { newQuickJSWASMModuleFromVariant } = require(core) as typeof import("quickjs-emscripten");
  const module = await newQuickJSWASMModuleFromVariant((require(variant) as { default: QuickJSSyncVariant }).default);
  return { name: `quickjs-emscripten ${version}`, create: async (options) => createGuest(module, options) };
}

function createGuest(module: QuickJSWASMModule, { settings, memoryMb, bridge }: GuestOptions): Guest {
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(memoryMb * 1024 * 1024);
  runtime.setMaxStackSize(STACK_BYTES);
  const context = runtime.newContext();
  let waitedMs = 0;
  let isDisposed = false;

  function answer(bridge: Bridge, entry: QuickJSHandle, args: QuickJSHandle): QuickJSHandle {
    const started = performance.now();
    const text = bridge.askSync(context.getString(entry), context.getString(args));
    waitedMs += performance.now() - started;
    return context.newString(text);
  }

  const candidate = bridge
    ? context.newFunction("ask", (entry, args) => answer(bridge, entry, args))
    : context.undefined.dup();
  const make = context.unwrapResult(context.evalCode(PRELUDE, PRELUDE_FILE, { type: "global" }));
  const text = context.newString(settings);
  const dispatch = context.unwrapResult(context.callFunction(make, context.undefined, [text, candidate]));
  for (const handle of [candidate, make, text]) handle.dispose();

  /** Runs one stretch of guest code within the budget, and takes what it used from it. */
  function within<Result>(budget: Budget, work: () => Result): Result {
    const started = performance.now();
    const startedCpu = process.cpuUsage();
    const startedWaiting = waitedMs;
    const used = () => {
      const cpu = process.cpuUsage(startedCpu);
      return {
        cpuMs: (cpu.user + cpu.system) / 1000,
        wallMs: performance.now() - started - (waitedMs - startedWaiting),
      };
    };
    let stopped: GuestStopped | null = null;
    runtime.setInterruptHandler(() => {
      const { cpuMs, wallMs } = used();
      stopped ??= limitReached(budget, cpuMs, wallMs);
      return stopped !== null;
    });
    try {
      const result = work();
      if (stopped) throw stopped;
      return result;
    } catch (error) {
      if (stopped ?? (error instanceof GuestThrew || error instanceof GuestStopped)) throw stopped ?? error;
      throw new GuestStopped("crash", `the interpreter failed: ${String(error)}`, true);
    } finally {
      const { cpuMs, wallMs } = used();
      budget.spend(cpuMs, wallMs);
    }
  }

  function run(script: string): ScriptEnd {
    const compiled = context.evalCode(script, GUEST_FILE, { type: "global", compileOnly: true });
    if (compiled.error) return { is: "syntax error", message: textOf(context, compiled.error) };
    compiled.value.dispose();
    const end = context.evalCode(script, GUEST_FILE, { type: "global" });
    const threw = end.error ? textOf(context, end.error) : null;
    if (!end.error) end.value.dispose();
    runtime.executePendingJobs();
    return threw === null ? { is: "done" } : { is: "threw", message: threw };
  }

  function ask(operation: string, text: string): string {
    const given = [context.newString(operation), context.newString(text)];
    const answer = context.callFunction(dispatch, context.undefined, given);
    for (const handle of given) handle.dispose();
    if (answer.error) {
      // the prelude catches all that is thrown; what is left is an interpreter without memory for an error
      if (context.typeof(answer.error) === "object" && context.dump(answer.error) === null) throw outOfMemory(memoryMb);
      throw new GuestThrew(textOf(context, answer.error));
    }
    const reply = answer.value.consume((value) => context.getString(value));
    runtime.executePendingJobs();
    return reply;
  }

  return {
    run: async (script, budget) => within(budget, () => run(script)),
    ask: async (operation, text, budget) => within(budget, () => ask(operation, text)),
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      dispatch.dispose();
      context.dispose();
      runtime.dispose();
    },
  };
}

/** An error of the guest as text, with its place in the code. */
function textOf(context: QuickJSContext, error: QuickJSHandle): string {
  const value: unknown = error.consume((handle) => context.dump(handle));
  if (typeof value !== "object" || value === null || !("message" in value)) return `Uncaught ${String(value)}`;
  const { name, message, stack } = value as { name?: unknown; message: unknown; stack?: unknown };
  const lines = String(stack ?? "").split("\n");
  return [`${String(name ?? "Error")}: ${String(message)}`, ...lines.filter((line) => !line.includes(PRELUDE_FILE))]
    .join("\n")
    .trimEnd();
}
