/** The kinds of failure a caller can tell apart. Each is explained in docs/errors.md. */
export type ErrorCode =
  | "E_CONFIG" // a setting, flag or config file
  | "E_SHAPE" // a tensor's shape
  | "E_TASK" // a task folder or its definition
  | "E_TASK_DATA" // a row of a task
  | "E_VERIFIER" // a verifier that broke its contract
  | "E_SANDBOX" // a box for untrusted code that cannot be had, or a job that cannot be run
  | "E_SERVE" // a server that cannot start or be reached
  | "E_CHECKPOINT" // a model folder or a checkpoint
  | "E_TOKENIZER" // text or ids that a tokenizer cannot map
  | "E_ENGINE" // an engine, device or program
  | "E_PACKAGE" // an optional package that is not installed
  | "E_RUN" // a run directory
  | "E_MISMATCH"; // sampler and trainer disagree

export interface ErrorDetails {
  /** What to do about it, in the imperative. */
  hint?: string;
  cause?: unknown;
}

/** The one error class of rlvr: a stable code, what came and what was expected, and what to do. */
export class RlvrError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "RlvrError";
    this.code = code;
    this.hint = details.hint;
  }
}
