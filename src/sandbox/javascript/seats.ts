/** The places of a pool: each has at most one slot process and serves one job at a time, first come first served. */
import { RlvrError } from "../../errors.ts";
import type { Launcher } from "./launch.ts";
import { SlotProcess } from "./slot-process.ts";

/** A process is replaced after so many jobs, whatever it has leaked. */
const JOBS_OF_A_PROCESS = 2000;
/** Of one job's fault, or of ours: a second failure says that it is no accident. */
const STARTS = 2;

/** A slot could not be started: our fault, whoever's job it was. */
export class NoSlot extends Error {}

export class Seat {
  readonly number: number;
  readonly #launcher: Launcher;
  #process: SlotProcess | null = null;
  #isClosed = false;

  constructor(launcher: Launcher, number: number) {
    this.#launcher = launcher;
    this.number = number;
  }

  /**
   * A live process.
   *
   * @throws NoSlot
   * @throws E_SANDBOX when the box is closed
   */
  async slot(): Promise<SlotProcess> {
    if (this.#process?.isAlive && this.#process.jobs < JOBS_OF_A_PROCESS) return this.#process;
    this.#process?.kill("sandbox_error", "it was replaced");
    for (let start = 1; ; start++) {
      if (this.#isClosed) throw closed();
      try {
        this.#process = await SlotProcess.start(this.#launcher, this.number);
        if (!this.#isClosed) return this.#process;
        this.kill(); // closed meanwhile
      } catch (error) {
        if (start === STARTS) throw new NoSlot(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** The next job gets a new process. */
  kill(): void {
    this.#process?.kill("sandbox_error", "the slot was ended");
    this.#process = null;
  }

  close(): void {
    this.#isClosed = true;
    this.kill();
  }
}

interface Waiting {
  take(seat: Seat): void;
  refuse(error: unknown): void;
}

export class Seats {
  readonly #all: readonly Seat[];
  readonly #free: Seat[];
  readonly #queue: Waiting[] = [];
  #isClosed = false;

  constructor(launcher: Launcher, first: number, count: number) {
    this.#all = Array.from({ length: count }, (_, i) => new Seat(launcher, first + i));
    this.#free = [...this.#all].reverse();
  }

  /** @throws E_SANDBOX when the box is closed; the signal's reason when it is aborted */
  acquire(signal?: AbortSignal): Promise<Seat> {
    if (this.#isClosed) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(signal.reason);
    const free = this.#free.pop();
    if (free) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(signal?.reason);
      };
      const waiting: Waiting = {
        take(seat) {
          signal?.removeEventListener("abort", abort);
          resolve(seat);
        },
        refuse: reject,
      };
      this.#queue.push(waiting);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  release(seat: Seat): void {
    const next = this.#queue.shift();
    if (next) next.take(seat);
    else this.#free.push(seat);
  }

  close(): void {
    this.#isClosed = true;
    for (const seat of this.#all) seat.close();
    for (const waiting of this.#queue.splice(0)) waiting.refuse(closed());
  }
}

export function closed(): RlvrError {
  return new RlvrError("E_SANDBOX", "the box is closed", { hint: "close a box when nothing runs in it any more" });
}
