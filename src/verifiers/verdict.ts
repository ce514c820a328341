/**
 * What a verifier says of one completion.
 *
 * Whatever the model wrote is *graded*. What we got wrong is *not graded*: it carries no reward, and the completion
 * leaves the loss and its group's statistics. Nothing that the model writes can make a verdict "not graded".
 */
import { z } from "zod";

export const OUTCOMES = ["correct", "incorrect", "partial", "unparsed", "timed-out"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const Graded = z.strictObject({
  status: z.literal("graded"),
  reward: z.number().describe("finite; what the policy is trained on"),
  outcome: z.enum(OUTCOMES),
  answer: z.string().nullable().describe("what the verifier understood the answer to be; null if it found none"),
  reason: z.string().describe("why, in words a person can act on"),
  metrics: z.record(z.string(), z.number()).default({}).describe("named parts of the reward and other numbers to log"),
});
export type Graded = z.infer<typeof Graded>;

export const NotGraded = z.strictObject({
  status: z.literal("not-graded"),
  cause: z.enum(["abstained", "verifier-error", "infrastructure-error"]),
  reason: z.string(),
});
export type NotGraded = z.infer<typeof NotGraded>;

export const Verdict = z.discriminatedUnion("status", [Graded, NotGraded]);
export type Verdict = z.infer<typeof Verdict>;

/** What a caller may hand a verifier besides its input. No verdict depends on it. */
export interface VerifyContext {
  /** Aborted when nobody waits for the verdict any more: a verifier that waits for a server or a sandbox gives up. */
  readonly signal?: AbortSignal;
}

/** Judges one completion against one row of a task. Pure: same input, same verdict. Throws only for our own faults. */
export type Verifier<Row> = (completion: string, row: Row, context?: VerifyContext) => Verdict | Promise<Verdict>;

export function graded(
  reward: number,
  outcome: Outcome,
  answer: string | null,
  reason: string,
  metrics: Record<string, number> = {},
): Graded {
  return { status: "graded", reward, outcome, answer, reason, metrics };
}

export function notGraded(cause: NotGraded["cause"], reason: string): NotGraded {
  return { status: "not-graded", cause, reason };
}
