/**
 * Judges stored completions again, with the verifier as it is now.
 *
 * Two kinds of lines are read. Those of a run's ledger name their row by its id: it is loaded again, and counts as the same
 * row where it has the same prompt. Lines of other programs hold their row: `{"row": {…}, "completion": "…", "reward": 1}`.
 */
import type { z } from "zod";
import type { Task } from "../rollout/index.ts";
import { readLines } from "../rollout/lines.ts";
import { promptText } from "../rollout/prompt.ts";
import { parseRow, rawRows } from "../rollout/rows.ts";
import type { Verdict } from "../verifiers/verdict.ts";
import { CONCURRENT, type Judging, judgeHere } from "./judging.ts";
import { type AnyRow, EPSILON, messageOf } from "./right.ts";
import { NO_VERDICT, type Opinion, opinionOf, parseStored, type Stored } from "./stored-line.ts";

export interface RescoreOptions {
  /** Of the run: what its rows were loaded with. Default 0. */
  readonly seed?: number;
  /** Rows with the right id count although the task gives another prompt now. */
  readonly trustIds?: boolean;
  /** Gets each line of the new file, in order: with its new verdict, or as it stood where it was not judged again. */
  readonly onLine?: (text: string) => void;
  readonly judging?: Judging;
}

export interface LineProblem {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

export interface Change {
  readonly line: number;
  readonly row: string;
  readonly completion: string;
  readonly before: Opinion;
  readonly after: Opinion;
}

export interface RescoreReport {
  readonly task: string;
  /** Lines that are not blank. */
  readonly lines: number;
  readonly scored: number;
  /** Lines that hold no completion that could be judged. */
  readonly bad: readonly LineProblem[];
  /** Lines whose row the task does not give any more. */
  readonly unscored: readonly LineProblem[];
  /** How often each old outcome became each new one; most frequent first. */
  readonly transitions: readonly { readonly before: string; readonly after: string; readonly lines: number }[];
  /** Over the lines that have a reward before and after. */
  readonly meanBefore: number | null;
  readonly meanAfter: number | null;
  /** Every line whose outcome or reward is another one now. */
  readonly changes: readonly Change[];
}

/** Rows read of each split after which an id counts as gone. */
const MAX_SCANNED = 200_000;
const BATCH = 16 * CONCURRENT;

/** @throws E_TASK_DATA where the rows of a ledger do not load; errors of reading the file as they are */
export async function rescore<Schema extends z.ZodType>(
  definition: Task<Schema>,
  path: string,
  { seed = 0, trustIds = false, onLine, judging }: RescoreOptions = {},
): Promise<RescoreReport> {
  const task = definition as unknown as Task;
  const judge = judging ?? judgeHere(task);
  const rows = await findRows(task, await namedIds(path), seed);
  const tally = new Tally();

  const scoreLine = async (line: number, text: string): Promise<string> => {
    const stored = parseStored(text);
    if (typeof stored === "string") {
      tally.bad.push({ line, reason: stored });
      return text;
    }
    const row = rowFor(task, stored, rows, trustIds);
    if (typeof row === "string") {
      (stored.row === undefined ? tally.unscored : tally.bad).push({ line, reason: row });
      return text;
    }
    const { verdict } = await judge.judge(row, stored.completion);
    tally.count(line, row.id, stored, verdict);
    const reward = verdict.status === "graded" ? verdict.reward : null;
    return JSON.stringify({ ...stored.value, verdict, reward });
  };

  let batch: Promise<string>[] = [];
  const flush = async () => {
    for (const text of await Promise.all(batch)) onLine?.(text);
    batch = [];
  };
  for await (const { text, number } of readLines(path)) {
    if (text.trim() === "") continue;
    tally.lines++;
    const scored = scoreLine(number, text);
    scored.catch(() => undefined); // awaited with its batch
    batch.push(scored);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return tally.report(task.name);
}

/** Ids of the rows that lines name. */
async function namedIds(path: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { text } of readLines(path)) {
    const stored = parseStored(text);
    if (typeof stored !== "string" && stored.promptId !== undefined) ids.add(stored.promptId);
  }
  return ids;
}

/** Rows by id; a ledger's rows come from train, and an id that both splits have means the train row. */
async function findRows(task: Task, ids: ReadonlySet<string>, seed: number): Promise<Map<string, AnyRow>> {
  const rows = new Map<string, AnyRow>();
  for (const split of ["train", "eval"] as const) {
    if (rows.size === ids.size) break;
    for await (const raw of rawRows(task, split, seed)) {
      if (raw.index === MAX_SCANNED || rows.size === ids.size) break;
      const id = (raw.input as { id?: unknown } | null)?.id;
      if (typeof id === "string" && ids.has(id) && !rows.has(id)) rows.set(id, parseRow(task, split, raw) as AnyRow);
    }
  }
  return rows;
}

/** The row to judge a line by, or why there is none. */
function rowFor(task: Task, stored: Stored, rows: ReadonlyMap<string, AnyRow>, trustIds: boolean): AnyRow | string {
  if (stored.row !== undefined) {
    try {
      return task.row.parse(stored.row) as AnyRow;
    } catch (error) {
      return `its row does not fit the task: ${messageOf(error).replaceAll(/\s+/g, " ")}`;
    }
  }
  const id = stored.promptId as string;
  const row = rows.get(id);
  if (row === undefined) return `the task has no row ${JSON.stringify(id)}`;
  if (trustIds || stored.prompt === undefined || promptText(task.prompt(row)) === stored.prompt) return row;
  return `the row ${JSON.stringify(id)} has another prompt now`;
}

class Tally {
  lines = 0;
  readonly bad: LineProblem[] = [];
  readonly unscored: LineProblem[] = [];
  readonly #transitions = new Map<string, number>();
  readonly #changes: Change[] = [];
  #scored = 0;
  #compared = { lines: 0, before: 0, after: 0 };

  count(line: number, row: string, { completion, before }: Stored, verdict: Verdict): void {
    this.#scored++;
    const after = opinionOf(verdict);
    const key = JSON.stringify([before.outcome, after.outcome]);
    this.#transitions.set(key, (this.#transitions.get(key) ?? 0) + 1);
    if (before.reward !== null && after.reward !== null) {
      this.#compared.lines++;
      this.#compared.before += before.reward;
      this.#compared.after += after.reward;
    }
    if (isChange(before, after)) this.#changes.push({ line, row, completion, before, after });
  }

  report(task: string): RescoreReport {
    const { lines, before, after } = this.#compared;
    const byLine = (a: { line: number }, b: { line: number }) => a.line - b.line;
    return {
      task,
      lines: this.lines,
      scored: this.#scored,
      bad: this.bad.sort(byLine),
      unscored: this.unscored.sort(byLine),
      transitions: [...this.#transitions]
        .map(([key, count]) => {
          const [from, to] = JSON.parse(key) as [string, string];
          return { before: from, after: to, lines: count };
        })
        .sort((a, b) => b.lines - a.lines),
      meanBefore: lines === 0 ? null : before / lines,
      meanAfter: lines === 0 ? null : after / lines,
      changes: this.#changes.sort(byLine),
    };
  }
}

function isChange(before: Opinion, after: Opinion): boolean {
  if (before.outcome === NO_VERDICT) return before.reward !== null && !sameReward(before.reward, after.reward);
  return before.outcome !== after.outcome || !sameReward(before.reward, after.reward);
}

function sameReward(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= EPSILON;
}
