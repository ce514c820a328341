/** Processes and their descendants, as Linux shows them; elsewhere nothing is known of them. */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of a second in /proc: 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** The process and all that descend from it. */
export function family(pid: number): number[] {
  const tasks = list(`/proc/${pid}/task`).map((task) => readIfThere(`/proc/${pid}/task/${task}/children`));
  const children = tasks.flatMap((text) => text.split(" ").filter(Boolean).map(Number));
  return [pid, ...children.flatMap(family)];
}

/** Processor time that the living members of the family have had; null where the system does not tell. */
export function cpuMsOf(pid: number): number | null {
  const used = family(pid).flatMap((member) => {
    // the name in parentheses may hold anything; user and system time are the 12th and 13th field after it
    const fields = /\) (.*)$/s.exec(readIfThere(`/proc/${member}/stat`))?.[1]?.split(" ");
    return fields ? [TICK_MS * (Number(fields[11]) + Number(fields[12]))] : [];
  });
  return used.length === 0 ? null : used.reduce((sum, ms) => sum + ms, 0);
}

/** The text of a file, or nothing. */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process is gone, or the system has no such file
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // as above
  }
}
