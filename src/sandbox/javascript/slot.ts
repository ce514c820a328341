/**
 * The program of a slot process: takes jobs over file descriptor 3, runs each in guests of their own, reports every run.
 *
 * node slot.ts serve isolated-vm <version> <path of the addon>
 * node slot.ts serve quickjs <version> <main file of the core> <main file of the variant>
 *
 * With "proof" instead of "serve" it runs one call and ends with status 0 if the answer was right.
 */
import type { Limits } from "../limits.ts";
import { openChannel } from "./channel.ts";
import type { GuestRuntime } from "./guest.ts";
import { budgetOf, callGuest, load } from "./guest-run.ts";
import type { ToSlot } from "./protocol.ts";
import { Runner } from "./runner.ts";

const [mode, kind, version = "", ...paths] = process.argv.slice(2);
const runtime = await openRuntime();
if (mode === "proof") {
  await prove();
  process.exit(0);
}
const channel = openChannel();
const runner = new Runner(runtime, channel);

async function openRuntime(): Promise<GuestRuntime> {
  const [first = "", second = ""] = paths;
  if (kind === "isolated-vm") return (await import("./isolate.ts")).isolateRuntime(first, version);
  return (await import("../quickjs/guest.ts")).quickjsRuntime(first, second, version);
}

async function prove(): Promise<void> {
  const limits = { cpuMs: 5000, wallMs: 5000, memoryMb: 64, outputKb: 1 } as Limits;
  const code = "const add = (a, b) => a + b;";
  const loaded = await load(
    runtime,
    { kind: "calls", code, language: "javascript", limits, began() {} },
    budgetOf(limits),
  );
  if ("ending" in loaded) throw new Error(loaded.ending.message);
  const { value, message } = await callGuest(loaded.guest, "add", "[2,3]", budgetOf(limits));
  if (value !== "5") throw new Error(`a guest says 2 + 3 = ${value} ${message}`);
}

function serve(message: ToSlot): Promise<void> | void {
  switch (message.do) {
    case "calls":
      return runner.calls(message);
    case "program":
      return runner.program(message);
    case "open":
      return runner.open(message);
    case "call":
      return runner.call(message);
    case "close":
      return runner.close(message);
    case "test":
      return runner.test(message);
    case "answer":
      return runner.hear(message);
    default:
      return message satisfies never;
  }
}

channel.listen(async (message) => {
  try {
    await serve(message);
  } catch (error) {
    // what guests do is caught where they run; this process is of no use any more, and its death says for whom
    process.stderr.write(error instanceof Error ? String(error.stack) : String(error), () => process.exit(70));
  }
});
channel.send({ is: "ready", runtime: runtime.name });
