/** Attacks a task's verifier with the catalog, and measures how often it is wrong on answers whose worth is known. */
import type { z } from "zod";
import { RlvrError } from "../errors.ts";
import { Rng } from "../rng.ts";
import { type AuditNotes, readRows, type Task } from "../rollout/index.ts";
import { changedAnswers } from "./answers.ts";
import type { AttackInput, Family } from "./attack.ts";
import { FAMILIES } from "./attacks/index.ts";
import { type Hole, HoleLog } from "./holes.ts";
import { type Judging, judgeHere } from "./judging.ts";
import { falseNegatives, type Rate, rateOf } from "./rates.ts";
import { type AnyRow, type Right, solved } from "./right.ts";
import { fill } from "./slot.ts";
import { strike } from "./strike.ts";

export interface AuditOptions {
  /** Rows on which the rates are measured. Default 100. */
  readonly rows?: number;
  /** Rows on which every attack runs. Default 10. */
  readonly attackedRows?: number;
  readonly seed?: number;
  /** One family alone, by its name. */
  readonly only?: string;
  /** In this process by default. */
  readonly judging?: Judging;
  readonly onFamily?: (name: string) => void;
}

export interface FamilyResult {
  readonly family: string;
  readonly summary: string;
  /** Texts judged. */
  readonly texts: number;
  readonly breaches: number;
  /** For a person to look at. */
  readonly doubts: number;
}

export interface AuditReport {
  readonly task: string;
  readonly seed: number;
  /** Rows with a right completion, of which `attackedRows` saw every attack. */
  readonly rows: number;
  readonly attackedRows: number;
  readonly families: readonly FamilyResult[];
  /** Breaches first. */
  readonly holes: readonly Hole[];
  /** Of wrong answers, accepted. Null where no wrong answer could be made. */
  readonly falsePositives: Rate | null;
  /** Of other writings of right answers, refused. */
  readonly falseNegatives: Rate;
  readonly refused: readonly { readonly rewrite: string; readonly rate: Rate; readonly example: string }[];
}

const LONGEST_VERDICT_MS = 1000;
const WRONG_ANSWERS = 6; // that an attack may choose from

/**
 * An audit of a task. It is the same for the same seed, times aside.
 *
 * @throws E_TASK where no completion is known to be right, E_TASK_DATA where rows do not load, E_CONFIG for an unknown family
 */
export async function auditTask<Schema extends z.ZodType>(
  definition: Task<Schema>,
  { rows = 100, attackedRows = 10, seed = 0, only, judging, onFamily }: AuditOptions = {},
): Promise<AuditReport> {
  const task = definition as unknown as Task;
  const families = familiesOf(task.audit, only);
  const judge = judging ?? judgeHere(task);
  const rights = await rightsOf(task, rows, seed, judge);
  const inputs = await Promise.all(rights.map((_, i) => inputOf(task, rights, i, seed, judge)));
  const limits = {
    slowMs: verdictMsOf(task),
    rewards: rewardRange(task, rights),
    answers: task.audit?.answers,
  };

  const log = new HoleLog();
  const results: FamilyResult[] = [];
  const counted: [row: number, accepted: boolean][] = [];
  for (const family of families) {
    onFamily?.(family.name);
    const before = log.counts;
    let texts = 0;
    for (const attack of family.attacks) {
      const most = attack.counts ? rows : Math.min(attack.rows ?? attackedRows, attackedRows);
      const { shown, accepted } = await strike(attack, inputs.slice(0, most), judge, limits);
      for (const one of shown) log.add(family.name, attack, one);
      const trials = accepted.flatMap((all, row) => all.map((one): [number, boolean] => [row, one]));
      texts += trials.length;
      if (attack.counts) counted.push(...trials);
    }
    const { name, summary } = family;
    const { breaches, doubts } = log.counts;
    results.push({
      family: name,
      summary,
      texts,
      breaches: breaches - before.breaches,
      doubts: doubts - before.doubts,
    });
  }
  const refusals = await falseNegatives(rights, task.audit?.answers === "number", judge, seed);
  return {
    task: task.name,
    seed,
    rows: rights.length,
    attackedRows: Math.min(attackedRows, rights.length),
    families: results,
    holes: log.holes(),
    falsePositives: counted.length === 0 ? null : rateOf(counted, seed),
    ...refusals,
  };
}

/** Longest time that a verdict may take. */
export function verdictMsOf({ audit }: { readonly audit?: AuditNotes }): number {
  return audit?.verdictMs ?? LONGEST_VERDICT_MS;
}

function familiesOf(notes: AuditNotes | undefined, only: string | undefined): readonly Family[] {
  const named = [...(notes?.families ?? []), ...(only === undefined ? [] : [only])];
  for (const name of named) {
    if (FAMILIES.some((family) => family.name === name)) continue;
    throw new RlvrError("E_CONFIG", `${JSON.stringify(name)} is no family of attacks`, {
      hint: `Families are ${FAMILIES.map((family) => family.name).join(", ")}.`,
    });
  }
  if (only !== undefined) return FAMILIES.filter(({ name }) => name === only);
  return FAMILIES.filter(({ name, onlyWhereNamed }) => !onlyWhereNamed || named.includes(name));
}

async function rightsOf(task: Task, rows: number, seed: number, judging: Judging): Promise<readonly Right[]> {
  const evaluated = (await readRows(task, "eval", seed, rows)) as AnyRow[];
  const read = evaluated.length > 0 ? evaluated : ((await readRows(task, "train", seed, rows)) as AnyRow[]);
  const { rights } = await solved(task, read, judging);
  if (rights.length > 0) return rights;
  throw new RlvrError("E_TASK", `no completion of task ${JSON.stringify(task.name)} gets full reward`, {
    hint: "Attacks start from right completions: give the task a `solution`, and mend what `rlvr check` finds.",
  });
}

async function inputOf(
  task: Task,
  rights: readonly Right[],
  index: number,
  seed: number,
  judging: Judging,
): Promise<AttackInput> {
  const right = rights[index] as Right;
  const others = [...rights.slice(index + 1), ...rights.slice(0, index)];
  const rng = new Rng(seed, `audit/${index}`);
  const tolerance = task.audit?.tolerance ?? 0;
  const changed = changedAnswers(right.slot.answer, rng, tolerance);
  const candidates = [
    ...changed.filter(({ sure }) => sure).map(({ text }) => text),
    ...others.slice(0, WRONG_ANSWERS).map(({ answer }) => answer),
    ...changed.filter(({ sure }) => !sure).map(({ text }) => text),
  ].filter((text) => text !== right.answer);
  const wrong: string[] = [];
  for (const text of new Set(candidates)) {
    const { verdict } = await judging.judge(right.row, fill(right.slot, text));
    if (verdict.status === "graded" && verdict.outcome !== "correct" && verdict.reward < right.reward) wrong.push(text);
    if (wrong.length === WRONG_ANSWERS) break;
  }
  return { ...right, others, wrong, changed, tolerance, rng };
}

/** What the cases promise, and what right answers get. */
function rewardRange(task: Task, rights: readonly Right[]): readonly [low: number, high: number] {
  const rewards = [...task.cases, ...rights].map(({ reward }) => reward);
  return [Math.min(...rewards), Math.max(...rewards)];
}
