/** Where the verdicts of a check come from. */
import { judge, judgeLimit, type Task } from "../rollout/index.ts";
import type { Verdict } from "../verifiers/verdict.ts";

export interface Timed {
  readonly verdict: Verdict;
  /** From the call of the verifier to its verdict. */
  readonly ms: number;
}

/** Gives verdicts as a run would see them: a throw is "not graded". */
export interface Judging {
  judge(row: unknown, completion: string): Promise<Timed>;
  /** Whoever still waits for a verdict gets an AbortError. */
  close(): void;
}

/** Verifiers under way at the same time: enough for those that wait for a sandbox. */
export const CONCURRENT = 4;

/** In this process: a verifier that never returns is never interrupted. `judgeApart` can. */
export function judgeHere(task: Task): Judging {
  const limit = judgeLimit(CONCURRENT);
  return {
    async judge(row, completion) {
      const judgments = await judge(task, row, [{ id: "only", completion }], { concurrency: limit });
      const { verdict, verifyMs } = judgments.get("only") as NonNullable<ReturnType<typeof judgments.get>>;
      return { verdict, ms: verifyMs };
    },
    close() {},
  };
}
