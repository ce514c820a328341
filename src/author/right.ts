/** Rows together with a completion that the verifier takes for right: what mutations and attacks start from. */
import type { Row, Task } from "../rollout/index.ts";
import { promptText } from "../rollout/prompt.ts";
import type { Graded, Verdict } from "../verifiers/verdict.ts";
import type { Judging } from "./judging.ts";
import { findSlot, type Slot } from "./slot.ts";

/** A row of a task of which nothing else is known. */
export type AnyRow = Row<Task["row"]>;

export interface Right {
  readonly row: AnyRow;
  readonly prompt: string;
  /** A completion with full reward. */
  readonly solution: string;
  readonly reward: number;
  /** What the verifier understood; what stands in the slot where it does not say. */
  readonly answer: string;
  readonly slot: Slot;
}

export interface Solved {
  /** In the order of the rows. */
  readonly rights: readonly Right[];
  /** Why a row is not among them: its solution throws, or does not get full reward. */
  readonly failures: readonly string[];
}

export const EPSILON = 1e-9; // rewards are sums of a few products

/** The best reward that a case promises. */
export function bestReward(task: Task): number {
  return Math.max(...task.cases.map(({ reward }) => reward));
}

export function isRight(verdict: Verdict, best: number): verdict is Graded {
  return verdict.status === "graded" && verdict.outcome === "correct" && verdict.reward >= best - EPSILON;
}

/** Judges the rows' solutions; where the task has none, the completions of the cases with the best reward. */
export async function solved(task: Task, rows: readonly AnyRow[], judging: Judging): Promise<Solved> {
  const best = bestReward(task);
  const found = await Promise.all(
    (task.solution === undefined ? solvedCases(task) : rows.map((row) => solutionOf(task, row))).map(
      async (attempt) => {
        if ("failure" in attempt) return attempt.failure;
        const { row, solution } = attempt;
        const { verdict } = await judging.judge(row, solution);
        if (!isRight(verdict, best)) {
          return `the solution of row ${JSON.stringify(row.id)} has ${describe(verdict)}, expected correct with ${best}`;
        }
        const slot = findSlot(solution, verdict.answer);
        const answer = verdict.answer ?? slot.answer;
        return { row, prompt: promptOf(task, row), solution, reward: verdict.reward, answer, slot };
      },
    ),
  );
  return {
    rights: found.filter((one) => typeof one !== "string"),
    failures: task.solution === undefined ? [] : found.filter((one) => typeof one === "string"),
  };
}

type Attempt = { readonly row: AnyRow; readonly solution: string } | { readonly failure: string };

function solutionOf(task: Task, row: AnyRow): Attempt {
  try {
    return { row, solution: (task.solution as NonNullable<Task["solution"]>)(row) };
  } catch (error) {
    return { failure: `the solution of row ${JSON.stringify(row.id)} throws: ${messageOf(error)}` };
  }
}

function solvedCases(task: Task): Attempt[] {
  const best = bestReward(task);
  return task.cases
    .filter(({ reward }) => reward >= best - EPSILON)
    .flatMap(({ row, completion }) => {
      const parsed = task.row.safeParse(row);
      return parsed.success ? [{ row: parsed.data as AnyRow, solution: completion }] : [];
    });
}

/** Empty where the prompt throws: that is a finding of its own. */
function promptOf(task: Task, row: AnyRow): string {
  try {
    return promptText(task.prompt(row));
  } catch {
    return "";
  }
}

export function describe(verdict: Verdict): string {
  const grade = verdict.status === "graded" ? `${verdict.outcome} with ${verdict.reward}` : verdict.cause;
  return `${grade} (${verdict.reason})`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A text for a message: short, its control characters escaped. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text);
}
