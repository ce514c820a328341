/**
 * A box for JavaScript and TypeScript: slots that are processes of their own, each with at most one guest at a time.
 *
 * The death of a slot is the verdict on the run that was in it, and of that run alone: the job's other runs go on in a new
 * process, and other slots notice nothing. A slot that failed before guest code ran, or whose machine starved it, is our fault:
 * the run is tried once more, and then reported as "sandbox_error".
 */
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import type {
  Box,
  CallsJob,
  Job,
  JobResult,
  Language,
  ProgramJob,
  Run,
  Session,
  TesterJob,
  TesterResult,
} from "../job.ts";
import type { Limits } from "../limits.ts";
import type { Tier } from "../tier.ts";
import { checkLanguage, LANGUAGES, type Piece, piecesOf, runWithout } from "./check.ts";
import type { Launcher } from "./launch.ts";
import type { SlotCalls, SlotProgram } from "./protocol.ts";
import { NoSlot, type Seat, Seats } from "./seats.ts";
import { SlotSession } from "./session.ts";
import { type JobEnd, watchJob } from "./supervise.ts";
import { runTester } from "./tester.ts";

export interface PoolOptions {
  /** Guests that run at the same time; one for each core by default. More only makes them wait for each other. */
  readonly slots?: number;
}

export class SandboxPool implements Box {
  readonly languages = LANGUAGES;
  readonly tier: Tier;
  readonly #candidates: Seats;
  /** Testers wait for candidates, so that they must not compete with them for seats. */
  readonly #testers: Seats;

  constructor(launcher: Launcher, { slots = availableParallelism() }: PoolOptions = {}) {
    this.tier = launcher.tier;
    this.#candidates = new Seats(launcher, 0, slots);
    this.#testers = new Seats(launcher, slots, slots);
  }

  async run(job: Job, signal?: AbortSignal): Promise<JobResult> {
    const pieces = piecesOf(job);
    const seat = await this.#candidates.acquire(signal);
    try {
      return { tier: this.tier, runs: await runPieces(seat, job, pieces, signal) };
    } finally {
      this.#candidates.release(seat);
    }
  }

  async open(job: { readonly language: Language; readonly code: string; readonly limits: Limits }): Promise<Session> {
    checkLanguage(job.language);
    const seat = await this.#candidates.acquire();
    return new SlotSession(seat, job, () => this.#candidates.release(seat));
  }

  async test(job: TesterJob, candidate: Session): Promise<TesterResult> {
    checkLanguage(job.language);
    const seat = await this.#testers.acquire();
    try {
      return await runTester(seat, job, candidate);
    } finally {
      this.#testers.release(seat);
    }
  }

  async close(): Promise<void> {
    this.#candidates.close();
    this.#testers.close();
  }
}

async function runPieces(seat: Seat, job: Job, pieces: readonly Piece[], signal?: AbortSignal): Promise<Run[]> {
  const { limits, stopAtFailure } = job;
  const runs: Run[] = [];
  let isRetry = false;
  while (runs.length < pieces.length) {
    const left = pieces.slice(runs.length);
    const leftMs = limits.totalMs - runs.reduce((sum, { ms }) => sum + ms, 0);
    if (leftMs <= 0)
      return [...runs, ...left.map(({ id }) => runWithout(id, "timeout", "the time of the job is used up"))];
    const heard: Run[] = [];
    const end = await onSlot(
      seat,
      { ...job, limits: { ...limits, totalMs: Math.ceil(leftMs) } },
      left,
      (run) => heard.push(run),
      signal,
    );
    signal?.throwIfAborted();
    heard.push(...(await chargedFor(end, seat, job, left.slice(heard.length))));
    for (const run of heard) {
      if (run.outcome === "sandbox_error" && !isRetry) {
        isRetry = true;
        seat.kill(); // what ran after it runs again, too
        break;
      }
      isRetry = false;
      runs.push(run);
      if (stopAtFailure && run.outcome !== "ok") return runs;
    }
  }
  return runs;
}

async function onSlot(
  seat: Seat,
  job: Job,
  left: readonly Piece[],
  onRun: (run: Run) => void,
  signal?: AbortSignal,
): Promise<JobEnd> {
  try {
    const slot = await seat.slot();
    const ids = left.map(({ id }) => id);
    return await watchJob(slot, { job: toSlotJob(job, left), ids, onRun, signal });
  } catch (error) {
    if (error instanceof NoSlot) return { is: "no slot", message: error.message };
    throw error;
  }
}

function toSlotJob(job: Job, left: readonly Piece[]): SlotCalls | SlotProgram {
  const { kind, ...rest } = job;
  const id = randomUUID();
  // kinds of job and of piece go together: both come from piecesOf
  if (kind === "calls") return { ...(rest as CallsJob), do: "calls", job: id, calls: left as SlotCalls["calls"] };
  return { ...(rest as ProgramJob), do: "program", job: id, inputs: left as SlotProgram["inputs"] };
}

/** The runs that a slot's end decides, of those that it left without a verdict. */
async function chargedFor(end: JobEnd, seat: Seat, job: Job, [culprit, ...others]: readonly Piece[]): Promise<Run[]> {
  if (!culprit || end.is === "done") return [];
  if (end.is === "no slot" || !end.hasBegun) return [runWithout(culprit.id, "sandbox_error", end.message)];
  const charged = [{ ...runWithout(culprit.id, end.outcome, end.message), ms: end.ms }];
  if (end.outcome === "crash") {
    try {
      await seat.slot(); // a new process does a control job before it is one
    } catch (error) {
      if (!(error instanceof NoSlot)) throw error;
      return [runWithout(culprit.id, "sandbox_error", `${end.message}; and then ${error.message}`)];
    }
  }
  // code that kills its process while it loads would do so again for every call
  if (job.kind === "calls" && !end.hasLoaded)
    charged.push(...others.map(({ id }) => runWithout(id, end.outcome, end.message)));
  return charged;
}
