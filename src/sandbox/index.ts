/** Runs untrusted code. Entry "rlvr/sandbox"; what is covered and what is not stands in containment.ts. */
export { type FusionOptions, fusionBox } from "./fusion.ts";
export {
  type Box,
  type Call,
  type CallsJob,
  type Input,
  type Job,
  type JobResult,
  LANGUAGES,
  type Language,
  type ProgramJob,
  RUN_OUTCOMES,
  type Run,
  type RunOutcome,
  type Session,
  type TesterJob,
  type TesterResult,
} from "./job.ts";
export { DEFAULT_LIMITS, Limits } from "./limits.ts";
export type { Machine } from "./machine.ts";
export { type OpenOptions, openBox, RUNTIMES, type Runtime } from "./open.ts";
export { Float, MAX_DEPTH, type Plain, Tuple } from "./plain.ts";
export { type LanguageReport, probe, type SandboxReport } from "./probe.ts";
export { holds, TIERS, type Tier } from "./tier.ts";
export { decodePlain, encodePlain, type WireOptions } from "./wire.ts";
