/** Rows of a task, parsed by its schema: the first ones in order, or an endless, seeded, resumable stream. */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { Rng } from "../rng.ts";
import type { Split, Task } from "./task.ts";

/** A parsed row: `defineTask` asks for the id. */
export type Row<Schema extends z.ZodType> = z.output<Schema> & { readonly id: string };

/** Rows shuffled together: whole data sets of common size, and little memory for an endless one. */
const WINDOW = 8192;

/** At most `limit` rows in the task's own order. Fewer where the split ends. Throws E_TASK_DATA. */
export async function readRows<Schema extends z.ZodType>(
  task: Task<Schema>,
  split: Split,
  seed: number,
  limit: number,
): Promise<Row<Schema>[]> {
  const rows: Row<Schema>[] = [];
  if (limit < 1) return rows;
  for await (const raw of rawRows(task, split, seed)) {
    rows.push(parseRow(task, split, raw));
    if (rows.length === limit) break;
  }
  return rows;
}

/** An endless stream of rows with a position. */
export interface RowSource<Item> {
  /** Rows given out so far. Saved and passed as `start`, it goes on from here. */
  readonly position: number;
  take(count: number): Promise<Item[]>;
  /** Lets the task's loader release what it holds. */
  close(): Promise<void>;
}

/**
 * Rows of a split, over and over: each pass through a finite split gives each row once, in an order of its own that
 * (seed, pass) decide. Splits of more than 8192 rows, endless ones too, are shuffled within windows of that size.
 *
 * Equal (task, split, seed, start) give equal rows. Skipping to `start` reads what it skips, but does not parse it.
 *
 * @throws E_TASK_DATA from `take` when a row does not fit the schema, or the split is empty or fails to load
 */
export function endlessRows<Schema extends z.ZodType>(
  task: Task<Schema>,
  split: Split,
  seed: number,
  start = 0,
): RowSource<Row<Schema>> {
  const stream = shuffledPasses(task, split, seed);
  let position = start;
  let read = 0;

  const next = async (): Promise<RawRow> => {
    const { value, done } = await stream.next();
    if (done) throw new RlvrError("E_TASK_DATA", `the rows of task ${JSON.stringify(task.name)} were closed`);
    read++;
    return value;
  };
  return {
    get position() {
      return position;
    },
    async take(count) {
      while (read < position) await next();
      const rows: Row<Schema>[] = [];
      while (rows.length < count) {
        rows.push(parseRow(task, split, await next()));
        position++;
      }
      return rows;
    },
    async close() {
      await stream.return(undefined);
    },
  };
}

export interface RawRow {
  readonly input: unknown;
  /** Place in what `load` yields, from 0. */
  readonly index: number;
}

async function* shuffledPasses(task: Task, split: Split, seed: number): AsyncGenerator<RawRow, undefined> {
  for (let pass = 0; ; pass++) {
    const rng = new Rng(seed, `rows/${split}/${pass}`);
    let window: RawRow[] = [];
    let count = 0;
    for await (const raw of rawRows(task, split, seed)) {
      count++;
      window.push(raw);
      if (window.length < WINDOW) continue;
      yield* rng.shuffle(window);
      window = [];
    }
    if (count === 0) {
      throw new RlvrError("E_TASK_DATA", `the ${split} split of task ${JSON.stringify(task.name)} has no rows`);
    }
    yield* rng.shuffle(window);
  }
}

/** Rows as a task yields them, not parsed yet. Throws E_TASK_DATA where it throws. */
export async function* rawRows(task: Task, split: Split, seed: number): AsyncGenerator<RawRow, undefined> {
  let index = 0;
  try {
    for await (const input of task.load(split, seed)) yield { input, index: index++ };
  } catch (error) {
    const where = `the ${split} split of task ${JSON.stringify(task.name)}`;
    throw new RlvrError("E_TASK_DATA", `${where} failed to load after ${index} rows: ${messageOf(error)}`, {
      cause: error,
      ...(error instanceof RlvrError && error.hint !== undefined ? { hint: error.hint } : {}),
    });
  }
}

/** Throws E_TASK_DATA, with the row's place, where it does not fit the schema or has no id. */
export function parseRow<Schema extends z.ZodType>(task: Task<Schema>, split: Split, raw: RawRow): Row<Schema> {
  const where = `row ${raw.index} of the ${split} split of task ${JSON.stringify(task.name)}`;
  const parsed = task.row.safeParse(raw.input);
  if (!parsed.success) {
    throw new RlvrError("E_TASK_DATA", `${where} does not fit the task's schema: ${z.prettifyError(parsed.error)}`, {
      hint: `Fix the row, or the schema in the task's definition. It has ${JSON.stringify(raw.input)?.slice(0, 200)}.`,
    });
  }
  const row = parsed.data as { readonly id?: unknown } | null;
  if (typeof row?.id !== "string" || row.id === "") {
    throw new RlvrError("E_TASK_DATA", `${where} has the id ${JSON.stringify(row?.id)}, expected a text`);
  }
  return parsed.data as Row<Schema>;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
