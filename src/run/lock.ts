/**
 * One writer for each run directory: a file `lock` that names the process which holds it.
 *
 * A lock whose process is gone (it was killed) is taken over. Process ids are used again, in containers often by the very
 * next start; so the lock also keeps when the process started, where the system tells (Linux).
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";

export interface Lock {
  release(): void;
}

const Holder = z.strictObject({ pid: z.int(), startTicks: z.string().nullable(), host: z.string() });
type Holder = z.infer<typeof Holder>;

/** @throws {RlvrError} E_RUN if another process holds the folder. */
export function lockFolder(folder: string): Lock {
  const path = join(folder, "lock");
  if (!claim(path)) takeOver(folder, path);
  return { release: () => rmSync(path, { force: true }) };
}

/** Creates the lock; false if it is there. */
function claim(path: string): boolean {
  const me: Holder = { pid: process.pid, startTicks: startTicks(process.pid), host: hostname() };
  const file = createNew(path);
  if (file === null) return false;
  try {
    writeFileSync(file, `${JSON.stringify(me)}\n`);
  } finally {
    closeSync(file);
  }
  return true;
}

/** Only one process at a time may replace a stale lock, or the second would remove the first one's new lock. */
function takeOver(folder: string, path: string): void {
  const guard = join(folder, "lock.takeover");
  const file = createNew(guard);
  const busy = new RlvrError("E_RUN", `${folder} is being opened by another process`, {
    hint: `Try again; if this stays, delete ${guard}.`,
  });
  if (file === null) throw busy;
  closeSync(file);
  try {
    refuseIfHeld(folder, path);
    rmSync(path, { force: true });
    if (!claim(path)) throw busy;
  } finally {
    rmSync(guard, { force: true });
  }
}

function refuseIfHeld(folder: string, path: string): void {
  const holder = readHolder(path);
  if (holder === "gone") return;
  if (holder === "unreadable") {
    throw new RlvrError("E_RUN", `${path} does not say which process holds it`, {
      hint: `Delete ${path} if no other process writes to this run.`,
    });
  }
  if (holder.host !== hostname()) {
    throw new RlvrError(
      "E_RUN",
      `${folder} is held by process ${holder.pid} on the machine ${JSON.stringify(holder.host)}`,
      {
        hint: `If that process has ended, delete ${path}.`,
      },
    );
  }
  if (isAlive(holder)) {
    throw new RlvrError("E_RUN", `${folder} is being written by process ${holder.pid}`, {
      hint: "Wait until it ends, stop it, or give this run another name with --name.",
    });
  }
}

function readHolder(path: string): Holder | "gone" | "unreadable" {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
    throw new RlvrError("E_RUN", `${path} cannot be read`, { cause: error });
  }
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return "unreadable"; // its writer died between creating and writing it, or is doing so now
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: alive, and somebody else's
  }
  return startTicks(holder.pid) === holder.startTicks;
}

/** When a live process started, in clock ticks since boot; null where the system does not tell. */
function startTicks(pid: number): string | null {
  if (process.platform !== "linux") return null;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Fields 3 (state) and 22 (start). Field 2 is the command in parentheses and may itself hold spaces and brackets.
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null); // Z: killed, and its parent has not noticed yet
  } catch {
    return null; // the process has ended, or /proc is not mounted
  }
}

/** Opens a file that must be new; null if it is there. */
function createNew(path: string): number | null {
  try {
    return openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw new RlvrError("E_RUN", `${path} cannot be created`, { cause: error });
  }
}
