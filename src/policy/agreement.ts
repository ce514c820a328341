/** Sampler, scoring and training must agree on log-probs: another kernel, temperature or mask is a bug, and stops the run. */
import { RlvrError } from "../errors.ts";
import type { StepReport } from "./loss.ts";

/** Largest |ρ − 1| on the first update of a step, where current and old weights are the same. */
const ON_POLICY_TOLERANCE = 1e-2;

/**
 * On the first update of a step the trainer must agree with what it scored a moment ago.
 * @throws {RlvrError} E_MISMATCH
 */
export function checkOnPolicy(step: number, { metrics }: StepReport): void {
  const deviation = Math.expm1(Math.max(metrics["ratio/log_max"] ?? 0, metrics["ratio/minus_log_min"] ?? 0));
  if (deviation <= ON_POLICY_TOLERANCE) return;
  throw new RlvrError(
    "E_MISMATCH",
    `step ${step}: a probability ratio is off by ${deviation.toPrecision(3)}, expected 1`,
    {
      hint: "check that scoring and training use the same weights, temperature and masks",
    },
  );
}

/**
 * @param mean |sampler − trainer log-prob| in nats; undefined where nothing was trained
 * @param limit null = none
 * @throws {RlvrError} E_MISMATCH
 */
export function checkMismatch(step: number, mean: number | undefined, limit: number | null): void {
  if (limit === null || mean === undefined || mean <= limit) return;
  throw new RlvrError(
    "E_MISMATCH",
    `step ${step}: sampler and trainer log-probs differ by ${mean.toPrecision(3)} nats on average, expected at most ${limit}`,
    { hint: "check the sampler's temperature, top-k and weights, or raise mismatchLimit" },
  );
}
