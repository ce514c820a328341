/** How busy the machine is with other programs' work: a benchmark on a shared core measures the sharing. */
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** The share that others may use before a benchmark counts as noisy. */
export const QUIET = 0.1;

/** The share of all cores' time, 0 to 1, that is used while we sleep for `ms`. */
export async function busyShare(ms: number): Promise<number> {
  const before = coreTimes();
  await sleep(ms);
  const after = coreTimes();
  return 1 - (after.idle - before.idle) / (after.total - before.total);
}

/** Milliseconds since the start of the machine, summed over its cores. */
function coreTimes(): { idle: number; total: number } {
  const times = cpus().map((core) => core.times);
  const idle = times.reduce((sum, core) => sum + core.idle, 0);
  const total = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { idle, total };
}
