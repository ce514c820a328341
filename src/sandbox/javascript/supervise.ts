/**
 * One job on one slot: sent, watched by the clock of this process, and heard until it is done or the slot is dead.
 *
 * What a slot says is checked against what it was asked: another job, another id, an id twice or out of turn, a job that is done
 * with runs missing. A slot that says such a thing is killed, and the guest in it is charged.
 */
import type { Run } from "../job.ts";
import type { Limits } from "../limits.ts";
import { decodePlain } from "../wire.ts";
import { isExcused, watchClock } from "./clock.ts";
import type { SlotCalls, SlotProgram } from "./protocol.ts";
import type { SlotRun } from "./reply.ts";
import { causeOfDeath, type SlotProcess } from "./slot-process.ts";

/** How the slot left the job. */
export type JobEnd =
  | { readonly is: "done" }
  /** There was no slot. */
  | { readonly is: "no slot"; readonly message: string }
  | {
      readonly is: "dead";
      /** Whether guest code was about to run, or did, in the run that it ended; if not, the death is our fault. */
      readonly hasBegun: boolean;
      /** Whether the code's top level had run to its end. */
      readonly hasLoaded: boolean;
      /** On the clock, of the run that it ended. */
      readonly ms: number;
      readonly outcome: Run["outcome"];
      readonly message: string;
    };

export interface Watched {
  readonly job: SlotCalls | SlotProgram;
  /** Ids in the order in which their runs are due. */
  readonly ids: readonly string[];
  readonly onRun: (run: Run) => void;
  readonly signal?: AbortSignal | undefined;
}

export function watchJob(slot: SlotProcess, { job, ids, onRun, signal }: Watched): Promise<JobEnd> {
  const { limits, stopAtFailure } = job;
  return new Promise((resolve) => {
    const due = [...ids];
    let hasBegun = false;
    let hasLoaded = false;
    let isLast = false;
    let since = performance.now();
    const clock = watchClock(slot, limits);

    function nextRun(): void {
      clock.restart();
      since = performance.now();
    }
    function abort(): void {
      slot.kill("sandbox_error", "the job was aborted");
    }
    function end(how: JobEnd): void {
      clock.stop();
      signal?.removeEventListener("abort", abort);
      if (slot.isAlive) slot.rest();
      resolve(how);
    }
    function corrupt(what: string): void {
      slot.kill("crash", `the slot ${what}`);
    }
    function hear(slotRun: SlotRun): void {
      const isDue = !isLast && due[0] === slotRun.id && isExcused(slotRun, clock);
      const run = isDue ? toRun(slotRun, limits) : null;
      if (!run) {
        corrupt(isDue ? "said of a run what cannot be" : "answered what it was not asked");
        return;
      }
      due.shift();
      hasBegun = false;
      nextRun();
      onRun(run);
      isLast = due.length === 0 || (stopAtFailure === true && run.outcome !== "ok");
    }

    signal?.addEventListener("abort", abort, { once: true });
    slot.jobs++;
    slot.listen({
      message(message) {
        if (message.is === "ready" || message.job !== job.job) return corrupt("spoke of another job");
        switch (message.is) {
          case "began":
            hasBegun = true;
            return;
          case "loaded":
            hasLoaded = true;
            return clock.restart();
          case "run":
            return hear(message.run);
          case "done":
            return isLast ? end({ is: "done" }) : corrupt("left runs out");
          default:
            return corrupt("spoke as a tester");
        }
      },
      died(death) {
        end({ is: "dead", hasBegun, hasLoaded, ms: performance.now() - since, ...causeOfDeath(death) });
      },
    });
    if (signal?.aborted) abort();
    else slot.send(job);
  });
}

/** Null for a value that no guest's encoder writes. */
export function toRun({ value, ...run }: SlotRun, limits: Limits): Run | null {
  if (run.outcome !== "ok" || value === undefined) return run;
  try {
    return { ...run, value: decodePlain(value, { maxCharacters: limits.outputKb * 1024 }) };
  } catch {
    return null; // said by the caller, who kills the slot
  }
}
