/** Runs programs the way a reader of the documentation does, and compares what they print with what is promised. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "vitest";

/** A fenced block of a Markdown page. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

/** A TypeScript block that begins with a comment naming its file, and the lines of the text block after it. */
export interface Program extends Block {
  readonly name: string;
  readonly promised: readonly string[];
}

export function blocksOf(page: string, markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, code]) => {
    return { page, language: language as string, code: code as string };
  });
}

export function programsOf(page: string, markdown: string): Program[] {
  const blocks = blocksOf(page, markdown);
  return blocks.flatMap((block, i) => {
    const name = block.language === "ts" ? /^\/\/ ([\w-]+\.ts)\n/.exec(block.code)?.[1] : undefined;
    const next = blocks[i + 1];
    const promised = next?.language === "text" ? next.code.trimEnd().split("\n") : [];
    return name === undefined ? [] : [{ ...block, name, promised }];
  });
}

/** One block of a page that is to be followed from its beginning to its end, and the lines of the text block after it. */
export interface Step extends Block {
  /** The file that a program's first line, a comment, names; null for commands. */
  readonly file: string | null;
  readonly promised: readonly string[];
}

export function stepsOf(page: string, markdown: string): Step[] {
  const blocks = blocksOf(page, markdown);
  return blocks.flatMap((block, i) => {
    if (block.language === "text") return [];
    const next = blocks[i + 1];
    const promised = next?.language === "text" ? next.code.trimEnd().split("\n") : [];
    return [{ ...block, file: /^(?:\/\/|#) (\S+\.\w+)\n/.exec(block.code)?.[1] ?? null, promised }];
  });
}

/** The same program or command with one step of training, on few problems. */
export function capped(code: string): string {
  return code.replaceAll(
    /\b(steps|promptsPerStep|problems)(: | )\d+/g,
    (_, name, between) => `${name}${between}${name === "steps" ? 1 : 4}`,
  );
}

export interface RunOptions {
  readonly cwd: string;
  readonly args?: readonly string[];
  /** Where "rlvr" leads: to the sources, or to what is installed in `cwd`. */
  readonly from?: "sources" | "installed";
}

/** Standard output of a TypeScript file run by this Node. Throws with its standard error if it fails. */
export async function runProgram(file: string, { cwd, args = [], from = "sources" }: RunOptions): Promise<string> {
  const argv = [...(from === "sources" ? ["--conditions=rlvr-source"] : []), file, ...args];
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
