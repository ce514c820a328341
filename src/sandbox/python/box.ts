/**
 * Python in child processes: a fresh interpreter for each sample, in the strongest chain that the machine offers.
 *
 * One job at a time a slot. Sessions and their testers take no slot while they wait for each other; loading does, and so does
 * a tester.
 */
import { availableParallelism } from "node:os";
import pLimit, { type LimitFunction } from "p-limit";
import { RlvrError } from "../../errors.ts";
import type { Box, CallsJob, Job, JobResult, ProgramJob, Run, Session, TesterJob, TesterResult } from "../job.ts";
import type { Limits } from "../limits.ts";
import { holds, type Tier } from "../tier.ts";
import { findPython, type Python } from "./find.ts";
import { Interpreters } from "./interpreters.ts";
import { runProgram } from "./program.ts";
import { failed, PythonSession } from "./session.ts";
import { runTests } from "./tester.ts";

export interface PythonBoxOptions {
  /** Jobs at a time. Default: the cores, since limits on the clock mean little where more run than there are cores. */
  readonly slots?: number;
  /** Refuse to open on a machine that holds guests less well. Default "weak". */
  readonly minTier?: Tier;
  /** Command or path of the interpreter. Default: the one on the path that can be held best. */
  readonly python?: string;
  /** Interpreters that wait for a job, which saves their start-up time. Default: as many as slots. */
  readonly spares?: number;
}

/** @throws E_SANDBOX where there is no Python, or none that is held well enough */
export async function openPythonBox(options: PythonBoxOptions = {}): Promise<PythonBox> {
  const { slots = availableParallelism(), minTier = "weak", python: command, spares = slots } = options;
  const python = await findPython(command);
  const { tier, chain } = python.containment;
  if (!holds(tier, minTier)) {
    throw new RlvrError(
      "E_SANDBOX",
      `Python runs in a box of tier "${tier}" (${chain}), expected "${minTier}" or better`,
      {
        hint: "Install bubblewrap and util-linux (setpriv, prlimit), or lower the tier that is demanded.",
      },
    );
  }
  return new PythonBox(python, slots, spares);
}

export class PythonBox implements Box {
  readonly languages = ["python"] as const;
  readonly tier: Tier;
  readonly python: Python;
  readonly interpreters: Interpreters;
  readonly #slot: LimitFunction;

  constructor(python: Python, slots: number, spares: number) {
    this.python = python;
    this.tier = python.containment.tier;
    this.interpreters = new Interpreters(python, spares);
    this.#slot = pLimit(slots);
  }

  async run(job: Job, signal?: AbortSignal): Promise<JobResult> {
    checkJob(job);
    signal?.throwIfAborted();
    const runs = await this.#slot(() =>
      job.kind === "calls" ? this.#calls(job, signal) : this.#programs(job, signal),
    );
    return { tier: this.tier, runs };
  }

  async open(job: { language: string; code: string; limits: Limits }): Promise<Session> {
    checkLanguage(job.language);
    const session = new PythonSession(this.interpreters, job.code, job.limits);
    await this.#slot(() => session.load());
    return session;
  }

  async test(job: TesterJob, candidate: Session): Promise<TesterResult> {
    checkLanguage(job.language);
    return this.#slot(() => runTests(this.interpreters, job, candidate));
  }

  close(): Promise<void> {
    return this.interpreters.close();
  }

  async #calls(job: CallsJob, signal: AbortSignal | undefined): Promise<Run[]> {
    const session = new PythonSession(this.interpreters, job.code, job.limits);
    try {
      return await inTurn(job, job.calls, ({ id, args }) => session.call(job.entry, args, signal, id));
    } finally {
      await session.close();
    }
  }

  #programs(job: ProgramJob, signal: AbortSignal | undefined): Promise<Run[]> {
    return inTurn(job, job.inputs, (input, wallMs) => runProgram(this.interpreters, job, input, wallMs, signal));
  }
}

/** The runs of a job, one after the other, within its time; code that cannot be compiled is not tried again. */
async function inTurn<Item extends { readonly id: string }>(
  { limits, stopAtFailure }: Job,
  items: readonly Item[],
  run: (item: Item, wallMs: number) => Promise<Run>,
): Promise<Run[]> {
  const deadline = performance.now() + limits.totalMs;
  const runs: Run[] = [];
  for (const item of items) {
    const rest = deadline - performance.now();
    const last = runs.at(-1);
    if (last?.outcome === "compile_error") runs.push({ ...last, id: item.id });
    else if (rest > 0) runs.push(await run(item, Math.min(limits.wallMs, rest)));
    else runs.push(failed(item.id, { outcome: "timeout", message: `all runs took more than ${limits.totalMs} ms` }));
    if (stopAtFailure && runs.at(-1)?.outcome !== "ok") break;
  }
  return runs;
}

function checkLanguage(language: string): void {
  if (language === "python") return;
  throw new RlvrError("E_SANDBOX", `a Python box got code in ${JSON.stringify(language)}, expected "python"`);
}

function checkJob(job: Job): void {
  checkLanguage(job.language);
  const ids = (job.kind === "calls" ? job.calls : job.inputs).map(({ id }) => id);
  if (ids.length === 0) throw new RlvrError("E_SANDBOX", "a job has no runs, expected at least one");
  if (new Set(ids).size !== ids.length) throw new RlvrError("E_SANDBOX", "two runs of a job have the same id");
}
