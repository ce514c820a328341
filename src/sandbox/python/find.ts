/** Which Python runs in the boxes, and how well it can be held: asked and tried, not guessed. */
import { execFile } from "node:child_process";
import { isAbsolute } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { type Containment, contain } from "../containment.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { holds } from "../tier.ts";
import { processLimits } from "./process-limits.ts";

export interface Python {
  /** The interpreter itself, not a link to it or a shim. */
  readonly executable: string;
  /** Such as "3.11.7". */
  readonly version: string;
  readonly containment: Containment;
}

const CANDIDATES = ["python3", "/usr/bin/python3", "/usr/local/bin/python3", "python"];
const ASK_TIMEOUT_MS = 10_000;
const QUESTION = `
import json, os, sys
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "version": list(sys.version_info[:3]),
    "implementation": sys.implementation.name,
    "folders": sorted({sys.base_prefix, sys.base_exec_prefix}),
}))`;

const Answer = z.object({
  executable: z.string().refine(isAbsolute),
  version: z.tuple([z.int(), z.int(), z.int()]),
  implementation: z.string(),
  folders: z.array(z.string()),
});
type Answer = z.infer<typeof Answer>;

/** Options of the interpreter in a box. Not -I: it would ignore PYTHONHASHSEED; the environment is ours, so nothing is lost. */
export const FLAGS = ["-S", "-s", "-B"] as const;

/**
 * The candidate that can be held best; the first of equals.
 *
 * @param command the only candidate, where one is wished for
 * @throws E_SANDBOX where there is no CPython 3.9 or newer
 */
export async function findPython(command?: string): Promise<Python> {
  const tried: string[] = [];
  let best: Python | undefined;
  const seen = new Set<string>();
  for (const candidate of command === undefined ? CANDIDATES : [command]) {
    const answer = await ask(candidate);
    if (typeof answer === "string") {
      tried.push(`${candidate}: ${answer}`);
      continue;
    }
    if (seen.has(answer.executable)) continue;
    seen.add(answer.executable);
    const python = await held(answer);
    if (typeof python === "string") {
      tried.push(`${candidate}: ${python}`);
      continue;
    }
    if (best === undefined || !holds(best.containment.tier, python.containment.tier)) best = python;
    if (best.containment.tier === "strong") break;
  }
  if (best) return best;
  throw new RlvrError("E_SANDBOX", `no Python for the boxes, expected CPython 3.9 or newer (${tried.join("; ")})`, {
    hint: "Install python3, or name an interpreter with the option python.",
  });
}

/** The candidate in the strongest chain, or why it runs in none. */
async function held({ executable, version, folders }: Answer): Promise<Python | string> {
  const containment = await contain({
    proof: [executable, ...FLAGS, "-c", "import _json, select, signal"],
    readOnly: [...new Set([...folders, executable])].filter((path) => path !== "/usr" && !isInside(path, folders)),
    limits: processLimits(DEFAULT_LIMITS),
  });
  if ("fault" in containment) return `does not run in a box (${containment.fault})`;
  return { executable, version: version.join("."), containment };
}

function isInside(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path !== folder && path.startsWith(`${folder.replace(/\/$/, "")}/`));
}

/** What the candidate says of itself, or why it cannot be used. */
async function ask(candidate: string): Promise<Answer | string> {
  let said: string;
  try {
    const asked = await promisify(execFile)(candidate, ["-I", "-S", "-c", QUESTION], { timeout: ASK_TIMEOUT_MS });
    said = asked.stdout;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? "not found"
      : `does not run (${String(error).slice(0, 200)})`;
  }
  const answer = Answer.safeParse(JSON.parse(said));
  if (!answer.success) return "does not say what it is";
  const [major, minor] = answer.data.version;
  if (answer.data.implementation !== "cpython") return `is ${answer.data.implementation}`;
  return major === 3 && minor >= 9 ? answer.data : `is version ${answer.data.version.join(".")}`;
}
