/**
 * Time limits from a reference solution: four times what it takes, and never less than a floor.
 *
 * Measured once, when the problem is made, and stored with it: a limit that is measured beside a verdict would make the
 * verdict depend on the machine.
 */
import { RlvrError } from "../../errors.ts";
import type { Box, Language } from "../../sandbox/job.ts";
import { DEFAULT_LIMITS, type Limits } from "../../sandbox/limits.ts";
import { candidateCode } from "./candidate-code.ts";
import { type ComparedProblem, jobOf } from "./run-tests.ts";

export interface ReferenceLimitsOptions {
  readonly language: Language;
  /** Least processor time of one run. */
  readonly minMs?: number;
}

const FACTOR = 4;
/** Time on the clock for a processor time: twice it and a second, as in the default limits. */
const wallOf = (cpuMs: number) => 2 * cpuMs + 1000;

/**
 * The limits to store with the problem.
 *
 * @throws E_TASK_DATA when the reference does not run
 */
export async function referenceLimits(
  box: Box,
  reference: string,
  problem: ComparedProblem,
  { language, minMs = 500 }: ReferenceLimitsOptions,
): Promise<Pick<Limits, "cpuMs" | "wallMs" | "totalMs">> {
  const code = candidateCode(reference, { prelude: problem.prelude, decoys: [] }, language);
  const ids = problem.tests.map((_, i) => `test ${i + 1}`);
  const { runs } = await box.run(
    jobOf(problem, ids, { language, code, limits: { ...DEFAULT_LIMITS, ...problem.limits } }),
  );
  const failed = runs.find(({ outcome }) => outcome !== "ok");
  if (failed !== undefined) {
    throw new RlvrError("E_TASK_DATA", `the reference ends with ${failed.outcome} on ${failed.id}: ${failed.message}`);
  }
  const cpuMs = Math.ceil(Math.max(minMs, FACTOR * Math.max(...runs.map(({ ms }) => ms))));
  return { cpuMs, wallMs: wallOf(cpuMs), totalMs: cpuMs * runs.length + wallOf(cpuMs) };
}
