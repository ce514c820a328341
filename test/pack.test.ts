/** The package as users get it: packed, installed into an empty project, and used as the README says. */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { capped, expectOutput, programsOf, runProgram } from "./program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const PROGRAMS = programsOf("README.md", README);
const [VERIFY, ...OTHERS] = [...PROGRAMS].reverse(); // the verifier comes last in the README

const COMPARE = "compare.ts"; // the one that trains
const LIGHT_MB = 80; // what an installation for verifiers alone may take
const MINUTES = 60_000;

/** Without what an npm around this test sets for its own package; with this Node first, as npm's own scripts have it. */
const ENVIRONMENT = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_(package|lifecycle)|npm_config_local_prefix|INIT_CWD|NODE_ENV)/i.test(name),
    ),
  ),
  ONNXRUNTIME_NODE_INSTALL: "skip", // its script would fetch CUDA's provider from another place than the registry
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
};

/** npm, without a shell where we know its file. */
function npm(cwd: string, ...args: string[]): string {
  const options: ExecFileSyncOptionsWithStringEncoding = { cwd, encoding: "utf8", env: ENVIRONMENT, stdio: "pipe" };
  const file = process.env.npm_execpath;
  if (file?.endsWith(".js")) return execFileSync(process.execPath, [file, ...args], options);
  return execFileSync("npm", args, { ...options, shell: process.platform === "win32" });
}

/** Ends the test with one line where the registry does not answer; other failures are failures. */
function install(context: TestContext, cwd: string, ...args: string[]): void {
  try {
    npm(cwd, "install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", ...args);
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? error);
    const code = /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH|NOTCACHED)/.exec(said)?.[0];
    if (code === undefined) throw error;
    context.skip(`not installed: the registry does not answer (${code})`);
  }
}

/** Megabytes of all files under a folder. */
function megabytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0) / 1e6;
}

describe("the packed package", () => {
  let away: string;
  let tarball: string;

  beforeAll(() => {
    away = mkdtempSync(join(tmpdir(), "rlvr-pack-"));
    const [packed] = Object.values(
      JSON.parse(npm(ROOT, "pack", "--json", "--pack-destination", away).replace(/^[^[{]*/, "")),
    );
    tarball = join(away, (packed as { filename: string }).filename);
    writeFileSync(join(away, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
    for (const { name, code } of PROGRAMS) writeFileSync(join(away, name), capped(code));
  }, 10 * MINUTES);
  afterAll(() => rmSync(away, { recursive: true, force: true }));

  test("has what it needs to run, and neither sources of ours nor tests", () => {
    const listed = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" });
    for (const file of ["dist/cli/main.js", "dist/tasks/arithmetic/task.js", "tasks/_template/task.ts", "LICENSE"]) {
      expect(listed).toContain(`package/${file}\n`);
    }
    expect(listed).toMatch(/^package\/assets\/report\//m);
    expect(listed).toMatch(/^package\/models\/arithmetic-base\/model\.safetensors$/m);
    expect(listed).not.toMatch(/^package\/(src|test|bench|examples)\//m);
  });

  test("without optional packages takes ≤ 80 MB and verifies", { timeout: 10 * MINUTES }, async (context) => {
    install(context, away, tarball, "--omit=optional");
    const size = megabytes(join(away, "node_modules"));
    expect(size).toBeLessThan(LIGHT_MB);
    expect(existsSync(join(away, "node_modules", "onnxruntime-node"))).toBe(false);
    const stated = Number(/<!-- light-size -->(\d+) MB/.exec(README)?.[1]);
    expect(size, `the README says ${stated} MB`).toBeLessThan(1.25 * stated);
    expect(size, `the README says ${stated} MB`).toBeGreaterThan(stated / 1.25);

    expectOutput(await runProgram(VERIFY!.name, { cwd: away, from: "installed" }), VERIFY!.promised);
    const refused = await runProgram(COMPARE, { cwd: away, from: "installed" }).catch((error) => String(error.stderr));
    expect(refused).toContain("npm install @tensorflow/tfjs onnxruntime-node");
  });

  test("with them runs the README's quick start", { timeout: 10 * MINUTES }, async (context) => {
    install(context, away);
    expect(npm(away, "exec", "--", "rlvr", "--help")).toMatch(/npx rlvr <command>[\s\S]* grpo [\s\S]* doctor /);
    expect(npm(away, "exec", "--", "rlvr", "doctor")).toMatch(/onnx\/cpu +present/);
    for (const { name, promised } of OTHERS) {
      expectOutput(await runProgram(name, { cwd: away, from: "installed" }), promised);
    }
    expect(readFileSync(join(away, "runs", "compare-centered", "report.html"), "utf8")).toContain("</html>");
  });

  test("has types that the README's programs compile with", { timeout: 10 * MINUTES }, (context) => {
    if (!existsSync(join(away, "node_modules", "@tensorflow"))) context.skip("not installed: see above");
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const flags = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "--module", "nodenext"];
    const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules", "@types"), "--target", "es2024"];
    const names = PROGRAMS.map(({ name }) => name);
    execFileSync(process.execPath, [tsc, ...flags, ...types, ...names], { cwd: away, encoding: "utf8" });
  });
});
