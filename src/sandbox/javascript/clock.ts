/**
 * The pool's eye on a slot: kills it when its time is up, unless the machine did not let it work, and when it takes far more
 * memory than its guest may have. Both are the slot's own business first; this is for one that cannot mind it any more.
 */
import type { Limits } from "../limits.ts";
import { cpuMsOf } from "../processes.ts";
import { watchMemory } from "../python/memory-watch.ts";
import { PATIENCE } from "./guest.ts";
import type { SlotRun } from "./reply.ts";
import type { SlotProcess } from "./slot-process.ts";

/** What the slot may take beyond the limit that it keeps itself. */
export const GRACE_MS = 1000;

/** Most runs are over by then, and need no look at what the slot has used before. */
const FIRST_LOOK_MS = 200;

/** Of the processor time that says that the machine did its part; the first look came late. */
const ENOUGH = 0.8;

/** What a slot uses for itself, and how far a guest may be beyond its limit before somebody else than the slot stops it. */
const SLOT_MB = 768;
const OVERSHOOT = 5;

export type RunLimits = Pick<Limits, "cpuMs" | "wallMs" | "memoryMb">;

export interface SlotClock {
  /** The run is over and the next one begins. */
  restart(): void;
  stop(): void;
  /** Whether the slot has been short of processor time in this run: the only excuse for a run without a verdict. */
  hasSeenStarvation(): boolean;
}

export function watchClock(slot: SlotProcess, { cpuMs, wallMs, memoryMb }: RunLimits): SlotClock {
  const stretchMs = wallMs + GRACE_MS;
  let timer: NodeJS.Timeout | undefined;
  let stretches = 0;
  let endMemoryWatch = () => {};

  function look(): void {
    const before = cpuMsOf(slot.pid);
    const most = SLOT_MB + OVERSHOOT * memoryMb;
    endMemoryWatch = watchMemory(slot.pid, most, () => slot.kill("memory", `the slot used more than ${most} MB`));
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
  function stop(): void {
    clearTimeout(timer);
    endMemoryWatch();
  }
  function restart(): void {
    stop();
    stretches = 0;
    timer = setTimeout(look, FIRST_LOOK_MS);
  }
  restart();
  return { restart, stop, hasSeenStarvation: () => stretches > 0 };
}

/** Whether a slot that leaves a run without a verdict has a reason: nobody gets there by blaming the machine. */
export function isExcused({ outcome }: SlotRun, clock: SlotClock): boolean {
  return outcome !== "sandbox_error" || clock.hasSeenStarvation();
}
