/** The contract of a task, as a function: what a task author wants to know before a run, and CI asks of every folder. */
import type { z } from "zod";
import type { Task } from "../rollout/index.ts";
import { verdictMsOf } from "./audit.ts";
import { checkGuessing, checkLeak, type Guess, type Leak } from "./check-answers.ts";
import { checkHostile } from "./check-hostile.ts";
import { checkRepeats, checkSplit, count } from "./check-rows.ts";
import { checkCases, checkMutations } from "./check-verdicts.ts";
import { type CheckResult, type Finding, FindingLog } from "./findings.ts";
import { type Judging, judgeHere } from "./judging.ts";
import { bestReward, type Right, solved } from "./right.ts";

export interface CheckTaskOptions {
  /** Rows read of each split. Default 1000. */
  readonly rows?: number;
  readonly seed?: number;
  /** In this process by default. */
  readonly judging?: Judging;
}

/** Of verdicts on right completions, one after the other. */
export interface Speed {
  readonly verdicts: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface TaskReport {
  readonly task: string;
  readonly seed: number;
  /** Read of each split. */
  readonly rows: { readonly train: number; readonly eval: number };
  readonly checks: readonly CheckResult[];
  readonly leak: Leak | null;
  readonly guess: Guess | null;
  readonly speed: Speed | null;
}

const SOLUTIONS_CHECKED = 100; // of each split
const TIMED = 50;

/**
 * The broken clauses of the contract; an empty list means that it holds.
 *
 * Rows fit the schema, have unique ids and prompts, come the same for the same seed, and share no prompt between the splits.
 * The cases give their rewards, with one right, one wrong and one unparsable among them. Solutions get the best reward of the
 * cases; with a changed number they do not. Hostile texts are graded, soon, and the same twice; the empty text earns less
 * than a right answer. No constant answer earns a fifth of the reward, unless the task says that there are few answers.
 */
export async function checkTask<Schema extends z.ZodType>(
  task: Task<Schema>,
  options: CheckTaskOptions = {},
): Promise<Finding[]> {
  const { checks } = await inspectTask(task, options);
  return checks.flatMap(({ findings }) => findings.filter(({ severity }) => severity === "error"));
}

/** The same with warnings and figures. */
export async function inspectTask<Schema extends z.ZodType>(
  definition: Task<Schema>,
  { rows = 1000, seed = 0, judging }: CheckTaskOptions = {},
): Promise<TaskReport> {
  const task = definition as unknown as Task;
  const judge = judging ?? judgeHere(task);
  const log = new FindingLog();

  await checkCases(task, judge, log);
  const train = await checkSplit(task, "train", { seed, rows }, log);
  const evaluation = await checkSplit(task, "eval", { seed, rows }, log);
  checkRepeats(train, evaluation, log);
  const all = (train.rows.length + evaluation.rows.length).toLocaleString("en");
  log.saw("rows", `${count(train.rows)} train and ${count(evaluation.rows)} eval rows`);
  log.saw("ids", `${all} ids`);
  log.saw("prompts", `${all} prompts`);
  log.saw("determinism", "rows, prompts and hostile texts, each twice");

  const known = [...train.rows.slice(0, SOLUTIONS_CHECKED), ...evaluation.rows.slice(0, SOLUTIONS_CHECKED)];
  const { rights, failures } = await solved(task, known, judge);
  for (const failure of failures) log.error("solution", failure);
  if (task.solution !== undefined) log.saw("solution", `${count(known)} solutions, reward ${bestReward(task)}`);
  await checkMutations(task, rights, seed, judge, log);

  const leak = task.solution === undefined ? null : checkLeak(rights, log);
  const guess = await checkGuessing(task, train.rows, evaluation.rows, seed, judge, log);
  const row = evaluation.rows[0] ?? train.rows[0];
  if (row !== undefined) await checkHostile(task, row, rights, verdictMsOf(task), judge, log);
  const speed = await checkSpeed(rights, verdictMsOf(task), judge, log);
  return {
    task: task.name,
    seed,
    rows: { train: train.rows.length, eval: evaluation.rows.length },
    checks: log.results(),
    leak,
    guess,
    speed,
  };
}

async function checkSpeed(
  rights: readonly Right[],
  slowMs: number,
  judging: Judging,
  log: FindingLog,
): Promise<Speed | null> {
  const times: number[] = [];
  for (const { row, solution } of rights.slice(0, TIMED)) times.push((await judging.judge(row, solution)).ms);
  if (times.length === 0) return null;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1] as number;
  const total = times.reduce((sum, ms) => sum + ms, 0);
  const speed = { verdicts: times.length, perSecond: (1000 * times.length) / total, p50Ms: at(0.5), p99Ms: at(0.99) };
  const figures = `${Math.round(speed.perSecond).toLocaleString("en")} verdicts/s, p50 ${milliseconds(speed.p50Ms)}, p99 ${milliseconds(speed.p99Ms)}`;
  if (speed.p99Ms > slowMs) log.warning("speed", `${figures}, expected p99 ≤ ${slowMs} ms`);
  log.saw("speed", figures);
  return speed;
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : Math.round(ms)} ms`;
}
