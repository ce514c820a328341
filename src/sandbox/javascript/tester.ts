/**
 * Tests in a box of their own. They are trusted and never see the candidate's code: each call that they make goes through this
 * process to the candidate's box, and plain data comes back. Objects that a call changes in place stay as they are in the tests.
 */
import { randomUUID } from "node:crypto";
import { RlvrError } from "../../errors.ts";
import type { Run, Session, TesterJob, TesterResult } from "../job.ts";
import type { Plain } from "../plain.ts";
import { decodePlain, encodePlain } from "../wire.ts";
import { exchange } from "./exchange.ts";
import type { SlotAnswer, ToSlot } from "./protocol.ts";
import { NoSlot, type Seat } from "./seats.ts";

/** Tests may be many small ones: what they are worth is not for us to judge, that they end is. */
const MAX_CALLS = 100_000;

export async function runTester(seat: Seat, job: TesterJob, candidate: Session): Promise<TesterResult> {
  const { language, tests: code, entries, limits } = job;
  const id = randomUUID();
  const slot = await seat.slot(limits.memoryMb).catch((error: unknown) => {
    if (error instanceof NoSlot) return error;
    throw error;
  });
  if (slot instanceof NoSlot) return { asserts: 0, outcome: "sandbox_error", message: slot.message };
  slot.jobs++;
  let message: ToSlot = { do: "test", job: id, language, code, entries, limits };
  const whole = { cpuMs: limits.totalMs, wallMs: limits.totalMs };
  let asked: Run | null = null;
  for (let calls = 0; calls <= MAX_CALLS; calls++) {
    const heard = await exchange(slot, message, ["ask", "tested"], whole);
    if (heard.is === "no answer") return { asserts: 0, outcome: "sandbox_error", message: heard.message };
    if (heard.is === "tested") return verdict(heard, asked);
    if (!entries.includes(heard.entry))
      throw new RlvrError("E_SANDBOX", `the tests called ${heard.entry}, which is no entry`);
    asked = await candidate.call(heard.entry, decodePlain(heard.args) as readonly Plain[]);
    message = answerOf(id, asked);
  }
  slot.kill("sandbox_error", "the tests never end");
  return { asserts: 0, outcome: "sandbox_error", message: `the tests made more than ${MAX_CALLS} calls` };
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
  readonly outcome: TesterResult["outcome"];
  readonly message: string;
}

function verdict({ asserts, outcome, message }: Tested, last: Run | null): TesterResult {
  if (outcome === "ok" && asserts === 0) {
    // tests that call nothing test nothing; those that called the candidate were led past their asserts by it
    return { asserts, outcome: last ? "failed" : "sandbox_error", message: "the tests evaluated no assert" };
  }
  if (outcome === "ok" || !last || last.outcome === "ok") return { asserts, outcome, message };
  const isOurs = last.outcome === "sandbox_error";
  return { asserts, outcome: isOurs ? "sandbox_error" : "failed", run: last, message: last.message };
}
