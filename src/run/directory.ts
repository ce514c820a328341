/**
 * The run directory: what a run leaves behind, and what it goes on from.
 *
 *   config.json      everything that was decided, resolved
 *   manifest.json    seed, versions, commit, engine, start and end, last complete step
 *   metrics.jsonl    one line a step, free of clock values
 *   timings.jsonl    one line a step: the metrics that depend on the machine
 *   rollouts.jsonl   the ledger
 *   checkpoints/     see checkpoints.ts
 *
 * Stopped at any instant, a run goes on from its last checkpoint: the three logs are cut to their lengths at that
 * checkpoint, and a deterministic loop then writes the bytes that it would have written uninterrupted.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RlvrError } from "../errors.ts";
import { type MetricName, type MetricRow, type MetricValues, metricInfo, metricOrder } from "../metrics.ts";
import type { Tier } from "../sandbox/tier.ts";
import {
  type Checkpoint,
  type Json,
  listCheckpoints,
  pruneCheckpoints,
  sweepAside,
  writeCheckpoint,
} from "./checkpoints.ts";
import { changedSettings } from "./config-change.ts";
import { ASIDE, writeDurably } from "./durable-file.ts";
import { JsonLines } from "./json-lines.ts";
import type { RolloutRow } from "./ledger.ts";
import { type Lock, lockFolder } from "./lock.ts";
import { type Manifest, type RunStatus, readManifest, startSession, writeManifest } from "./manifest.ts";

export interface RunOptions {
  /** The folder of all runs. */
  readonly root: string;
  readonly name: string;
  /** Go on where the run of this name stopped. */
  readonly resume: boolean;
  /** The resolved settings, JSON. */
  readonly config: unknown;
  /** Dotted names of settings that a resumed run may have changed, such as the number of steps. */
  readonly mayChange?: readonly string[];
  readonly seed: number;
  /** Engine and device, such as "onnx/cpu". */
  readonly engine: string;
  /** Tier of the sandbox in which the task runs code; null where it runs none. */
  readonly sandbox?: Tier | null;
  /** Versions of the packages that decide the numbers. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Newest checkpoints to keep, besides the best. Default 2. */
  readonly keep?: number;
}

export interface CheckpointRequest {
  /** JSON that the loop needs to go on. */
  readonly state: Json;
  /** Higher is better; the best checkpoint is kept. Null = not measured. */
  readonly score?: number | null;
}

const LOGS = ["metrics", "timings", "rollouts"] as const;

/** An open run directory. It is locked until `close`. */
export class RunDirectory {
  readonly path: string;
  /** The checkpoint to go on from; null = start at the beginning. */
  readonly resumed: Checkpoint | null;
  readonly #lock: Lock;
  readonly #logs: Record<(typeof LOGS)[number], JsonLines>;
  readonly #keep: number;
  #manifest: Manifest;
  #step: number | null;

  /** Use `openRun`. */
  constructor(path: string, lock: Lock, manifest: Manifest, resumed: Checkpoint | null, keep: number) {
    this.path = path;
    this.resumed = resumed;
    this.#lock = lock;
    this.#manifest = manifest;
    this.#keep = keep;
    this.#step = resumed?.step ?? null;
    const open = (name: string) => new JsonLines(join(path, `${name}.jsonl`));
    this.#logs = { metrics: open("metrics"), timings: open("timings"), rollouts: open("rollouts") };
    for (const name of LOGS) this.#logs[name].truncate(resumed?.logBytes[name] ?? 0);
  }

  /**
   * Writes a step: its rollouts, then its numbers. Steps rise; step 0 is what was measured before training.
   * @throws {RlvrError} E_RUN if the step was written before.
   */
  recordStep(step: number, values: MetricValues, rollouts: readonly RolloutRow[]): void {
    if (this.#step !== null && step <= this.#step) {
      throw new RlvrError("E_RUN", `step ${step} came after step ${this.#step}, expected a later one`);
    }
    this.#logs.rollouts.append(rollouts);
    this.#logs.timings.append([metricRow(step, values, true)]);
    this.#logs.metrics.append([metricRow(step, values, false)]);
    this.#step = step;
  }

