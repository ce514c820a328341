/** Runs programs the way a reader of the documentation does, and compares what they print with what is promised. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "vitest";

/** Standard output of a TypeScript file run by this Node. Throws with its standard error if it fails. */
export async function runProgram(file: string, args: readonly string[], cwd: string): Promise<string> {
  const argv = ["--conditions=rlvr-source", file, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd, timeout: 300_000 });
  return stdout;
}

/** In a promised line, `N` alone stands for a number and `…` for any text; a line that is only `…` for any lines. */
export function expectOutput(actual: string, promised: readonly string[]): void {
  const lines = promised.map((line) => (line.trim() === "…" ? "(?:.*\n)*?" : `${linePattern(line.trimEnd())}\n`));
  expect(actual).toMatch(new RegExp(`^${lines.join("")}$`));
}

function linePattern(line: string): string {
  const literal = line.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return literal.replaceAll("…", ".*").replaceAll(/(?<![\w-])N(?![\w-])/g, "-?\\d+(?:\\.\\d+)?");
}
