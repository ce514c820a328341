/** Loaded code that answers calls one by one. The next call is sent when the last one is answered, so none is seen early. */
import { randomUUID } from "node:crypto";
import type { Run, Session } from "../job.ts";
import type { Limits } from "../limits.ts";
import type { Plain } from "../plain.ts";
import { encodePlain } from "../wire.ts";
import { type Ending, endingOf } from "./ending.ts";
import type { Guest } from "./guest.ts";
import type { Interpreters } from "./interpreters.ts";
import { claimedRun, readMessage } from "./message.ts";

/** After these the interpreter may be in any state, so the next call gets a fresh one. */
const NEEDS_A_FRESH_ONE: readonly Run["outcome"][] = ["memory", "timeout", "crash", "output_limit"];

export class PythonSession implements Session {
  readonly #interpreters: Interpreters;
  readonly #code: string;
  readonly #limits: Limits;
  #guest: Guest | null = null;
  /** How the code ended while it was loaded: it does so every time, so it is not loaded again. */
  #loadFailure: Run | undefined;
  #spentMs = 0;
  #outputLeft: number;
  #isClosed = false;

  constructor(interpreters: Interpreters, code: string, limits: Limits) {
    this.#interpreters = interpreters;
    this.#code = code;
    this.#limits = limits;
    this.#outputLeft = limits.jobOutputKb * 1024;
  }

  /** @throws E_SANDBOX for arguments that are not plain; the reason of the signal when it aborts */
  async call(entry: string, args: readonly Plain[], signal?: AbortSignal, id: string = randomUUID()): Promise<Run> {
    const question = randomUUID(); // never the job's own id, which code might guess
    const line = `{"id":"${question}","entry":${JSON.stringify(entry)},"args":${encodePlain(args)}}`;
    const failure = this.#guest ? undefined : await this.load(signal);
    if (failure) return { ...failure, id };
    this.#guest?.send(line);
    return { ...(await this.#answer(question, signal)), id };
  }

  /** Starts an interpreter and loads the code; what went wrong, where something did. */
  async load(signal?: AbortSignal): Promise<Run | undefined> {
    if (this.#loadFailure) return this.#loadFailure;
    if (this.#isClosed) return failed("", { outcome: "sandbox_error", message: "the session is closed" });
    this.#guest = await this.#interpreters.take(this.#limits);
    if (!this.#guest) return failed("", { outcome: "sandbox_error", message: "no interpreter starts in a box" });
    const id = randomUUID();
    const { cpuMs, outputKb } = this.#limits;
    this.#guest.endStdin();
    this.#guest.send(JSON.stringify({ kind: "calls", id, code: this.#code, limits: { cpuMs, outputKb } }));
    const run = await this.#answer(id, signal);
    if (run.outcome === "ok") return undefined;
    this.#loadFailure = run;
    await this.#drop();
    return run;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  async #answer(id: string, signal: AbortSignal | undefined): Promise<Run> {
    const started = performance.now();
    const wallMs = Math.min(this.#limits.wallMs, this.#limits.totalMs - this.#spentMs);
    const run = await this.#listen(id, wallMs, signal);
    const elapsed = performance.now() - started;
    this.#spentMs += elapsed;
    if (NEEDS_A_FRESH_ONE.includes(run.outcome)) await this.#drop();
    return run.ms > 0 ? run : { ...run, ms: elapsed };
  }

  async #listen(id: string, wallMs: number, signal: AbortSignal | undefined): Promise<Run> {
    const guest = this.#guest as Guest;
    const deadline = performance.now() + wallMs;
    for (;;) {
      const event = await guest.next(deadline - performance.now(), signal);
      if (event.kind === "aborted") {
        await this.close();
        signal?.throwIfAborted();
      }
      if (event.kind !== "line") {
        const written = { stdout: guest.written("stdout"), stderr: guest.written("stderr") };
        return { ...failed(id, endingOf(event, this.#limits, wallMs)), ...written };
      }
      const message = readMessage(event.text);
      const run = message && claimedRun(message);
      if (!run) return failed(id, { outcome: "crash", message: "wrote to the channel of the box" });
      if (run.id !== id) continue; // a late answer of code that kept running, or a forged one
      this.#outputLeft -= event.text.length;
      if (this.#outputLeft >= 0) return run;
      return failed(id, {
        outcome: "output_limit",
        message: `all runs gave more than ${this.#limits.jobOutputKb} KiB`,
      });
    }
  }

  async #drop(): Promise<void> {
    const guest = this.#guest;
    this.#guest = null;
    if (guest) await this.#interpreters.release(guest);
  }
}

export function failed(id: string, ending: Ending): Run {
  return { id, ...ending, stdout: "", stderr: "", ms: 0 };
}
