/** A fresh place for guest code inside a slot process. One implementation for each JavaScript runtime. */

/** What is left to one run. Time on the clock does not pass while a tester waits for the candidate. */
export class Budget {
  cpuMs: number;
  wallMs: number;
  readonly #given: number;

  constructor(cpuMs: number, wallMs: number) {
    this.cpuMs = cpuMs;
    this.wallMs = wallMs;
    this.#given = cpuMs;
  }

  spend(cpuMs: number, wallMs: number): void {
    this.cpuMs -= cpuMs;
    this.wallMs -= wallMs;
  }

  get usedCpuMs(): number {
    return Math.max(0, this.#given - this.cpuMs);
  }
}

export type ScriptEnd =
  | { readonly is: "done" }
  | { readonly is: "syntax error"; readonly message: string }
  | { readonly is: "threw"; readonly message: string };

export interface Guest {
  /** @throws GuestStopped */
  run(script: string, budget: Budget): Promise<ScriptEnd>;
  /**
   * One question to the guest's `dispatch` (guest/main.ts).
   *
   * @throws GuestStopped
   * @throws GuestThrew for what the guest threw past its prelude, such as a rejection that nobody handles
   */
  ask(operation: string, text: string, budget: Budget): Promise<string>;
  dispose(): void;
}

export class GuestThrew extends Error {}

export interface GuestOptions {
  /** For the guest's prelude (guest/source.ts). */
  readonly settings: string;
  readonly memoryMb: number;
  /** Of a tester: asks the candidate's box. */
  readonly bridge?: Bridge;
}

/** Runtimes that can let a guest wait use the promise; those that cannot block on the text. */
export interface Bridge {
  ask(entry: string, args: string): Promise<string>;
  askSync(entry: string, args: string): string;
}

export interface GuestRuntime {
  /** Such as "isolated-vm 7.0.1". */
  readonly name: string;
  create(options: GuestOptions): Promise<Guest>;
}

/** "starved": the machine did not give the code its time, so that nothing can be said about it. */
export type StopCause = "timeout" | "memory" | "crash" | "starved";

/** The guest was stopped at a limit and is gone. */
export class GuestStopped extends Error {
  readonly stop: StopCause;
  /** It could not be stopped: the whole process has to end. */
  readonly isWedged: boolean;

  constructor(stop: StopCause, message: string, isWedged = false) {
    super(message);
    this.stop = stop;
    this.isWedged = isWedged;
  }
}

/** On a busy machine a run may take so many times its limit on the clock, as long as it has not had its processor time. */
export const PATIENCE = 4;

/**
 * What a run is stopped for, having used so much. A guest only computes, so that where the clock runs out before the processor
 * time does, the machine was busy with other things; then nothing can be said about the code.
 */
export function limitReached(budget: Budget, cpuMs: number, wallMs: number): GuestStopped | null {
  if (cpuMs > budget.cpuMs) return new GuestStopped("timeout", "the processor time of the run is used up");
  if (wallMs < budget.wallMs) return null;
  if (cpuMs >= budget.wallMs / 2) return new GuestStopped("timeout", "the time of the run is used up");
  if (wallMs < PATIENCE * budget.wallMs) return null;
  return new GuestStopped(
    "starved",
    `the machine gave the run ${cpuMs.toFixed(0)} ms of processor time in ${wallMs.toFixed(0)} ms`,
  );
}

export function outOfMemory(memoryMb: number): GuestStopped {
  return new GuestStopped("memory", `more than ${memoryMb} MB of memory were used`);
}
