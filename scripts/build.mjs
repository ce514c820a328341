/**
 * `npm run build`: what is published. dist/ from src/, and dist/tasks/ from tasks/, compiled with their data beside them,
 * because Node strips no types under node_modules.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

rmSync(`${root}dist`, { recursive: true, force: true });
// tasks import the package by its name, so they compile against dist/
for (const project of ["tsconfig.build.json", "tsconfig.tasks.json"]) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
cpSync(`${root}tasks`, `${root}dist/tasks`, { recursive: true, filter: (path) => !/\.(ts|md)$/.test(path) });
// what runs in the Python box
for (const file of globSync("src/**/*.py", { cwd: root })) cpSync(root + file, root + file.replace(/^src/, "dist"));
