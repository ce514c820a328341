/** Verdicts whose worth is known: of the cases, of solutions, and of solutions that were changed. */
import { z } from "zod";
import { Rng } from "../rng.ts";
import type { Task } from "../rollout/index.ts";
import { changedAnswers } from "./answers.ts";
import { count } from "./check-rows.ts";
import type { FindingLog } from "./findings.ts";
import type { Judging } from "./judging.ts";
import { type AnyRow, EPSILON, isRight, quote, type Right } from "./right.ts";
import { fill } from "./slot.ts";

const MUTATED_ROWS = 50;
const MUTATIONS = 5; // of each row

export async function checkCases(task: Task, judging: Judging, log: FindingLog): Promise<void> {
  const outcomes = new Set<string>();
  for (const [index, { row, completion, reward }] of task.cases.entries()) {
    const parsed = task.row.safeParse(row);
    if (!parsed.success) {
      log.error("cases", `the row of case ${index} does not fit the schema: ${z.prettifyError(parsed.error)}`);
      continue;
    }
    const { verdict } = await judging.judge(parsed.data, completion);
    const got = verdict.status === "graded" ? `reward ${verdict.reward}` : "no grade";
    if (verdict.status === "graded") outcomes.add(verdict.outcome);
    if (verdict.status !== "graded" || Math.abs(verdict.reward - reward) > EPSILON) {
      log.error(
        "cases",
        `case ${index}, ${quote(completion)}, has ${got} (${verdict.reason}), expected reward ${reward}`,
      );
    }
  }
  for (const outcome of ["correct", "incorrect", "unparsed"]) {
    if (!outcomes.has(outcome)) log.error("cases", `no case is ${outcome}, expected at least one`);
  }
  log.saw("cases", `${task.cases.length} cases`);
}

/** A changed number must be wrong; any other change, and any change where a row has many answers, is for a person to see. */
export async function checkMutations(
  task: Task,
  rights: readonly Right[],
  seed: number,
  judging: Judging,
  log: FindingLog,
): Promise<void> {
  const some = rights.slice(0, MUTATED_ROWS);
  const tolerance = task.audit?.tolerance ?? 0;
  const judged = await Promise.all(
    some.flatMap((right, i) =>
      changedAnswers(right.slot.answer, new Rng(seed, `mutations/${i}`), tolerance)
        .slice(0, MUTATIONS)
        .map(async (changed) => ({
          right,
          changed,
          verdict: (await judging.judge(right.row, fill(right.slot, changed.text))).verdict,
        })),
    ),
  );
  for (const { right, changed, verdict } of judged) {
    if (!isRight(verdict, right.reward)) continue;
    const where = `row ${quote(right.row.id)}: ${excerpts(changed.text, right.slot.answer)}`;
    if (changed.sure && task.audit?.answers !== "many") log.error("mutations", `${where} (${verdict.reason})`);
    else log.warning("mutations", `${where}; look whether it is (${verdict.reason})`);
  }
  if (judged.length > 0) log.saw("mutations", `${judged.length} changes of ${count(some)} solutions`);
  await checkGoldFields(task, some, seed, judging, log);
}

/** The two answers around the first sign in which they differ. */
function excerpts(changed: string, answer: string): string {
  const differ = changed.split("").findIndex((sign, i) => sign !== answer[i]);
  const from = Math.max(0, (differ === -1 ? changed.length : differ) - 40);
  const part = (text: string) => quote(from === 0 ? text : `…${text.slice(from)}`);
  return `${part(changed)} is as right as ${part(answer)}`;
}

/** Fields of a row that always hold the answer must matter: else rows with a wrong one would go unnoticed. */
async function checkGoldFields(
  task: Task,
  rights: readonly Right[],
  seed: number,
  judging: Judging,
  log: FindingLog,
): Promise<void> {
  for (const field of goldFields(rights)) {
    const verdicts = await Promise.all(
      rights.map(({ row, solution, slot }, i) => {
        const rng = new Rng(seed, `mutations/${field}/${i}`);
        const changed = changedAnswers(slot.answer, rng, task.audit?.tolerance ?? 0)[0];
        return changed === undefined ? null : judging.judge(withField(row, field, changed.text), solution);
      }),
    );
    const judged = verdicts.flatMap((one, i) => (one === null ? [] : [isRight(one.verdict, rights[i]!.reward)]));
    if (judged.length > 0 && judged.every((right) => right)) {
      log.warning("mutations", `changing \`${field}\` in a row changes no verdict: the verifier does not look at it`);
    }
  }
}

/** Names of fields that equal the answer in every row, where answers differ. */
function goldFields(rights: readonly Right[]): string[] {
  const [first] = rights;
  if (first === undefined || new Set(rights.map(({ slot }) => slot.answer)).size < 2) return [];
  return Object.keys(first.row).filter((field) =>
    rights.every(({ row, slot }) => String((row as Record<string, unknown>)[field]) === slot.answer),
  );
}

function withField(row: AnyRow, field: string, text: string): AnyRow {
  const before = (row as Record<string, unknown>)[field];
  return { ...row, [field]: typeof before === "number" ? Number(text) : text };
}
