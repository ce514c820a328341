/** What goes into a box and what comes out. Texts and plain data only; comparison with what was expected happens outside. */
import type { Limits } from "./limits.ts";
import type { Plain } from "./plain.ts";
import type { Tier } from "./tier.ts";

export const LANGUAGES = ["javascript", "typescript", "python"] as const;
export type Language = (typeof LANGUAGES)[number];

/** One run of a function: loaded once for all calls of a job, called with each list of arguments in turn. */
export interface Call {
  /** Unique in its job; random ids keep guest code from guessing them. */
  readonly id: string;
  readonly args: readonly Plain[];
}

/** One run of a whole program on its own: a fresh guest for each input. */
export interface Input {
  readonly id: string;
  readonly stdin: string;
}

interface JobBase {
  readonly language: Language;
  readonly code: string;
  readonly limits: Limits;
  /** Stop after the first run that does not end "ok" (the reward is all-or-nothing, so the rest cannot matter). */
  readonly stopAtFailure?: boolean;
}

export interface CallsJob extends JobBase {
  readonly kind: "calls";
  /** The function to call: a top-level name, or `Class.method` (a fresh instance of `Class` for each call). */
  readonly entry: string;
  readonly calls: readonly Call[];
}

export interface ProgramJob extends JobBase {
  readonly kind: "program";
  readonly inputs: readonly Input[];
}

export type Job = CallsJob | ProgramJob;

/**
 * How a run ended. All but "sandbox_error" are the doing of the code in the box. "sandbox_error" is ours, and shown to be:
 * the slot failed before guest code ran, or a control job fails too.
 */
export const RUN_OUTCOMES = [
  "ok",
  "runtime_error",
  "compile_error",
  "timeout",
  "memory",
  "output_limit",
  "crash",
  "sandbox_error",
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

export interface Run {
  /** Of the call or input that it answers. */
  readonly id: string;
  readonly outcome: RunOutcome;
  /** What the function returned; only in a "calls" job whose run is "ok". */
  readonly value?: Plain;
  /** What was written, cut at the limit. */
  readonly stdout: string;
  readonly stderr: string;
  /** For people: the error with its place in the code, or what limit was hit. Empty where "ok". */
  readonly message: string;
  /** The class of the exception that ended a "runtime_error", such as "ValueError"; only where there was one. */
  readonly error?: string;
  /** Process time where the box can measure it, else wall time, in milliseconds. */
  readonly ms: number;
}

export interface JobResult {
  readonly tier: Tier;
  /** In the order of the job; shorter only after `stopAtFailure`. */
  readonly runs: readonly Run[];
}

/** Loaded code that answers calls one by one: the candidate's box while a tester in another box asks. */
export interface Session {
  /** @throws never for what guest code does; the outcome says it */
  call(entry: string, args: readonly Plain[]): Promise<Run>;
  close(): Promise<void>;
}

/** Tests written as asserts. They run in a box of their own, which never loads the candidate's code. */
export interface TesterJob {
  readonly language: Language;
  /** Trusted source, such as HumanEval's `check(candidate)` or MBPP's asserts. */
  readonly tests: string;
  /** Names that the tests may call; each call is answered by the candidate's session. */
  readonly entries: readonly string[];
  readonly limits: Limits;
}

export interface TesterResult {
  /** Asserts that were evaluated. None = the tests tested nothing, which is our error and never a pass. */
  readonly asserts: number;
  /** "ok" = every assert held; "failed" = one did not, or the candidate's run was not "ok" (then `run` says how). */
  readonly outcome: "ok" | "failed" | "sandbox_error";
  /** The candidate's run that ended the tests, where it was not "ok". */
  readonly run?: Run;
  readonly message: string;
}

/** A place where code runs. One implementation for each runtime; all keep the same contract, which is one test suite. */
export interface Box {
  readonly languages: readonly Language[];
  readonly tier: Tier;
  /**
   * Never rejects for what guest code does. An aborted signal kills the guest and rejects.
   *
   * @throws E_SANDBOX for a job that cannot be run at all: unknown language, no calls, two equal ids
   */
  run(job: Job, signal?: AbortSignal): Promise<JobResult>;
  open(job: { readonly language: Language; readonly code: string; readonly limits: Limits }): Promise<Session>;
  test(job: TesterJob, candidate: Session): Promise<TesterResult>;
  close(): Promise<void>;
}
