/** The tasks that a server serves: loaded once, with what clients must know of their rows. */
import { z } from "zod";
import { loadTask } from "../rollout/load-task.ts";
import { type Row, readRows } from "../rollout/rows.ts";
import type { Split, Task } from "../rollout/task.ts";

/** JSON Schema of what the task's `row` accepts. */
export interface RowSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

export type AnyRow = Row<z.ZodType>;

export interface ServedTask {
  readonly task: Task;
  /** `{}` where the schema cannot be written as JSON Schema. */
  readonly rowSchema: RowSchema;
  /** Rows by id; read once, when a request first names one. @throws E_TASK_DATA */
  rowById(id: string, split: Split): Promise<AnyRow | undefined>;
}

export interface ServedTaskOptions {
  readonly seed: number;
  /** Rows of a split that are kept: an endless split gives its first ones. */
  readonly indexRows: number;
}

/** Tasks by name or path. @throws E_TASK for one that is not there or does not load */
export async function loadServedTasks(names: readonly string[], options: ServedTaskOptions): Promise<ServedTask[]> {
  const served: ServedTask[] = [];
  for (const name of names) served.push(serveTask(await loadTask(name), options));
  return served;
}

export function serveTask<Schema extends z.ZodType>(typed: Task<Schema>, options: ServedTaskOptions): ServedTask {
  const { seed, indexRows } = options;
  const task = typed as unknown as Task; // its rows are checked by its own schema before it sees them
  const indexes = new Map<Split, Promise<Map<string, AnyRow>>>();
  const index = async (split: Split) =>
    new Map((await readRows(task, split, seed, indexRows)).map((row) => [row.id, row]));
  return {
    task,
    rowSchema: rowSchemaOf(task),
    async rowById(id, split) {
      let rows = indexes.get(split);
      if (rows === undefined) indexes.set(split, (rows = index(split)));
      return (await rows).get(id);
    },
  };
}

function rowSchemaOf(task: Task): RowSchema {
  try {
    const { $schema: _, ...schema } = z.toJSONSchema(task.row, { io: "input", unrepresentable: "any" });
    return schema;
  } catch {
    return {}; // a schema of another library, or of another copy of zod: it validates all the same
  }
}
