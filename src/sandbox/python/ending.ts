/** What the death of an interpreter says about the run it was making. All of it is the guest's doing. */
import { constants } from "node:os";
import type { Run, RunOutcome } from "../job.ts";
import type { Limits } from "../limits.ts";
import type { GuestEvent } from "./guest.ts";

export type Ending = Pick<Run, "outcome" | "message">;

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
/** Signals by which the limits of processor time end a process. */
const OUT_OF_TIME = ["SIGPROF", "SIGXCPU"];

/** Layers around the interpreter pass its signal on as 128 + number. */
function signalOf({ code, signal }: Extract<GuestEvent, { kind: "exit" }>): string | undefined {
  return signal ?? (code !== null && code > 128 ? SIGNALS.get(code - 128) : undefined);
}

export function endingOf(event: Exclude<GuestEvent, { kind: "line" }>, limits: Limits, wallMs: number): Ending {
  switch (event.kind) {
    case "timeout":
    case "aborted":
      return { outcome: "timeout", message: `did not end within ${Math.round(wallMs)} ms` };
    case "flood":
      return { outcome: "output_limit", message: `wrote more than ${limits.outputKb} KiB` };
    case "memory":
      return { outcome: "memory", message: `all its processes took more than ${limits.addressSpaceMb} MB` };
    case "exit": {
      const signal = signalOf(event);
      if (signal === undefined) return { outcome: "crash", message: `exited with status ${event.code}` };
      if (OUT_OF_TIME.includes(signal)) {
        return { outcome: "timeout", message: `took more than ${limits.cpuMs} ms of processor time` };
      }
      return { outcome: "crash" satisfies RunOutcome, message: `killed by ${signal}` };
    }
    default:
      return event satisfies never;
  }
}
