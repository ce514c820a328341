/** A whole program, once for each input. What it wrote and its exit status are seen from outside. */
import { randomUUID } from "node:crypto";
import type { Input, ProgramJob, Run } from "../job.ts";
import { type Ending, endingOf } from "./ending.ts";
import type { Guest } from "./guest.ts";
import type { Interpreters } from "./interpreters.ts";
import { type Claimed, claimedRun, readMessage } from "./message.ts";
import { failed } from "./session.ts";

/** @throws the reason of the signal when it aborts */
export async function runProgram(
  interpreters: Interpreters,
  job: ProgramJob,
  { id, stdin }: Input,
  wallMs: number,
  signal?: AbortSignal,
): Promise<Run> {
  const { cpuMs, outputKb } = job.limits;
  const guest = await interpreters.take(job.limits);
  if (!guest) return failed(id, { outcome: "sandbox_error", message: "no interpreter starts in a box" });
  const started = performance.now();
  try {
    const question = randomUUID();
    guest.send(JSON.stringify({ kind: "program", id: question, code: job.code, limits: { cpuMs, outputKb } }));
    guest.endStdin(stdin);
    const ending = await untilEnd(guest, job, question, wallMs, signal);
    const ms = performance.now() - started;
    return { id, stdout: guest.written("stdout"), stderr: guest.written("stderr"), ms, ...ending };
  } finally {
    await interpreters.release(guest);
  }
}

async function untilEnd(
  guest: Guest,
  { limits }: ProgramJob,
  question: string,
  wallMs: number,
  signal?: AbortSignal,
): Promise<Ending & Pick<Run, "error">> {
  const deadline = performance.now() + wallMs;
  let said: Claimed | undefined;
  for (;;) {
    const event = await guest.next(deadline - performance.now(), signal);
    if (event.kind === "line") {
      const message = readMessage(event.text);
      const run = message && claimedRun(message);
      if (run?.id === question) said ??= run;
      continue;
    }
    if (event.kind === "aborted") signal?.throwIfAborted();
    if (event.kind !== "exit") return endingOf(event, limits, wallMs);
    if (said && said.outcome !== "ok") {
      return { outcome: said.outcome, message: said.message, ...(said.error ? { error: said.error } : {}) };
    }
    if (event.code === 0) return { outcome: "ok", message: "" };
    const ending = endingOf(event, limits, wallMs);
    return event.code !== null && event.code <= 128 ? { ...ending, outcome: "runtime_error" } : ending;
  }
}
