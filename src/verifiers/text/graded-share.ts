/** Verdicts of verifiers that measure a share: 1 is correct, 0 is incorrect, anything between is partial. */
import { type Graded, graded } from "../verdict.ts";

/** `share` in [0, 1] is the reward. */
export function gradedShare(
  share: number,
  answer: string | null,
  reason: string,
  metrics: Record<string, number> = {},
): Graded {
  const outcome = share >= 1 ? "correct" : share <= 0 ? "incorrect" : "partial";
  return graded(share, outcome, answer, reason, metrics);
}
