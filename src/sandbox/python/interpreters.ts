/** Starts interpreters in boxes, and keeps some that wait for a job: each is used once, so samples share nothing. */
import { RlvrError } from "../../errors.ts";
import type { Limits } from "../limits.ts";
import type { Python } from "./find.ts";
import { Guest } from "./guest.ts";
import { GUEST } from "./sources.ts";

const FIRST_SEAT = 500; // the JavaScript slots have those below
const SEATS = 500;
const ATTEMPTS = 2;

/** Of all boxes in this process. Another process begins elsewhere, so that two seldom share a user. */
const taken = new Set<number>();
let last = (process.pid * 7) % SEATS;

/** The one that was free for longest: the kernel may still be clearing away the processes of its last guest. */
function takeSeat(): number {
  for (let i = 0; i < SEATS; i++) {
    last = (last + 1) % SEATS;
    if (taken.has(last)) continue;
    taken.add(last);
    return FIRST_SEAT + last;
  }
  throw new RlvrError("E_SANDBOX", `${SEATS} interpreters run already`, { hint: "Close sessions that are not used." });
}

export class Interpreters {
  readonly python: Python;
  readonly #spareCount: number;
  readonly #seats = new Map<Guest, number>();
  readonly #spares: { readonly guest: Guest; readonly ready: Promise<boolean> }[] = [];
  #sparesFor = "";
  #isClosed = false;

  constructor(python: Python, spareCount: number) {
    this.python = python;
    this.#spareCount = spareCount;
  }

  /**
   * An interpreter that waits for its job; null where none starts, twice in a row: the machine's fault, never the guest's.
   *
   * @throws E_SANDBOX when it is closed
   */
  async take(limits: Limits, program = GUEST): Promise<Guest | null> {
    if (this.#isClosed)
      throw new RlvrError("E_SANDBOX", "the box is closed", { hint: "Close it when no job runs any more." });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { guest, ready } = this.#spare(limits, program) ?? this.#start(limits, program);
      if ((await ready) && !guest.hasEnded) return guest;
      await this.release(guest);
    }
    return null;
  }

  /** Ends the guest and frees its seat. */
  async release(guest: Guest): Promise<void> {
    await guest.kill();
    const seat = this.#seats.get(guest);
    if (seat !== undefined) taken.delete(seat - FIRST_SEAT);
    this.#seats.delete(guest);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#seats.keys()].map((guest) => this.release(guest)));
  }

  /** One that waits already, if the last job had the same limits: where they change with every job, none is kept. */
  #spare(limits: Limits, program: string) {
    if (program !== GUEST) return undefined;
    const wanted = JSON.stringify(limits);
    if (wanted !== this.#sparesFor) {
      for (const { guest } of this.#spares.splice(0)) void this.release(guest);
      this.#sparesFor = wanted;
      return undefined;
    }
    const spare = this.#spares.shift();
    while (this.#spares.length < this.#spareCount) this.#spares.push(this.#start(limits, program));
    return spare;
  }

  #start(limits: Limits, program: string) {
    const seat = takeSeat();
    const guest = new Guest({ python: this.python, program, limits, seat });
    this.#seats.set(guest, seat);
    return { guest, ready: guest.ready() };
  }
}
