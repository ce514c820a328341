/** Finds a task by name or path, and checks its definition before anything runs. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { configureTask, splitTaskName } from "./configure-task.ts";
import type { Task } from "./task.ts";

/**
 * The package's own tasks. From the sources they are `tasks/`; from the build they are `dist/tasks/`, compiled, because
 * Node strips no types under node_modules.
 */
const OWN_TASKS = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../tasks" : "../tasks", import.meta.url));

const FILES = ["task.ts", "task.js", "task.mjs"];

type AnyFunction = (...args: never[]) => unknown;
const isFunction = z.custom<AnyFunction>((value) => typeof value === "function", "expected a function");

/** What a definition must look like; that it keeps its word is `rlvr check`'s matter. */
const Definition = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  row: z.custom<z.ZodType>((value) => isFunction.safeParse((value as z.ZodType | null)?.safeParse).success, {
    error: "expected a zod schema",
  }),
  prompt: isFunction,
  verify: isFunction,
  options: z.unknown().optional(),
  load: isFunction,
  solution: isFunction.optional(),
  steps: isFunction.optional(),
  fromAnswer: isFunction.optional(),
  sandbox: isFunction.optional(),
  cases: z.array(z.strictObject({ row: z.unknown(), completion: z.string(), reward: z.number() })).min(1),
  maxTokens: z.int().positive(),
  stop: z.array(z.string().min(1)).optional(),
  audit: z
    .strictObject({
      answers: z.enum(["number", "few", "many"]).optional(),
      tolerance: z.number().min(0).optional(),
      verdictMs: z.number().positive().optional(),
      families: z.array(z.string().min(1)).optional(),
    })
    .optional(),
});

export interface LoadTaskOptions {
  /** Where `tasks/` and relative paths are looked up; the working directory by default. */
  readonly cwd?: string;
}

/**
 * Loads `arithmetic` (from `tasks/` in the working directory, else from the package) or a path: `./my-task`,
 * `./my-task/task.ts`. Options follow a `?`: `gsm8k?path=data/gsm8k`, `sorting?difficulty=1-3`.
 *
 * @throws E_TASK when there is no such task, it does not load, or its definition is not one
 * @throws E_CONFIG for options that the task does not have, or of another form
 */
export async function loadTask(name: string, options: LoadTaskOptions = {}): Promise<Task> {
  const [nameOrPath, given] = splitTaskName(name);
  const task = await loadDefault(nameOrPath, options);
  return given === null ? task : configureTask(task, given);
}

async function loadDefault(nameOrPath: string, options: LoadTaskOptions): Promise<Task> {
  const file = findTask(nameOrPath, options.cwd ?? process.cwd());
  let module: { default?: unknown };
  try {
    module = await import(/* @vite-ignore */ pathToFileURL(file).href);
  } catch (error) {
    throw new RlvrError("E_TASK", `${file} does not load: ${error instanceof Error ? error.message : String(error)}`, {
      hint: "A task imports rlvr/task, rlvr/verifiers and zod: install them where its folder lies.",
      cause: error,
    });
  }
  return checkDefinition(module.default, file);
}

/** Names of the tasks that `loadTask` finds, sorted. Folders that begin with `_` are patterns to copy, not tasks. */
export function taskNames(options: LoadTaskOptions = {}): string[] {
  const names = taskFolders(options.cwd ?? process.cwd()).flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => taskFile(join(folder, name)) !== null) : [],
  );
  return [...new Set(names)].filter((name) => !name.startsWith("_")).sort();
}

function taskFolders(cwd: string): string[] {
  return [...new Set([resolve(cwd, "tasks"), OWN_TASKS])];
}

function findTask(nameOrPath: string, cwd: string): string {
  const isPath = /[\\/]/.test(nameOrPath) || nameOrPath.startsWith(".") || /\.[mc]?[jt]s$/.test(nameOrPath);
  const places = isPath ? [resolve(cwd, nameOrPath)] : taskFolders(cwd).map((folder) => join(folder, nameOrPath));
  for (const place of places) {
    const file = taskFile(place);
    if (file !== null) return file;
  }
  throw new RlvrError("E_TASK", `there is no task ${JSON.stringify(nameOrPath)} in ${places.join(" or ")}`, {
    hint: `Name a known task (${taskNames({ cwd }).join(", ")}), or give the path of a folder with a task.ts.`,
  });
}

/** The task file at a path: the path itself, or a task.ts or task.js in the folder. */
function taskFile(path: string): string | null {
  const stats = path === "" ? undefined : statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return path;
  if (!stats?.isDirectory()) return null;
  return FILES.map((name) => join(path, name)).find((file) => existsSync(file)) ?? null;
}

function checkDefinition(definition: unknown, file: string): Task {
  if (definition === undefined) {
    throw new RlvrError("E_TASK", `${file} has no default export, expected a task`, {
      hint: "Write `export default defineTask({ … })`.",
    });
  }
  const checked = Definition.safeParse(definition);
  if (!checked.success) {
    throw new RlvrError("E_TASK", `${file} exports no task: ${z.prettifyError(checked.error)}`, {
      hint: "Compare it with tasks/_template/task.ts.",
    });
  }
  const folder = basename(dirname(file));
  if (checked.data.name !== folder) {
    const name = JSON.stringify(checked.data.name);
    throw new RlvrError("E_TASK", `${file} has the name ${name}, expected ${JSON.stringify(folder)}: the folder's`, {
      hint: "Rename one of them.",
    });
  }
  return definition as Task;
}
