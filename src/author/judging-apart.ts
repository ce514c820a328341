/**
 * Verdicts from a process of their own, which is killed when a verifier hangs and replaced when it dies: a check of a
 * hostile text must end, whatever the verifier does.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { notGraded } from "../verifiers/verdict.ts";
import { CONCURRENT, type Judging, type Timed } from "./judging.ts";

export interface Question {
  readonly id: number;
  readonly row: unknown;
  readonly completion: string;
}
export interface Reply extends Timed {
  readonly id: number;
}

export interface JudgeApartOptions {
  /** Where `tasks/` is looked up; the working directory by default. */
  readonly cwd?: string;
  /** Time without any verdict after which the process is killed. */
  readonly hangMs: number;
}

interface Job extends Question {
  readonly done: (timed: Timed) => void;
  readonly fail: (error: Error) => void;
  /** Was under way when a process ended, and now has to show whether it was the reason. */
  alone: boolean;
}

/** A process's first message. */
export const READY = "ready";
/** Time to start and to load the task, generous for loaded machines. */
const START_MS = 60_000;

const IS_SOURCE = import.meta.url.endsWith(".ts");
const PROGRAM = fileURLToPath(new URL(IS_SOURCE ? "./judge-child.ts" : "./judge-child.js", import.meta.url));
/** Questions that wait in the process: enough that it does not wait for this one. */
const AHEAD = 8 * CONCURRENT;
const CONDITION = "--conditions=rlvr-source"; // the sources import each other's entries by it

/** @param name as `loadTask` takes it; rows must be data that can be copied to another process */
export function judgeApart(name: string, { cwd = process.cwd(), hangMs }: JudgeApartOptions): Judging {
  const waiting: Job[] = [];
  const underWay = new Map<number, Job>();
  let child: ChildProcess | null = null;
  let isReady = false;
  let killedAfterMs: number | null = null;
  let watchdog: NodeJS.Timeout | undefined;
  let count = 0;
  let isClosed = false;

  const watch = () => {
    clearTimeout(watchdog);
    if (underWay.size === 0) return;
    const limitMs = isReady ? hangMs : START_MS;
    watchdog = setTimeout(() => {
      killedAfterMs = limitMs;
      child?.kill("SIGKILL");
    }, limitMs);
  };
  const start = () => {
    const execArgv = [...process.execArgv, ...(IS_SOURCE && !process.execArgv.includes(CONDITION) ? [CONDITION] : [])];
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    const started = fork(PROGRAM, [name], { cwd, execArgv, stdio: [...stdio], serialization: "advanced" });
    started.on("message", (message: Reply | typeof READY) => {
      if (message === READY) isReady = true;
      else {
        const { id, verdict, ms } = message;
        underWay.get(id)?.done({ verdict, ms });
        underWay.delete(id);
      }
      next();
    });
    started.on("exit", (code, signal) => {
      if (child !== started) return;
      child = null;
      isReady = false;
      ended(signal ?? `exit code ${code}`);
    });
    return started;
  };
  /** One job under way is the reason; of several, each runs again alone. */
  const ended = (how: string) => {
    const jobs = [...underWay.values()];
    underWay.clear();
    if (jobs.length === 1) {
      const reason =
        killedAfterMs === null
          ? `its process died (${how})`
          : `no verdict within ${killedAfterMs} ms: its process was killed`;
      jobs[0]!.done({ verdict: notGraded("infrastructure-error", reason), ms: hangMs });
    } else {
      for (const job of jobs) job.alone = true;
      waiting.unshift(...jobs);
    }
    killedAfterMs = null;
    next();
  };
  const next = () => {
    for (let job = waiting[0]; job !== undefined; job = waiting[0]) {
      const occupied = [...underWay.values()].some(({ alone }) => alone) ? 1 : AHEAD;
      if (underWay.size >= (job.alone ? 1 : occupied)) break;
      waiting.shift();
      underWay.set(job.id, job);
      child ??= start();
      child.send({ id: job.id, row: job.row, completion: job.completion } satisfies Question);
    }
    watch();
  };

  return {
    judge: (row, completion) =>
      new Promise((done, fail) => {
        if (isClosed) return fail(new DOMException("no verdict: the judging was closed", "AbortError"));
        waiting.push({ id: count++, row, completion, done, fail, alone: false });
        next();
      }),
    close() {
      isClosed = true;
      clearTimeout(watchdog);
      const last = child;
      child = null;
      last?.kill("SIGKILL");
      const left = [...underWay.values(), ...waiting];
      underWay.clear();
      waiting.length = 0;
      for (const { fail } of left) fail(new DOMException("no verdict: the judging was closed", "AbortError"));
    },
  };
}
