/** A call of a function as a program: prints what it returned, behind a mark that is new for each call. */
import { randomUUID } from "node:crypto";
import type { Call, CallsJob, Run } from "./job.ts";
import { decodePlain, encodePlain } from "./wire.ts";

/** The program and its input. Arguments and results must be what JSON has: a farm's languages know no other encoding. */
export function callHarness({ code, entry, language }: CallsJob, { args }: Call): { code: string; stdin: string } {
  const mark = `${MARK}${randomUUID()}:`;
  const stdin = encodePlain([mark, args]);
  const [first, method] = entry.split(".") as [string, string?];
  if (language === "python") {
    const call = method === undefined ? first : `${first}().${method}`;
    const tail = `_result = ${call}(*_args)\n_sys.stdout.write("\\n" + _mark + _json.dumps(_result))\n`;
    const head = "import json as _json, sys as _sys\n_mark, _args = _json.loads(_sys.stdin.read())\n";
    return { code: `${code}\n\n${head}${tail}`, stdin };
  }
  const call = method === undefined ? first : `new ${first}().${method}`;
  const read = `JSON.parse(require("fs").readFileSync(0, "utf8"))`;
  const write = `process.stdout.write("\\n" + mark + (result === undefined ? "null" : JSON.stringify(result)))`;
  return {
    code: `${code}\n;(async () => { const [mark, args] = ${read}; const result = await ${call}(...args); ${write}; })();\n`,
    stdin,
  };
}

const MARK = "rlvr-result-";
const LAST = new RegExp(`\\n${MARK}[0-9a-f-]{36}:`, "g");

/** The run with its value; without one, the program ended before the function returned. */
export function readHarness(run: Run): Run {
  if (run.outcome !== "ok") return run;
  const last = [...run.stdout.matchAll(LAST)].at(-1);
  if (last === undefined) return { ...run, outcome: "runtime_error", message: "ended before the function returned" };
  const stdout = run.stdout.slice(0, last.index);
  try {
    return { ...run, stdout, value: decodePlain(run.stdout.slice(last.index + last[0].length)) };
  } catch {
    return { ...run, stdout, outcome: "runtime_error", message: "returned what is no plain data" };
  }
}
