/** Every example prints what its first lines promise. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectOutput, runProgram } from "./program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COMMAND = /^ \* {3}node --conditions=rlvr-source (examples\/\S+\.ts)$/m;

/** Examples that train: one step instead of the many that show something. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  "examples/grpo-from-code.ts": ["1"],
  "examples/own-loss.ts": ["1"],
};

/** Files that say how they are run; the others are parts of them. */
const PROGRAMS = readdirSync(join(ROOT, "examples"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `examples/${name.replaceAll("\\", "/")}`)
  .filter((file) => COMMAND.test(readFileSync(join(ROOT, file), "utf8")));

/** The indented lines of the header that follow the command. */
function promisedLines(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const header = text.slice(0, text.indexOf("*/"));
  const [, after = ""] = header.split(COMMAND.exec(header)?.[0] ?? "");
  return [...after.matchAll(/^ \* {3}(.*)$/gm)].map(([, line]) => line as string);
}

describe("examples", () => {
  let away: string;
  beforeAll(() => {
    away = mkdtempSync(join(tmpdir(), "rlvr-examples-"));
  });
  afterAll(() => rmSync(away, { recursive: true, force: true }));

  test("there are some, and each names its own file", () => {
    expect(PROGRAMS.length).toBeGreaterThan(3);
    for (const file of PROGRAMS) expect(readFileSync(join(ROOT, file), "utf8")).toMatch(`rlvr-source ${file}`);
  });

  test.each(PROGRAMS)("%s prints what it promises", { timeout: 300_000 }, async (file) => {
    const options = { cwd: away, args: ARGUMENTS[file] ?? [] };
    expectOutput(await runProgram(join(ROOT, file), options), promisedLines(file));
  });
});
