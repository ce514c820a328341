/** Ends what a guest left behind where no namespace does it: children that left the process group. */
import { readdirSync, readFileSync } from "node:fs";

const ROUNDS = 100; // a guest that forks in a loop is limited in number, so each round leaves less

/**
 * Kills every process that was started with `RLVR_BOX=marker` in its environment. A guest that overwrites its own memory can
 * hide from this: such a machine is of the tier "weak".
 */
export async function sweep(marker: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const pids = marked(`RLVR_BOX=${marker}`);
    if (pids.length === 0) return;
    for (const pid of pids) killOne(pid);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function marked(text: string): number[] {
  return processIds().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(text);
    } catch {
      return false; // gone, or another user's: then not one of ours
    }
  });
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // no /proc on this system
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // gone already
  }
}