  /** Saves a checkpoint after the step recorded last; `write` puts model and optimizer into the folder it is given. */
  async saveCheckpoint(request: CheckpointRequest, write: (folder: string) => Promise<void>): Promise<string> {
    const step = this.#step;
    if (step === null) throw new RlvrError("E_RUN", "a checkpoint was asked for before the first step was recorded");
    for (const name of LOGS) this.#logs[name].sync(); // on the disk before a checkpoint counts on them
    const logBytes = Object.fromEntries(LOGS.map((name) => [name, this.#logs[name].size]));
    const content = { step, score: request.score ?? null, logBytes, state: request.state };
    const folder = await writeCheckpoint(this.path, content, write);
    this.#update({ lastCompleteStep: step });
    pruneCheckpoints(this.path, this.#keep);
    return folder;
  }

  /** Replaces a file of the run, such as summary.json, whole or not at all. */
  writeJson(name: string, value: unknown): void {
    writeDurably(join(this.path, name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Ends this session and gives the directory free. */
  close(status: Exclude<RunStatus, "running">): void {
    for (const name of LOGS) {
      this.#logs[name].sync();
      this.#logs[name].close();
    }
    const endedAt = new Date().toISOString();
    const sessions = this.#manifest.sessions.map((session, i, all) =>
      i === all.length - 1 ? { ...session, endedAt } : session,
    );
    this.#update({ status, sessions });
    this.#lock.release();
  }

  #update(changes: Partial<Manifest>): void {
    this.#manifest = { ...this.#manifest, ...changes };
    writeManifest(this.path, this.#manifest);
  }
}

/**
 * Creates the directory of a run, or with `resume` opens it at its last complete checkpoint.
 * @throws {RlvrError} E_RUN if the run is there and `resume` is false, if it is not there and `resume` is true, if another
 *   process holds it; E_CONFIG if a setting changed that may not.
 */
export function openRun(options: RunOptions): RunDirectory {
  const { root, name, resume } = options;
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw new RlvrError("E_CONFIG", `name is ${JSON.stringify(name)}, expected letters, digits, ".", "_" and "-"`);
  }
  const path = join(root, name);
  if (resume && !existsSync(join(path, "manifest.json"))) {
    throw new RlvrError("E_RUN", `${path} does not exist, expected a run to resume`, {
      hint: existingRuns(root) || "Leave out --resume to start it.",
    });
  }
  mkdirSync(path, { recursive: true });
  const lock = lockFolder(path);
  try {
    return resume ? resumeRun(path, lock, options) : createRun(path, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function createRun(path: string, lock: Lock, options: RunOptions): RunDirectory {
  if (readdirSync(path).some((entry) => !isBeginning(entry))) {
    throw new RlvrError("E_RUN", `${path} exists already`, {
      hint: "Go on with --resume, or give this run another name with --name.",
    });
  }
  const manifest: Manifest = {
    format: 1,
    name: options.name,
    seed: options.seed,
    engine: options.engine,
    sandbox: options.sandbox ?? null,
    status: "running",
    lastCompleteStep: null,
    sessions: [startSession(null, options.packages ?? {})],
  };
  writeConfig(path, options.config);
  writeManifest(path, manifest);
  return new RunDirectory(path, lock, manifest, null, options.keep ?? 2);
}

/** What a run leaves that was killed before it had a manifest: nothing worth keeping. */
function isBeginning(entry: string): boolean {
  return entry === "lock" || entry === "config.json" || entry.startsWith(ASIDE);
}

function resumeRun(path: string, lock: Lock, options: RunOptions): RunDirectory {
  const before = readManifest(path);
  const changed = changedSettings(readConfig(path), options.config).filter(
    ({ name }) => !options.mayChange?.includes(name),
  );
  if (changed.length > 0) {
    const list = changed
      .map(({ name, from, to }) => `${name}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`)
      .join(", ");
    throw new RlvrError("E_CONFIG", `${path} was started with other settings (${list})`, {
      hint: "Leave these settings as they were, or start a new run with --name.",
    });
  }
  sweepAside(path);
  const resumed = listCheckpoints(path).at(-1) ?? null;
  const fromStep = resumed?.step ?? null;
  const manifest: Manifest = {
    ...before,
    engine: options.engine,
    sandbox: options.sandbox ?? null,
    status: "running",
    lastCompleteStep: fromStep,
    sessions: [...before.sessions, startSession(fromStep, options.packages ?? {})],
  };
  const directory = new RunDirectory(path, lock, manifest, resumed, options.keep ?? 2);
  writeConfig(path, options.config);
  writeManifest(path, manifest);
  return directory;
}

/** The resolved settings of a run. */
export function readConfig(run: string): unknown {
  const path = join(run, "config.json");
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new RlvrError("E_RUN", `${path} cannot be read as JSON`, { hint: "Give the folder of a run.", cause });
  }
}

function writeConfig(path: string, config: unknown): void {
  writeDurably(join(path, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
}

/** The metrics of one file, in the table's order; equal values give equal bytes. */
function metricRow(step: number, values: MetricValues, machine: boolean): MetricRow {
  const names = Object.keys(values) as MetricName[];
  const wanted = names.filter((name) => (metricInfo(name)?.machine ?? false) === machine && values[name] !== undefined);
  wanted.sort((a, b) => metricOrder(a) - metricOrder(b) || (a < b ? -1 : 1));
  return Object.assign({ step }, ...wanted.map((name) => ({ [name]: values[name] }))); // JSON turns NaN and ±∞ into null
}

function existingRuns(root: string): string {
  if (!existsSync(root)) return "";
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, "manifest.json")));
  return names.length === 0 ? "" : `Runs that are there: ${names.slice(-8).join(", ")}.`;
}
