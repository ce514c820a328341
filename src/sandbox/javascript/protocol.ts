/** What the pool says to a slot process: one JSON text a line, over file descriptor 3. The answers are in reply.ts. */
import type { CallsJob, Language, ProgramJob } from "../job.ts";
import type { Limits } from "../limits.ts";

/** Both ends speak through this file descriptor. */
export const CHANNEL = 3;

interface Addressed {
  /** Of this job on this slot; random. */
  readonly job: string;
}

/** Arguments are in the encoding of `Plain`. */
export interface SlotCalls extends Addressed, Omit<CallsJob, "kind" | "calls"> {
  readonly do: "calls";
  readonly calls: readonly { readonly id: string; readonly args: string }[];
}

export interface SlotProgram extends Addressed, Omit<ProgramJob, "kind"> {
  readonly do: "program";
}

export interface SlotSession extends Addressed {
  readonly do: "open";
  readonly language: Language;
  readonly code: string;
  readonly limits: Limits;
}

export interface SlotTests extends Addressed {
  readonly do: "test";
  readonly language: Language;
  readonly code: string;
  readonly entries: readonly string[];
  readonly limits: Limits;
}

export type SlotJob = SlotCalls | SlotProgram | SlotSession | SlotTests;

/** Of an open session. */
export interface SlotCall extends Addressed {
  readonly do: "call";
  readonly id: string;
  readonly entry: string;
  readonly args: string;
}

/** Ends a session. */
export interface SlotClose extends Addressed {
  readonly do: "close";
}

/** To a tester that asked. "fatal" ends the tests: it is no error that an assert could expect. */
export interface SlotAnswer extends Addressed {
  readonly do: "answer";
  readonly outcome: "ok" | "runtime_error" | "fatal";
  readonly value?: string;
  readonly message: string;
  /** Name of the error that the candidate threw. */
  readonly error?: string;
}

export type ToSlot = SlotJob | SlotCall | SlotClose | SlotAnswer;
