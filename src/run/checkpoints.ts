/**
 * checkpoints/<step>/: folders that are there whole or not at all.
 *
 * A checkpoint is written into a folder aside, brought to the disk and renamed. Its state.json also keeps how long each
 * log was at that moment, so that going on from it means cutting the logs there.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { ASIDE, publish, syncTree } from "./durable-file.ts";

export const CheckpointState = z.strictObject({
  step: z.int().min(0).describe("last step that is part of it"),
  score: z.number().nullable().describe("how good it is, higher is better; null = not measured"),
  logBytes: z.record(z.string(), z.int().min(0)).describe("length of each log"),
  state: z.json().describe("what the loop needs to go on: positions, counters, averages"),
});
export type CheckpointState = z.infer<typeof CheckpointState>;
export type Json = z.infer<ReturnType<typeof z.json>>;

export interface Checkpoint extends CheckpointState {
  /** Its folder. */
  readonly path: string;
}

/** Complete checkpoints by rising step. What is half-written or was not written by us is not among them. */
export function listCheckpoints(run: string): Checkpoint[] {
  const folder = join(run, "checkpoints");
  if (!existsSync(folder)) return [];
  const steps = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  const found = steps.map((name) => readCheckpoint(join(folder, name)));
  return found.filter((checkpoint) => checkpoint !== null).sort((a, b) => a.step - b.step);
}

/** The one with the highest score; of equals the first to reach it. Null if none was measured. */
export function bestCheckpoint(checkpoints: readonly Checkpoint[]): Checkpoint | null {
  let best: Checkpoint | null = null;
  for (const candidate of checkpoints) {
    if (candidate.score !== null && (best?.score == null || candidate.score > best.score)) best = candidate;
  }
  return best;
}

function readCheckpoint(path: string): Checkpoint | null {
  const file = join(path, "state.json");
  if (!existsSync(file)) return null;
  try {
    return { ...CheckpointState.parse(JSON.parse(readFileSync(file, "utf8"))), path };
  } catch (cause) {
    throw new RlvrError("E_CHECKPOINT", `${file} is not the state of a checkpoint`, {
      hint: `Delete ${path} to go on from an older one.`,
      cause,
    });
  }
}

/** Writes a checkpoint: `write` puts model and optimizer into the folder that it is given. Returns the final folder. */
export async function writeCheckpoint(
  run: string,
  content: CheckpointState,
  write: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(run, "checkpoints");
  const aside = join(folder, `${ASIDE}${content.step}`);
  const path = join(folder, String(content.step));
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  await write(aside);
  writeFileSync(join(aside, "state.json"), `${JSON.stringify(content, null, 2)}\n`);
  syncTree(aside);
  if (existsSync(path)) discard(path);
  publish(aside, path);
  return path;
}

/** Deletes all but the newest `keep` and the best. */
export function pruneCheckpoints(run: string, keep: number): void {
  const all = listCheckpoints(run);
  const best = bestCheckpoint(all);
  for (const old of all.slice(0, Math.max(0, all.length - keep))) {
    if (old.step !== best?.step) discard(old.path);
  }
}

/** Deletes what a killed process left half-written or half-deleted. */
export function sweepAside(run: string): void {
  for (const folder of [run, join(run, "checkpoints")]) {
    if (!existsSync(folder)) continue;
    const left = readdirSync(folder).filter((name) => name.startsWith(ASIDE));
    for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Renamed first: a half-deleted checkpoint must not look like one. */
function discard(path: string): void {
  const aside = join(path, "..", `${ASIDE}old-${process.pid}-${Date.now()}`);
  renameSync(path, aside);
  rmSync(aside, { recursive: true, force: true });
}
