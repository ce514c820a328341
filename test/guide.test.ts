/** docs/write-a-verifier.md as a newcomer follows it: block by block, in an empty project. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { capped, expectOutput, runProgram, type Step, stepsOf } from "./program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = "docs/write-a-verifier.md";
const STEPS = stepsOf(PAGE, readFileSync(join(ROOT, PAGE), "utf8"));
const MINUTES = 60_000;

/** What `rlvr serve` says when it listens. */
const LISTENS = "Ctrl-C stops it.\n";
/** The address that the page shows; here the server takes a free port. */
const SHOWN = "http://127.0.0.1:8000";

let away: string;
let server: ChildProcess | null = null;
const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1", RLVR_PORT: "0", NO_PROXY: "*" };

/** An empty project with the package in it, and an `npx` that runs the sources. */
beforeAll(() => {
  away = mkdtempSync(join(tmpdir(), "rlvr-guide-"));
  const modules = join(away, "node_modules");
  mkdirSync(modules);
  for (const [name, path] of [
    ["rlvr", ROOT],
    ["zod", join(ROOT, "node_modules", "zod")],
  ] as const) {
    symlinkSync(path, join(modules, name), "junction");
  }
  writeFileSync(join(away, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const main = join(ROOT, "src", "cli", "main.ts");
  const npx = join(modules, ".bin", "npx");
  mkdirSync(dirname(npx));
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" --conditions=rlvr-source "${main}" "$@"\n`);
  chmodSync(npx, 0o755);
  env.PATH = `${dirname(npx)}${delimiter}${process.env.PATH}`;
});
afterAll(() => {
  server?.kill("SIGINT");
  rmSync(away, { recursive: true, force: true });
});

const hasNo = (tool: string) => spawnSync(tool, ["--version"]).error !== undefined;

/** As an installed package would say it. */
const asInstalled = (text: string) => text.replaceAll("npm run rlvr --", "npx rlvr");

describe(PAGE, () => {
  test("has programs, commands and files", () => {
    expect(new Set(STEPS.map(({ language }) => language))).toEqual(new Set(["sh", "ts", "python"]));
  });

  test.for(STEPS.map((step) => ({ step, title: step.file ?? step.code.trim() })))(
    "$title",
    { timeout: 10 * MINUTES },
    ({ step }, context) => follow(step, context),
  );
});

async function follow(step: Step, context: TestContext): Promise<void> {
  const { language, file, code, promised } = step;
  if (file !== null) {
    const path = join(away, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
    if (file.includes("/")) return; // a part of a task
    if (language === "ts") return expectOutput(await runProgram(path, { cwd: away }), promised);
    if (hasNo("python3")) context.skip("python3 is missing");
    return expectOutput(sh(`python3 ${file}`).out, promised);
  }
  if (hasNo("sh")) context.skip("a shell is missing");
  if (/^npx rlvr serve [\w-]+\n$/.test(code)) return expectOutput(await serve(code), promised);
  const { status, out } = sh(capped(code));
  expectOutput(asInstalled(out), promised);
  expect(status, out).toBe(promised.some((line) => line.startsWith("✗")) ? 1 : 0);
}

/** Runs the lines of a block; the last one's exit code counts. */
function sh(code: string): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", code], { cwd: away, env, encoding: "utf8" });
  if (status !== 0 && stdout === "") throw new Error(stderr);
  return { status, out: stdout };
}

/** Starts a server for the blocks that follow. What it says, with the address that the page shows. */
async function serve(command: string): Promise<string> {
  const child = spawn("sh", ["-c", `exec ${command}`], { cwd: away, env });
  server = child;
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await expect.poll(() => said, { timeout: MINUTES }).toContain(LISTENS);
  const url = /on (http:\S+)/.exec(said)?.[1] as string;
  env.RLVR_URL = url;
  return asInstalled(said).replaceAll(url, SHOWN);
}
