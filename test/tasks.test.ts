/** The contract, on every task folder found on disk: in the repository, and copied out of it. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkTask } from "../src/author/index.ts";
import { loadTask } from "../src/rollout/index.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TASKS = join(ROOT, "tasks");
const FOLDERS = readdirSync(TASKS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(FOLDERS)("tasks/%s", (name) => {
  test("keeps the contract", async () => {
    const task = await loadTask(join(TASKS, name));
    expect(await checkTask(task)).toEqual([]);
  });

  test("imports only rlvr/task, rlvr/verifiers, zod and its own folder", () => {
    for (const file of readdirSync(join(TASKS, name)).filter((file) => file.endsWith(".ts"))) {
      const source = readFileSync(join(TASKS, name, file), "utf8");
      const imports = [...source.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/gm)];
      for (const [, from, dynamic] of imports) {
        expect(dynamic ?? from).toMatch(/^(rlvr\/task|rlvr\/verifiers|zod|\.\/[\w-]+\.ts)$/);
      }
    }
  });

  test("has a README with What, Example and Reward", () => {
    const readme = readFileSync(join(TASKS, name, "README.md"), "utf8");
    expect(readme.split("\n")[0]).toBe(`# ${name}`);
    for (const heading of ["## What", "## Example", "## Reward"]) expect(readme).toContain(heading);
  });
});

describe("a task folder outside the repository", () => {
  let away: string;

  beforeAll(() => {
    away = mkdtempSync(join(tmpdir(), "rlvr-tasks-"));
    mkdirSync(join(away, "node_modules"));
    symlinkSync(ROOT, join(away, "node_modules", "rlvr"), "junction");
    symlinkSync(join(ROOT, "node_modules", "zod"), join(away, "node_modules", "zod"), "junction");
    for (const name of FOLDERS) {
      cpSync(join(TASKS, name), join(away, "tasks", name), { recursive: true });
      const file = join(away, "tasks", name, "task.ts");
      writeFileSync(file, readFileSync(file, "utf8").replace('description: "', 'description: "the copy: '));
    }
    writeFileSync(join(away, "check.ts"), CHECK);
  });
  afterAll(() => rmSync(away, { recursive: true, force: true }));

  test("loads by name and keeps the contract in a process of its own", () => {
    const output = execFileSync(process.execPath, ["--conditions=rlvr-source", "check.ts", ...FOLDERS], {
      cwd: away,
      encoding: "utf8",
    });
    expect(JSON.parse(output)).toEqual(
      FOLDERS.map((name) => ({ name, description: expect.stringMatching(/^the copy: /), findings: [] })),
    );
  });

  test("needs neither TensorFlow.js nor ONNX Runtime for rlvr/task and rlvr/verifiers", () => {
    const loaded = execFileSync(process.execPath, ["--conditions=rlvr-source", "--input-type=module", "-e", LOADED], {
      cwd: away,
      encoding: "utf8",
    });
    expect(JSON.parse(loaded).sort()).toEqual(["p-limit", "yocto-queue", "zod"]);
  });
});

/** A user's program beside the copied tasks. */
const CHECK = `
import { checkTask } from "rlvr/author";
import { loadTask } from "rlvr/rollout";
const results = [];
for (const folder of process.argv.slice(2)) {
  const task = await loadTask(folder);
  results.push({ name: task.name, description: task.description, findings: await checkTask(task) });
}
console.log(JSON.stringify(results));
`;

/** Prints the packages that the two light entries load. */
const LOADED = `
import { registerHooks } from "node:module";
const packages = new Set();
registerHooks({
  load(url, context, next) {
    const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.[1];
    if (name) packages.add(name);
    return next(url, context);
  },
});
await import("rlvr/task");
await import("rlvr/verifiers");
console.log(JSON.stringify([...packages]));
`;
