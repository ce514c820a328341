/** Opens the Python box of this machine for tests, and asks it short questions. */
import { readdirSync, readFileSync } from "node:fs";
import type { TestContext } from "vitest";
import { RlvrError } from "../../src/errors.ts";
import type { Run } from "../../src/sandbox/job.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/sandbox/limits.ts";
import type { Plain } from "../../src/sandbox/plain.ts";
import { openPythonBox, type PythonBox, type PythonBoxOptions } from "../../src/sandbox/python/box.ts";

/** The box, or why there is none. */
export async function openHere(options: PythonBoxOptions = {}): Promise<PythonBox | string> {
  try {
    return await openPythonBox(options);
  } catch (error) {
    if (error instanceof RlvrError && error.code === "E_SANDBOX") return error.message;
    throw error;
  }
}

/** Ends the test with one line where the machine has no Python that can be held. */
export function theBox(box: PythonBox | string, context: TestContext): PythonBox {
  if (typeof box === "string") context.skip(`not tried: ${box}`);
  return box as PythonBox;
}

/** Calls `f` of the code with each list of arguments. */
export async function calls(
  box: PythonBox,
  code: string,
  args: readonly (readonly Plain[])[] = [[]],
  limits: Partial<Limits> = {},
  entry = "f",
): Promise<readonly Run[]> {
  const each = args.map((list, i) => ({ id: `call ${i}`, args: list }));
  const job = {
    language: "python",
    kind: "calls",
    code,
    entry,
    calls: each,
    limits: { ...DEFAULT_LIMITS, ...limits },
  } as const;
  return (await box.run(job)).runs;
}

/** Calls `f` once. */
export async function call(
  box: PythonBox,
  code: string,
  args: readonly Plain[] = [],
  limits: Partial<Limits> = {},
): Promise<Run> {
  return (await calls(box, code, [args], limits))[0] as Run;
}

/** Runs the code as a program with each text as its standard input. */
export async function programs(
  box: PythonBox,
  code: string,
  stdin: readonly string[] = [""],
  limits: Partial<Limits> = {},
): Promise<readonly Run[]> {
  const inputs = stdin.map((text, i) => ({ id: `input ${i}`, stdin: text }));
  return (
    await box.run({ language: "python", kind: "program", code, inputs, limits: { ...DEFAULT_LIMITS, ...limits } })
  ).runs;
}

/** Ids of the processes of this machine that were started by a box of this process; empty where the system has no /proc. */
export function boxedProcesses(): number[] {
  const parents = new Map(processIds().map((pid) => [pid, parentOf(pid)]));
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === process.pid || isOurs(parents.get(pid)));
  return [...parents.keys()].filter((pid) => environmentOf(pid).includes("RLVR_BOX=") && isOurs(pid));
}

/** As above, also where the parent has gone: those with this text on their command line. */
export function processesNamed(text: string): number[] {
  return processIds().filter((pid) => pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(text));
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // no Linux
  }
}

function parentOf(pid: number): number | undefined {
  const status = /^PPid:\t(\d+)$/m.exec(read(`/proc/${pid}/status`));
  return status ? Number(status[1]) : undefined;
}

function environmentOf(pid: number): string {
  return read(`/proc/${pid}/environ`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // the process has ended, or is another user's
  }
}
