/** A new task folder, copied from one of the templates that ship. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RlvrError } from "../errors.ts";

/** Verifier → folder of tasks/ with a task that uses it. Each keeps the contract by itself. */
export const TEMPLATES = {
  "exact-number": "_template",
  math: "_template-math",
} as const;
export type TemplateName = keyof typeof TEMPLATES;

const OWN_TASKS = fileURLToPath(new URL("../../tasks", import.meta.url)); // the same way from src and dist

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 64;

export interface ScaffoldOptions {
  /** The folder that gets the task's folder, such as `tasks`; made where it is missing. */
  readonly parent: string;
  readonly template: TemplateName;
}

/**
 * Makes `<parent>/<name>`, whole or not at all, and returns its path.
 *
 * @throws E_TASK for a name that is none, or a folder that exists
 */
export function scaffoldTask(name: string, { parent, template }: ScaffoldOptions): string {
  if (!NAME.test(name) || name.length > LONGEST_NAME) {
    const rule = `lower-case letters and digits in words joined by -, beginning with a letter, at most ${LONGEST_NAME} signs`;
    throw new RlvrError("E_TASK", `the task has the name ${JSON.stringify(name)}, expected ${rule}`, {
      hint: "A name such as two-digit-sums is also the name of its folder.",
    });
  }
  const path = join(parent, name);
  if (existsSync(path)) {
    throw new RlvrError("E_TASK", `${path} exists, expected a new folder`, {
      hint: "Choose another name, or delete it.",
    });
  }
  mkdirSync(parent, { recursive: true });
  const aside = mkdtempSync(join(parent, ".tmp-"));
  try {
    const source = TEMPLATES[template];
    cpSync(join(OWN_TASKS, source), aside, { recursive: true });
    for (const file of readdirSync(aside)) rename(join(aside, file), source, name);
    renameSync(aside, path);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return path;
}

/** The template's name, wherever it stands as a name of its own. */
function rename(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(`"${from}"`, `"${to}"`).replace(`# ${from}\n`, `# ${to}\n`));
}
