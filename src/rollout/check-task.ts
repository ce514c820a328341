/** The contract of a task, as a function: what a task author wants to know before a run, and CI asks of every folder. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Verdict } from "../verifiers/verdict.ts";
import { distortions, HOSTILE } from "./hostile.ts";
import { judge } from "./judge.ts";
import { type Row, readRows } from "./rows.ts";
import type { Split, Task } from "./task.ts";

/** A broken clause of the contract. */
export interface Finding {
  readonly check: "cases" | "rows" | "ids" | "determinism" | "solution" | "splits" | "hostile";
  /** What came, and what was expected. */
  readonly message: string;
}

export interface CheckTaskOptions {
  /** Rows read of each split. */
  readonly rows?: number;
  readonly seed?: number;
}

/** A hostile text that takes longer lets the policy slow down a run. Generous, for loaded machines. */
const SLOW_MS = 1000;
const SOLUTIONS_CHECKED = 100; // of each split
const EPSILON = 1e-9; // rewards are sums of a few products

/**
 * Checks the contract; an empty list means that it holds.
 *
 * The cases give their rewards, with one right, one wrong and one unparsable among them. Rows fit the schema, have unique
 * ids, come the same for the same seed, and share no prompt between the splits. Solutions get the best reward of the cases.
 * Hostile texts are graded, soon, and the same twice; the empty text earns less than a right answer.
 */
export async function checkTask<Schema extends z.ZodType>(
  task: Task<Schema>,
  { rows: limit = 1000, seed = 0 }: CheckTaskOptions = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const report = (check: Finding["check"], message: string) => findings.push({ check, message });

  await checkCases(task, report);
  const train = await checkSplit(task, "train", seed, limit, report);
  const evaluation = await checkSplit(task, "eval", seed, limit, report);

  const trained = new Set(train.prompts);
  const shared = evaluation.prompts.filter((prompt) => trained.has(prompt));
  if (shared[0] !== undefined) {
    report("splits", `${shared.length} eval prompts are also train prompts, first ${quote(shared[0])}`);
  }
  const row = evaluation.rows[0] ?? train.rows[0];
  if (row !== undefined) await checkHostile(task, row, report);
  return findings;
}

type Report = (check: Finding["check"], message: string) => void;

async function checkCases<Schema extends z.ZodType>(task: Task<Schema>, report: Report): Promise<void> {
  const outcomes = new Set<string>();
  for (const [index, { row, completion, reward }] of task.cases.entries()) {
    const parsed = task.row.safeParse(row);
    if (!parsed.success) {
      report("cases", `the row of case ${index} does not fit the schema: ${z.prettifyError(parsed.error)}`);
      continue;
    }
    const verdict = await verdictOf(task, parsed.data as Row<Schema>, completion);
    const got = verdict.status === "graded" ? `reward ${verdict.reward}` : "no grade";
    if (verdict.status === "graded") outcomes.add(verdict.outcome);
    if (verdict.status !== "graded" || Math.abs(verdict.reward - reward) > EPSILON) {
      report("cases", `case ${index}, ${quote(completion)}, has ${got} (${verdict.reason}), expected reward ${reward}`);
    }
  }
  for (const outcome of ["correct", "incorrect", "unparsed"]) {
    if (!outcomes.has(outcome)) report("cases", `no case is ${outcome}, expected at least one`);
  }
}

interface CheckedSplit<Item> {
  readonly rows: readonly Item[];
  readonly prompts: readonly string[];
}

async function checkSplit<Schema extends z.ZodType>(
  task: Task<Schema>,
  split: Split,
  seed: number,
  limit: number,
  report: Report,
): Promise<CheckedSplit<Row<Schema>>> {
  let rows: Row<Schema>[];
  try {
    rows = await readRows(task, split, seed, limit);
    if (!isDeepStrictEqual(rows, await readRows(task, split, seed, limit))) {
      report("determinism", `the ${split} split gives other rows when loaded again with seed ${seed}`);
    }
  } catch (error) {
    report("rows", messageOf(error));
    return { rows: [], prompts: [] };
  }
  if (rows.length === 0) report("rows", `the ${split} split has no rows`);

  const ids = new Set<string>();
  for (const { id } of rows) {
    if (ids.has(id)) report("ids", `the ${split} split has the id ${quote(id)} twice`);
    ids.add(id);
  }
  const prompts = checkPrompts(task, split, rows, report);
  await checkSolutions(task, rows.slice(0, SOLUTIONS_CHECKED), report);
  return { rows, prompts };
}

