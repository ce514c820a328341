/** A session on a slot of its own: the code is loaded once, calls come one by one and share its state. */
import { randomUUID } from "node:crypto";
import type { Language, Run, Session } from "../job.ts";
import type { Limits } from "../limits.ts";
import type { Plain } from "../plain.ts";
import { encodePlain } from "../wire.ts";
import { checkEntry, runWithout } from "./check.ts";
import { exchange, type NoAnswer } from "./exchange.ts";
import { NoSlot, type Seat } from "./seats.ts";
import type { SlotProcess } from "./slot-process.ts";
import { toRun } from "./supervise.ts";

export interface SessionJob {
  readonly language: Language;
  readonly code: string;
  readonly limits: Limits;
}

type End = Pick<NoAnswer, "outcome" | "message">;

/** Loading is tried once more where a slot of ours failed. */
const TRIES = 2;

export class SlotSession implements Session {
  readonly #seat: Seat;
  readonly #job: SessionJob;
  readonly #release: () => void;
  /** Of this session on its slot. */
  readonly #id = randomUUID();
  #slot: SlotProcess | null = null;
  /** How all further calls end. */
  #end: End | null = null;
  #spentMs = 0;
  /** One call at a time; the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(seat: Seat, job: SessionJob, release: () => void) {
    this.#seat = seat;
    this.#job = job;
    this.#release = release;
  }

  call(entry: string, args: readonly Plain[]): Promise<Run> {
    checkEntry(entry);
    const text = encodePlain(args);
    const run = this.#turn.then(() => this.#call(entry, text));
    this.#turn = run;
    return run;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#turn;
    if (this.#slot?.isAlive) await exchange(this.#slot, { do: "close", job: this.#id }, ["done"], this.#job.limits);
    this.#end = { outcome: "sandbox_error", message: "the session is closed" };
    this.#release();
  }

  async #call(entry: string, args: string): Promise<Run> {
    const id = randomUUID();
    const { limits } = this.#job;
    const started = performance.now();
    if (this.#spentMs > limits.totalMs) {
      this.#end ??= { outcome: "timeout", message: `the calls together took more than ${limits.totalMs} ms` };
    }
    const slot = this.#end ? null : (this.#slot ??= await this.#load());
    if (!slot) return this.#ended(id);
    const message = { do: "call", job: this.#id, id, entry, args } as const;
    const answer = await exchange(slot, message, ["run"], limits);
    this.#spentMs += performance.now() - started;
    const run = answer.is === "run" && answer.run.id === id ? toRun(answer.run, limits) : null;
    if (run) return run;
    slot.kill("crash", "the slot returned what no guest returns");
    this.#end =
      answer.is === "no answer" ? answer : { outcome: "crash", message: "the slot returned what no guest returns" };
    return this.#ended(id);
  }

  /** Null where there is no slot to be had, or the code ended it; then `#end` says why. */
  async #load(): Promise<SlotProcess | null> {
    const { limits } = this.#job;
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        const slot = await this.#seat.slot();
        slot.jobs++;
        const message = { do: "open", job: this.#id, ...this.#job } as const;
        const answer = await exchange(slot, message, ["loaded"], limits);
        if (answer.is === "loaded") return slot;
        this.#end = answer;
      } catch (error) {
        if (!(error instanceof NoSlot)) throw error;
        this.#end = { outcome: "sandbox_error", message: error.message };
      }
      if (this.#end.outcome !== "sandbox_error") break;
    }
    return null;
  }

  #ended(id: string): Run {
    const { outcome, message } = this.#end as End;
    return runWithout(id, outcome, message);
  }
}
