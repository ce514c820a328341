/** Trusted tests in a box of their own, the candidate in another; this process carries the questions and answers. */
import type { Run, Session, TesterJob, TesterResult } from "../job.ts";
import type { Plain } from "../plain.ts";
import { encodePlain } from "../wire.ts";
import type { Guest } from "./guest.ts";
import type { Interpreters } from "./interpreters.ts";
import { type Message, readMessage } from "./message.ts";
import { TESTER } from "./sources.ts";

/** @throws never for what the candidate does */
export async function runTests(interpreters: Interpreters, job: TesterJob, candidate: Session): Promise<TesterResult> {
  const limits = { ...job.limits, cpuMs: job.limits.totalMs };
  const guest = await interpreters.take(limits, TESTER);
  if (!guest) return ourFault("no interpreter starts in a box");
  try {
    guest.endStdin();
    guest.send(JSON.stringify({ tests: job.tests, entries: job.entries }));
    return await converse(guest, candidate, job.limits.totalMs);
  } finally {
    await interpreters.release(guest);
  }
}

async function converse(guest: Guest, candidate: Session, totalMs: number): Promise<TesterResult> {
  const deadline = performance.now() + totalMs;
  let calls = 0;
  let last: Run | undefined;
  for (;;) {
    const event = await guest.next(deadline - performance.now());
    if (event.kind !== "line") {
      const message = event.kind === "timeout" ? `the tests took more than ${totalMs} ms` : "the tests ended early";
      // tests that work on what the candidate gave may well be made to run for ever by it
      return calls > 0 ? { asserts: 0, outcome: "failed", message } : ourFault(message);
    }
    const message = readMessage(event.text);
    if (message === null) return ourFault("the tester wrote what cannot be read");
    if (typeof message.ask !== "string") return conclusion(message, last);
    calls++;
    last = await candidate.call(message.ask, message.args as readonly Plain[]);
    if (last.outcome === "sandbox_error") return ourFault(last.message);
    if (last.outcome !== "ok" && last.outcome !== "runtime_error") {
      return { asserts: 0, outcome: "failed", run: last, message: last.message };
    }
    guest.send(answerText(last));
  }
}

/** An exception goes on as its class and its own text, without the candidate's lines. */
function answerText({ outcome, value, error, message }: Run): string {
  const [first = ""] = message.split("\n");
  const text = error && first.startsWith(`${error}: `) ? first.slice(error.length + 2) : first === error ? "" : first;
  return `{"outcome":"${outcome}","value":${encodePlain(value)},"error":${encodePlain(error)},"message":${encodePlain(text)}}`;
}

function conclusion({ failure, message, written, asserts, calls }: Message, last: Run | undefined): TesterResult {
  const text = String(message);
  const count = Number(asserts);
  if (failure === "not carried" || (failure === "raised" && Number(calls) === 0)) return ourFault(text, count);
  if (failure === "raised") {
    const run = last && last.outcome !== "ok" ? { run: last } : {};
    return { asserts: count, outcome: "failed", ...run, message: text };
  }
  if (count > 0) return { asserts: count, outcome: "ok", message: "" };
  // `for x in f(): assert …` is reached or not by what the candidate gives
  if (Number(written) > 0 && Number(calls) > 0)
    return { asserts: 0, outcome: "failed", message: "no assert was reached" };
  return ourFault("the tests evaluated no assert");
}

function ourFault(message: string, asserts = 0): TesterResult {
  return { asserts, outcome: "sandbox_error", message };
}
