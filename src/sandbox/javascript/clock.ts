/** The pool's clock over a slot: kills it when its time is up, unless the machine did not let it work. */
import type { Limits } from "../limits.ts";
import { cpuMsOf } from "../processes.ts";
import { PATIENCE } from "./guest.ts";
import type { SlotProcess } from "./slot-process.ts";

/** What the slot may take beyond the limit that it keeps itself. */
export const GRACE_MS = 1000;

/** Most runs are over by then, and need no look at what the slot has used before. */
const FIRST_LOOK_MS = 200;

/** Of the processor time that says that the machine did its part; the first look came late. */
const ENOUGH = 0.8;

export interface SlotClock {
  /** The run is over and the next one begins. */
  restart(): void;
  stop(): void;
}

export function watchClock(slot: SlotProcess, { cpuMs, wallMs }: Pick<Limits, "cpuMs" | "wallMs">): SlotClock {
  const stretchMs = wallMs + GRACE_MS;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const before = cpuMsOf(slot.pid);
    let stretches = 0;
    function expire(): void {
      const now = cpuMsOf(slot.pid);
      const used = now === null || before === null ? null : now - before;
      if (used === null || used >= ENOUGH * Math.min(cpuMs, wallMs / 2)) {
        slot.kill("timeout", `the run took more than ${wallMs} ms on the clock`);
      } else if (++stretches < PATIENCE) {
        timer = setTimeout(expire, stretchMs);
      } else {
        slot.kill(
          "sandbox_error",
          `the machine gave the slot ${used} ms of processor time in ${stretches * stretchMs} ms`,
        );
      }
    }
    timer = setTimeout(expire, stretchMs - FIRST_LOOK_MS);
  }
  function restart(): void {
    clearTimeout(timer);
    timer = setTimeout(look, FIRST_LOOK_MS);
  }
  restart();
  return { restart, stop: () => clearTimeout(timer) };
}
