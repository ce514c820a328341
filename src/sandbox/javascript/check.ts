/** What a job must be to be run at all, and the parts of it that go to slots. */
import { RlvrError } from "../../errors.ts";
import type { Job, Language, Run, RunOutcome } from "../job.ts";
import { encodePlain } from "../wire.ts";

export const LANGUAGES: readonly Language[] = ["javascript", "typescript"];

const ENTRY = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)?$/;

/** A run of a job: its id and its arguments or its input. */
export type Piece = { readonly id: string; readonly args: string } | { readonly id: string; readonly stdin: string };

/** @throws E_SANDBOX */
export function checkLanguage(language: Language): void {
  if (LANGUAGES.includes(language)) return;
  throw new RlvrError(
    "E_SANDBOX",
    `this box runs ${LANGUAGES.join(" and ")}, the job is in ${JSON.stringify(language)}`,
    {
      hint: "open a box with that language: openBox({ languages })",
    },
  );
}

/** @throws E_SANDBOX */
export function checkEntry(entry: string): void {
  if (ENTRY.test(entry)) return;
  throw new RlvrError("E_SANDBOX", `${JSON.stringify(entry)} names no function, expected a name or Class.method`);
}

/** @throws E_SANDBOX for a job that cannot be run */
export function piecesOf(job: Job): Piece[] {
  checkLanguage(job.language);
  if (job.kind === "calls") checkEntry(job.entry);
  const pieces =
    job.kind === "calls"
      ? job.calls.map(({ id, args }) => ({ id, args: encodePlain(args) }))
      : job.inputs.map(({ id, stdin }) => ({ id, stdin }));
  if (pieces.length === 0) throw new RlvrError("E_SANDBOX", "the job has nothing to run, expected a call or an input");
  if (new Set(pieces.map(({ id }) => id)).size < pieces.length) {
    throw new RlvrError("E_SANDBOX", "two runs of the job have the same id, expected a different one for each");
  }
  return pieces;
}

/** A run of which nothing is known but how it ended. */
export function runWithout(id: string, outcome: RunOutcome, message: string): Run {
  return { id, outcome, stdout: "", stderr: "", message, ms: 0 };
}