function checkPrompts<Schema extends z.ZodType>(
  task: Task<Schema>,
  split: Split,
  rows: readonly Row<Schema>[],
  report: Report,
): string[] {
  try {
    const prompts = rows.map((row) => task.prompt(row));
    for (const [i, row] of rows.entries()) {
      if (typeof prompts[i] !== "string" || prompts[i] === "") report("rows", `row ${quote(row.id)} has no prompt`);
      else if (prompts[i] !== task.prompt(row)) {
        report("determinism", `the prompt of row ${quote(row.id)} is not the same twice`);
      }
    }
    return prompts;
  } catch (error) {
    report("rows", `a prompt of the ${split} split throws: ${messageOf(error)}`);
    return [];
  }
}

async function checkSolutions<Schema extends z.ZodType>(
  task: Task<Schema>,
  rows: readonly Row<Schema>[],
  report: Report,
): Promise<void> {
  if (task.solution === undefined) return;
  const best = bestReward(task);
  for (const row of rows) {
    let solution: string;
    try {
      solution = task.solution(row);
    } catch (error) {
      report("solution", `the solution of row ${quote(row.id)} throws: ${messageOf(error)}`);
      continue;
    }
    const verdict = await verdictOf(task, row, solution);
    if (verdict.status === "graded" && verdict.outcome === "correct" && verdict.reward >= best - EPSILON) continue;
    report("solution", `the solution of row ${quote(row.id)} has ${describe(verdict)}, expected correct with ${best}`);
  }
}

async function checkHostile<Schema extends z.ZodType>(
  task: Task<Schema>,
  row: Row<Schema>,
  report: Report,
): Promise<void> {
  for (const text of [...HOSTILE, ...distortionsOf(task, row)]) {
    const start = performance.now();
    const verdict = await verdictOf(task, row, text);
    const elapsed = performance.now() - start;
    if (elapsed > SLOW_MS) {
      report("hostile", `${quote(text)} takes ${Math.round(elapsed)} ms, expected ≤ ${SLOW_MS} ms`);
      continue; // once is enough
    }
    if (verdict.status === "not-graded") report("hostile", `${quote(text)} is not graded: ${verdict.reason}`);
    if (!isDeepStrictEqual(verdict, await verdictOf(task, row, text))) {
      report("determinism", `the verdict of ${quote(text)} is not the same twice`);
    }
    if (text === "" && verdict.status === "graded" && verdict.reward >= bestReward(task)) {
      report("hostile", `the empty completion has ${describe(verdict)}, expected less than a right answer`);
    }
  }
}

function distortionsOf<Schema extends z.ZodType>(task: Task<Schema>, row: Row<Schema>): string[] {
  try {
    return task.solution === undefined ? [] : distortions(task.solution(row));
  } catch {
    return []; // checkSolutions has reported it
  }
}

/** The verdict as a run would see it: a throw is "not graded". */
async function verdictOf<Schema extends z.ZodType>(
  task: Task<Schema>,
  row: Row<Schema>,
  text: string,
): Promise<Verdict> {
  const judgments = await judge(task, row, [{ id: "check", completion: text }], { concurrency: 1 });
  return judgments.get("check")?.verdict as Verdict;
}

function bestReward(task: Task): number {
  return Math.max(...task.cases.map(({ reward }) => reward));
}

function describe(verdict: Verdict): string {
  const grade = verdict.status === "graded" ? `${verdict.outcome} with ${verdict.reward}` : verdict.cause;
  return `${grade} (${verdict.reason})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text);
}
