/** Numbers that an author passes to a verifier are checked where the verifier is made, not at step 300. */
import { RlvrError } from "../../errors.ts";

export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/** Throws E_VERIFIER unless `value` is finite and within the limits, both included. */
export function checkNumberOption(name: string, value: number, limits: NumberLimits = {}): void {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, whole = false } = limits;
  if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value))) return;
  const kind = whole ? "a whole number" : "a finite number";
  const bounds = [Number.isFinite(min) ? `at least ${min}` : "", Number.isFinite(max) ? `at most ${max}` : ""];
  const expected = [kind, ...bounds.filter((bound) => bound !== "")].join(", ");
  throw new RlvrError("E_VERIFIER", `${name} is ${value}, expected ${expected}`);
}
