/** Jobs in a slot process: what is asked of guests, in which order, and what is said of each run. */
import type { Limits } from "../limits.ts";
import type { Channel } from "./channel.ts";
import { type Bridge, Budget, type GuestRuntime, PATIENCE } from "./guest.ts";
import { budgetOf, callGuest, type Ending, ending, type Loaded, load, settle, survives } from "./guest-run.ts";
import type { SlotAnswer, SlotCall, SlotCalls, SlotClose, SlotProgram, SlotSession, SlotTests } from "./protocol.ts";

export class Runner {
  readonly #runtime: GuestRuntime;
  readonly #channel: Channel;
  #hear: ((answer: SlotAnswer) => void) | undefined;
  #session: { loaded: Loaded; readonly limits: Limits } | undefined;

  constructor(runtime: GuestRuntime, channel: Channel) {
    this.#runtime = runtime;
    this.#channel = channel;
  }

  /** The code is loaded once for all calls, and again after a guest that had to be stopped. */
  async calls({ job, code, language, entry, limits, calls, stopAtFailure }: SlotCalls): Promise<void> {
    const whole = new JobBudget(limits);
    const began = () => this.#channel.send({ is: "began", job });
    let loaded: Loaded | undefined;
    for (const { id, args } of calls) {
      const budget = budgetOf(limits);
      let ended = whole.exhausted();
      if (!ended) {
        if (loaded) began();
        loaded ??= await load(this.#runtime, { kind: "calls", code, language, limits, began }, budget);
        if ("guest" in loaded) this.#channel.send({ is: "loaded", job });
        ended = whole.counted("ending" in loaded ? loaded.ending : await callGuest(loaded.guest, entry, args, budget));
        // code that cannot be loaded would fail in the same way again
        if ("guest" in loaded && !survives(ended)) loaded = undefined;
      }
      this.#report(job, id, ended, budget);
      if (stopAtFailure && ended.outcome !== "ok") break;
    }
    if (loaded && "guest" in loaded) loaded.guest.dispose();
    this.#channel.send({ is: "done", job });
  }

  async program({ job, code, language, limits, inputs, stopAtFailure }: SlotProgram): Promise<void> {
    const whole = new JobBudget(limits);
    const began = () => this.#channel.send({ is: "began", job });
    for (const { id, stdin } of inputs) {
      const budget = budgetOf(limits);
      let ended = whole.exhausted();
      if (!ended) {
        const loaded = await load(this.#runtime, { kind: "program", code, language, limits, stdin, began }, budget);
        ended = whole.counted("ending" in loaded ? loaded.ending : await settle(loaded.guest, budget));
        if ("guest" in loaded) loaded.guest.dispose();
      }
      this.#report(job, id, ended, budget);
      if (stopAtFailure && ended.outcome !== "ok") break;
    }
    this.#channel.send({ is: "done", job });
  }

  /** Loads code for calls that come later, one by one. */
  async open({ job, code, language, limits }: SlotSession): Promise<void> {
    const began = () => this.#channel.send({ is: "began", job });
    const loaded = await load(this.#runtime, { kind: "calls", code, language, limits, began }, budgetOf(limits));
    this.#session = { loaded, limits };
    this.#channel.send({ is: "loaded", job });
  }

  async call({ job, id, entry, args }: SlotCall): Promise<void> {
    if (!this.#session) throw new Error("a call came before its session");
    const { loaded, limits } = this.#session;
    const budget = budgetOf(limits);
    this.#channel.send({ is: "began", job });
    const ended = "ending" in loaded ? loaded.ending : await callGuest(loaded.guest, entry, args, budget);
    // the state that calls share went with the guest, so that all later calls end as this one
    if (!survives(ended)) this.#session.loaded = { ending: ended };
    this.#report(job, id, ended, budget);
  }

  close({ job }: SlotClose): void {
    if (this.#session && "guest" in this.#session.loaded) this.#session.loaded.guest.dispose();
    this.#session = undefined;
    this.#channel.send({ is: "done", job });
  }

  async test({ job, code, language, entries, limits }: SlotTests): Promise<void> {
    let isOver = false;
    const heard = ({ outcome, value, message, error }: SlotAnswer): string => {
      isOver ||= outcome === "fatal";
      return JSON.stringify({ outcome, value, message, error });
    };
    const bridge: Bridge = {
      ask: async (entry, args) => {
        if (isOver) return GONE;
        this.#channel.send({ is: "ask", job, entry, args });
        const answer = new Promise<SlotAnswer>((resolve) => {
          this.#hear = resolve;
        });
        return heard(await answer);
      },
      askSync: (entry, args) => {
        if (isOver) return GONE;
        this.#channel.send({ is: "ask", job, entry, args });
        return heard(this.#channel.nextSync());
      },
    };
    const budget = new Budget(limits.totalMs, limits.totalMs);
    const began = () => this.#channel.send({ is: "began", job });
    const loaded = await load(this.#runtime, { kind: "tests", code, language, limits, entries, bridge, began }, budget);
    const ended = "ending" in loaded ? loaded.ending : await settle(loaded.guest, budget);
    if ("guest" in loaded) loaded.guest.dispose();
    const { outcome, message, asserts } = ended;
    this.#channel.send({ is: "tested", job, asserts, message, outcome });
    if (ended.isWedged) endNow();
  }

  hear(answer: SlotAnswer): void {
    this.#hear?.(answer);
    this.#hear = undefined;
  }

  #report(job: string, id: string, { asserts, isWedged, ...said }: Ending, budget: Budget): void {
    this.#channel.send({ is: "run", job, run: { id, ...said, ms: budget.usedCpuMs } });
    if (isWedged) endNow();
  }
}

const GONE = JSON.stringify({ outcome: "fatal", message: "the candidate has ended" });

/** A guest runs on that nothing in this process can stop. The verdict is out; the pool starts another slot. */
function endNow(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("a process outlived SIGKILL");
}

/** What all runs of a job may use together. */
class JobBudget {
  readonly #limits: Limits;
  readonly #started = performance.now();
  readonly #startedCpu = process.cpuUsage();
  #written = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** How the next run ends without having begun; null where it may begin. */
  exhausted(): Ending | null {
    const { totalMs, jobOutputKb } = this.#limits;
    if (this.#written > jobOutputKb * 1024) return ending("output_limit", this.#tooMuch());
    // on a busy machine the job's clock goes slower: it had its time when the processor worked for it
    const wallMs = performance.now() - this.#started;
    const { user, system } = process.cpuUsage(this.#startedCpu);
    const fairMs = Math.max(Math.min(wallMs, (2 * (user + system)) / 1000), wallMs / PATIENCE);
    return fairMs < totalMs ? null : ending("timeout", `the time of the job, ${totalMs} ms, is used up`);
  }

  /** The ending itself; an output limit where it is the one that wrote too much. */
  counted(ended: Ending): Ending {
    this.#written += ended.stdout.length + ended.stderr.length + (ended.value?.length ?? 0);
    const isTooMuch = this.#written > this.#limits.jobOutputKb * 1024;
    return isTooMuch ? { ...ending("output_limit", this.#tooMuch()), isWedged: ended.isWedged } : ended;
  }

  #tooMuch(): string {
    return `all runs of the job wrote and returned more than ${this.#limits.jobOutputKb} KiB`;
  }
}
