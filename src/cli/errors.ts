/** How the command line ends: messages for people, exit codes for programs. */
import { type ErrorCode, RlvrError } from "../errors.ts";
import { type Environment, paint, type Screen } from "./screen.ts";

export const EXIT = { done: 0, findings: 1, userMistake: 1, noTask: 2, ourFault: 70, interrupted: 130 } as const;

/** Codes that no setting, file or task of a user should be able to cause. */
const OUR_FAULTS: readonly ErrorCode[] = ["E_SHAPE", "E_MISMATCH"];

export interface ErrorOutput {
  readonly screen: Screen;
  readonly env: Environment;
  /** Also prints stack and causes. */
  readonly debug: boolean;
}

/** Prints an error and returns the exit code that goes with it. */
export function reportError(error: unknown, { screen, env, debug }: ErrorOutput): number {
  const mistake = error instanceof RlvrError && !OUR_FAULTS.includes(error.code);
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof RlvrError ? ` ${paint(screen, env, "dim", error.code)}` : "";
  screen.write(`${paint(screen, env, "red", "error")}${code} ${message}\n`);
  const hint = error instanceof RlvrError ? error.hint : undefined;
  if (hint !== undefined) screen.write(`${hint}\n`);
  if (!mistake) screen.write(`This should not happen: it is a fault of rlvr.${debug ? "" : " --debug shows where."}\n`);
  if (debug) screen.write(`${stacks(error)}\n`);
  return mistake ? EXIT.userMistake : EXIT.ourFault;
}

function stacks(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${stacks(error.cause) || String(error.cause)}`;
}
