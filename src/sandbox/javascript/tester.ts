/**
 * Tests in a box of their own. They are trusted and never see the candidate's code: each call that they make goes through this
 * process to the candidate's box, and plain data comes back. Objects that a call changes in place stay as they are in the tests.
 */
import { randomUUID } from "node:crypto";
import type { Run, RunOutcome, Session, TesterJob, TesterResult } from "../job.ts";
import type { Plain } from "../plain.ts";
import { decodePlain, encodePlain } from "../wire.ts";
import { exchange } from "./exchange.ts";
import type { SlotAnswer, ToSlot } from "./protocol.ts";
import { NoSlot, type Seat } from "./seats.ts";
import type { SlotProcess } from "./slot-process.ts";

/** Tests may be many small ones: what they are worth is not for us to judge, that they end is. */
const MAX_CALLS = 100_000;
const NO_ASSERT = "the tests evaluated no assert";

export async function runTester(seat: Seat, job: TesterJob, candidate: Session): Promise<TesterResult> {
  try {
    return await converse(await seat.slot(), job, candidate);
  } catch (error) {
    seat.kill(); // it still waits for an answer
    if (error instanceof NoSlot) return { asserts: 0, outcome: "sandbox_error", message: error.message };
    throw error;
  }
}

async function converse(slot: SlotProcess, job: TesterJob, candidate: Session): Promise<TesterResult> {
  const { language, tests: code, entries, limits } = job;
  const whole = { ...limits, cpuMs: limits.totalMs, wallMs: limits.totalMs };
  const id = randomUUID();
  let message: ToSlot = { do: "test", job: id, language, code, entries, limits };
  let asked: Run | null = null;
  slot.jobs++;
  for (let calls = 0; calls <= MAX_CALLS; calls++) {
    const heard = await exchange(slot, message, ["ask", "tested"], whole);
    if (heard.is === "no answer") return verdict({ ...heard, asserts: 0 }, asked);
    if (heard.is === "tested") return verdict(heard, asked);
    asked = await candidate.call(heard.entry, decodePlain(heard.args) as readonly Plain[]);
    message = answerOf(id, asked);
  }
  slot.kill("timeout", "the tests never end");
  return verdict({ outcome: "timeout", asserts: 0, message: `the tests made more than ${MAX_CALLS} calls` }, asked);
}

function answerOf(job: string, { outcome, value, message, error }: Run): SlotAnswer {
  if (outcome === "ok") return { do: "answer", job, outcome, value: encodePlain(value), message };
  const said = error === undefined ? { message } : { message: firstLine(message, error), error };
  return { do: "answer", job, outcome: outcome === "runtime_error" ? outcome : "fatal", ...said };
}

/** What the error says, without its name and its place in the code. */
function firstLine(message: string, error: string): string {
  const line = message.split("\n", 1)[0] as string;
  return line.startsWith(`${error}: `) ? line.slice(error.length + 2) : line;
}

interface Tested {
  readonly asserts: number;
  readonly outcome: RunOutcome;
  readonly message: string;
}

/**
 * What the tests say of the candidate, given its last run. Tests that were not run because of us say nothing; but once they have
 * called the candidate, it must not gain by what it does to them: a value that keeps them busy, or one that leads them past
 * their asserts.
 */
function verdict({ asserts, outcome, message }: Tested, last: Run | null): TesterResult {
  if (last?.outcome === "sandbox_error") return { asserts, outcome: "sandbox_error", run: last, message: last.message };
  const isStopped = last !== null && last.outcome !== "ok" && last.outcome !== "runtime_error";
  if (outcome === "ok" && asserts > 0 && !isStopped) return { asserts, outcome, message };
  if (last === null || outcome === "sandbox_error" || outcome === "compile_error") {
    // what the tests do before they call the candidate says nothing about it
    return { asserts, outcome: "sandbox_error", message: outcome === "ok" ? NO_ASSERT : message };
  }
  const run = last.outcome === "ok" ? {} : { run: last };
  const why = isStopped ? last.message : outcome === "ok" ? NO_ASSERT : message;
  return { asserts, outcome: "failed", ...run, message: why };
}
