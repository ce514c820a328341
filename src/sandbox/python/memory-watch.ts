/**
 * The memory of all processes of a box together. The kernel limits each process by itself, so that a guest with 32 of them
 * could take 32 times the limit, and the machine's neighbors would pay for it.
 */
import { writeFileSync } from "node:fs";
import { family, readIfThere } from "../processes.ts";

const INTERVAL_MS = 50;
const PAGE_KB = 4; // a smaller guess than the truth on machines with large pages: then the exact figure decides later

/**
 * Calls `exceeded` once when the box whose first process is `pid` holds more than `limitMb` megabytes. Looks only where Linux
 * tells; elsewhere each process has its own limit and no more.
 *
 * @returns ends the watch
 */
export function watchMemory(pid: number, limitMb: number, exceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (isBeyond(pid, limitMb * 1024)) {
      clearInterval(timer);
      exceeded();
    }
  }, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

/** Makes the kernel choose this box first where the machine runs out of memory. Its later processes inherit that. */
export function offerToOomKiller(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
  } catch {
    // no Linux, or not permitted: a help that is not relied upon
  }
}

/** Pages that processes share count for each at first; only where that is too much, the exact share of each is added up. */
function isBeyond(pid: number, limitKb: number): boolean {
  const pids = family(pid);
  return sum(pids, residentKb) > limitKb && sum(pids, proportionalKb) > limitKb;
}

function sum(pids: readonly number[], kb: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + kb(pid), 0);
}

function residentKb(pid: number): number {
  return PAGE_KB * Number(readIfThere(`/proc/${pid}/statm`).split(" ")[1] ?? 0);
}

function proportionalKb(pid: number): number {
  const [, kb] = /^Pss: +(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`)) ?? [];
  return kb === undefined ? residentKb(pid) : Number(kb);
}
