/** Runs verifiers for all requests together: so many at a time, so many waiting, each with its deadline. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Judgment, judge, judgeLimit } from "../rollout/judge.ts";
import { notGraded, type Verdict } from "../verifiers/verdict.ts";
import { Refusal } from "./refusal.ts";
import type { AnyRow, ServedTask } from "./served-task.ts";

export interface Submission {
  readonly served: ServedTask;
  readonly row: AnyRow;
  readonly completion: string;
}

export interface Grade {
  readonly verdict: Verdict;
  /** Of the verifier alone, without waiting. */
  readonly ms: number;
  /** Not graded because its time was up. */
  readonly late: boolean;
}

export interface Grader {
  /** @throws {Refusal} busy when too many completions wait already */
  checkQueue(): void;
  /**
   * Waits for its turn, then for the verdict. What gets its turn after the deadline is not started, and late.
   *
   * @param deadline as of performance.now()
   */
  grade(submission: Submission, deadline: number): Promise<Grade>;
  /** Completions whose verifier runs, and those that wait for one. */
  readonly active: number;
  readonly waiting: number;
}

export interface GraderOptions {
  readonly concurrency: number;
  readonly queue: number;
  readonly itemTimeoutMs: number;
}

/** Verifiers that only compute do not let go of the thread: between two of them others get a turn this often. */
const TURN_MS = 20;
/** A timer may fire a little before its time on another clock. */
const CLOCK_SLACK_MS = 2;
/** `judge` takes a bound of its own; ours is around it, so that what waits can still be dropped. */
const UNBOUNDED = judgeLimit(Number.POSITIVE_INFINITY);

export function createGrader({ concurrency, queue, itemTimeoutMs }: GraderOptions): Grader {
  const limit = judgeLimit(concurrency);
  let turn = performance.now();
  const letOthers = async () => {
    if (performance.now() - turn < TURN_MS) return;
    await nextTurn();
    turn = performance.now();
  };

  const gradeNow = async ({ served, row, completion }: Submission, deadline: number): Promise<Grade> => {
    await letOthers();
    const timeoutMs = Math.ceil(Math.min(itemTimeoutMs, deadline - performance.now()));
    if (timeoutMs <= 0) return LATE;
    const options = { concurrency: UNBOUNDED, timeoutMs };
    const judgments = await judge(served.task, row, [{ id: ONLY, completion }], options);
    const { verdict, verifyMs: ms } = judgments.get(ONLY) as Judgment;
    const isOurs = verdict.status === "not-graded" && verdict.cause === "infrastructure-error";
    return { verdict, ms, late: isOurs && ms >= timeoutMs - CLOCK_SLACK_MS };
  };

  return {
    checkQueue() {
      if (limit.pendingCount < queue) return;
      const message = `${limit.pendingCount} completions wait for a verifier, expected fewer than ${queue}`;
      throw new Refusal("busy", message, "Try again, or start another server.");
    },
    grade: (submission, deadline) => limit(gradeNow, submission, deadline),
    get active() {
      return limit.activeCount;
    },
    get waiting() {
      return limit.pendingCount;
    },
  };
}

const ONLY = "only";
const LATE: Grade = { verdict: notGraded("infrastructure-error", "no verdict in time"), ms: 0, late: true };
