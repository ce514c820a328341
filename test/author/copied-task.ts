/** A task folder on disk, outside of the repository, that finds this package by its name. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Lets the tasks under a folder import rlvr and zod. */
export function linkPackages(folder: string): void {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules", "rlvr"), "junction");
  symlinkSync(join(ROOT, "node_modules", "zod"), join(folder, "node_modules", "zod"), "junction");
}

/** The successor task with a verifier's body of its own; `verify(text, row, sound)`. */
export function writeTask(folder: string, name: string, body: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, "task.ts"),
    `import { defineTask } from "rlvr/task";
import { answerTag, exactNumber } from "rlvr/verifiers";
import { z } from "zod";

const rowOf = (n: number) => ({ id: String(n), n, answer: n + 1 });
const sound = exactNumber(answerTag);

export default defineTask({
  name: "${name}",
  description: "the number after n",
  row: z.strictObject({ id: z.string(), n: z.int(), answer: z.int() }),
  prompt: ({ n }) => \`What comes after \${n}?\`,
  solution: ({ answer }) => \`<answer>\${answer}</answer>\`,
  verify: (text, row) => { ${body} },
  maxTokens: 32,
  *load(split) {
    for (let n = split === "train" ? 0 : 50; n < (split === "train" ? 50 : 100); n++) yield rowOf(n);
  },
  cases: [
    { row: rowOf(7), completion: "<answer>8</answer>", reward: 1 },
    { row: rowOf(7), completion: "<answer>7</answer>", reward: 0 },
    { row: rowOf(7), completion: "8", reward: 0 },
  ],
});
`,
  );
  return path;
}
