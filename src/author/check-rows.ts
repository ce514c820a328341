/** Rows and prompts: do they fit the schema, are they the same twice, do they repeat, does a split hold the other's? */
import { isDeepStrictEqual } from "node:util";
import type { Split, Task } from "../rollout/index.ts";
import { promptText } from "../rollout/prompt.ts";
import { parseRow, rawRows } from "../rollout/rows.ts";
import type { FindingLog } from "./findings.ts";
import { type AnyRow, messageOf, quote } from "./right.ts";

export interface SplitRows {
  readonly rows: readonly AnyRow[];
  /** One for each row; none where a prompt throws. */
  readonly prompts: readonly string[];
}

/** Findings of one check that are listed; there may be thousands. */
const LISTED = 10;
/** Share of train prompts that may repeat: procedural tasks draw with replacement. */
const REPEATED = 0.05;

/** Reads up to `limit` rows; those that do not fit are reported and left out. */
export async function checkSplit(
  task: Task,
  split: Split,
  { seed, rows: limit }: { readonly seed: number; readonly rows: number },
  log: FindingLog,
): Promise<SplitRows> {
  const first = await readAll(task, split, seed, limit);
  for (const problem of first.problems.slice(0, LISTED)) log.error("rows", problem);
  const more = first.problems.length - LISTED;
  if (more > 0) log.error("rows", `${more} more rows of the ${split} split do not fit`);
  if (first.problems.length === 0) {
    if (first.rows.length === 0) log.error("rows", `the ${split} split has no rows`);
    const again = await readAll(task, split, seed, limit);
    if (!isDeepStrictEqual(first.rows, again.rows)) {
      log.error("determinism", `the ${split} split gives other rows when loaded again with seed ${seed}`);
    }
  }
  checkIds(split, first.rows, log);
  return { rows: first.rows, prompts: promptsOf(task, split, first.rows, log) };
}

async function readAll(task: Task, split: Split, seed: number, limit: number) {
  const rows: AnyRow[] = [];
  const problems: string[] = [];
  let count = 0;
  try {
    for await (const raw of rawRows(task, split, seed)) {
      try {
        rows.push(parseRow(task, split, raw) as AnyRow);
      } catch (error) {
        problems.push(messageOf(error));
      }
      if (++count === limit) break;
    }
  } catch (error) {
    problems.push(messageOf(error));
  }
  return { rows, problems };
}

function checkIds(split: Split, rows: readonly AnyRow[], log: FindingLog): void {
  const ids = new Set<string>();
  for (const { id } of rows) {
    if (ids.has(id)) log.error("ids", `the ${split} split has the id ${quote(id)} twice`);
    ids.add(id);
  }
}

function promptsOf(task: Task, split: Split, rows: readonly AnyRow[], log: FindingLog): string[] {
  try {
    const prompts = rows.map((row) => promptText(task.prompt(row)));
    for (const [i, row] of rows.entries()) {
      if (prompts[i] === "") {
        log.error("prompts", `row ${quote(row.id)} has no prompt`);
      } else if (prompts[i] !== promptText(task.prompt(row))) {
        log.error("determinism", `the prompt of row ${quote(row.id)} is not the same twice`);
      }
    }
    return prompts;
  } catch (error) {
    log.error("prompts", `a prompt of the ${split} split throws: ${messageOf(error)}`);
    return [];
  }
}

/** Prompts that occur twice: in both splits, and within one. */
export function checkRepeats(train: SplitRows, evaluation: SplitRows, log: FindingLog): void {
  const trained = new Set(train.prompts);
  const shared = evaluation.prompts.filter((prompt) => trained.has(prompt));
  if (shared[0] !== undefined) {
    log.error("splits", `${shared.length} eval prompts are also train prompts, first ${quote(shared[0])}`);
  }
  const nearly = new Set(train.prompts.map(normalized));
  const alike = evaluation.prompts.filter((prompt) => !trained.has(prompt) && nearly.has(normalized(prompt)));
  if (alike[0] !== undefined) {
    const how = "but for case, spaces and the sign at their end";
    log.warning("splits", `${alike.length} eval prompts are train prompts ${how}, first ${quote(alike[0])}`);
  }
  log.saw("splits", `${count(evaluation.prompts)} eval prompts against ${count(train.prompts)} train prompts`);

  const shares = [repeats("train", train.prompts, REPEATED, log), repeats("eval", evaluation.prompts, 0, log)];
  log.saw("duplicates", `train ${shares[0]}, eval ${shares[1]} repeated`);
}

function repeats(split: Split, prompts: readonly string[], allowed: number, log: FindingLog): string {
  const seen = new Set<string>();
  const again = prompts.filter((prompt) => {
    const text = normalized(prompt);
    const known = seen.has(text);
    seen.add(text);
    return known;
  });
  const share = prompts.length === 0 ? 0 : again.length / prompts.length;
  if (share > allowed) {
    const first = quote(again[0] as string);
    log.warning(
      "duplicates",
      `${again.length} of ${count(prompts)} ${split} prompts repeat another one, first ${first}`,
    );
  }
  return `${(100 * share).toFixed(1)} %`;
}

function normalized(prompt: string): string {
  return prompt
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/\s+/g, " ")
    .replace(/[\s.?!:]+$/, "")
    .trim();
}

export function count(items: readonly unknown[]): string {
  return items.length.toLocaleString("en");
}
