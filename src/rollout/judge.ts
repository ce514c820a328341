/** Runs a task's verifier over completions: the only place where a fault of the verifier is caught. */
import pLimit from "p-limit";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { withDeadline } from "../verifiers/deadline.ts";
import { notGraded, Verdict } from "../verifiers/verdict.ts";
import type { Task } from "./task.ts";

/** What `judge` needs of a trajectory. */
export interface Completion {
  readonly id: string;
  readonly completion: string;
}

export interface Judgment {
  readonly verdict: Verdict;
  /** Null exactly when the verdict is not graded. */
  readonly reward: number | null;
  /** From the call of the verifier to its verdict. */
  readonly verifyMs: number;
}

/** A bound on verifiers under way, to be shared by several calls of `judge`. */
export type JudgeLimit = ReturnType<typeof pLimit>;

export function judgeLimit(concurrency: number): JudgeLimit {
  return pLimit(concurrency);
}

export interface JudgeOptions {
  /** Verifiers under way at the same time: a number for this call, or a bound shared with other calls. */
  readonly concurrency: number | JudgeLimit;
  /**
   * Deadline of one verdict; none by default. It bounds verifiers that wait for something (a sandbox, a server), so a
   * missed one is our fault: not graded. A verifier that only computes cannot be interrupted, and its verdict stands.
   */
  readonly timeoutMs?: number;
}

/**
 * Verdicts by trajectory id. A throw or a broken verdict is "not graded", never a reward of 0.
 *
 * @throws E_MISMATCH when two completions share an id
 */
export async function judge<Schema extends z.ZodType>(
  task: Task<Schema>,
  row: z.output<Schema>,
  completions: readonly Completion[],
  options: JudgeOptions,
): Promise<Map<string, Judgment>> {
  const { concurrency } = options;
  const limit = typeof concurrency === "number" ? pLimit(concurrency) : concurrency;
  const judgments = new Map<string, Judgment>();
  for (const { id } of completions) {
    if (judgments.has(id)) throw new RlvrError("E_MISMATCH", `two completions have the id ${JSON.stringify(id)}`);
    judgments.set(id, PENDING); // fixes the order: that of the completions, not of the verdicts
  }
  await Promise.all(
    completions.map(({ id, completion }) =>
      limit(async () => {
        const start = performance.now();
        const verdict = await verdictOf(task, row, completion, options.timeoutMs);
        const reward = verdict.status === "graded" ? verdict.reward : null;
        judgments.set(id, { verdict, reward, verifyMs: performance.now() - start });
      }),
    ),
  );
  return judgments;
}

const PENDING: Judgment = { verdict: notGraded("infrastructure-error", "not judged yet"), reward: null, verifyMs: 0 };

async function verdictOf<Schema extends z.ZodType>(
  task: Task<Schema>,
  row: z.output<Schema>,
  completion: string,
  timeoutMs: number | undefined,
): Promise<Verdict> {
  try {
    const verify = timeoutMs === undefined ? task.verify : withDeadline(task.verify, timeoutMs);
    const returned = await verify(completion, row);
    const checked = Verdict.safeParse(returned);
    if (checked.success) return checked.data;
    return notGraded("verifier-error", `the verifier returned no verdict: ${z.prettifyError(checked.error)}`);
  } catch (error) {
    return notGraded("verifier-error", error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}
