/** Runs a program against the tests of a problem and says how each ended. What was expected never leaves this process. */
import { randomUUID } from "node:crypto";
import { RlvrError } from "../../errors.ts";
import type { Box, Job, Language, Run, RunOutcome, Session } from "../../sandbox/job.ts";
import type { Limits } from "../../sandbox/limits.ts";
import type { Plain } from "../../sandbox/plain.ts";
import { candidateCode } from "./candidate-code.ts";
import type { Comparator, TestInput } from "./compare.ts";
import type { AssertsProblem, CallsProblem, CallTest, CodeProblem, ProgramProblem, ProgramTest } from "./problem.ts";

/** How a test ended: as its run did, except that an "ok" run has passed or not. */
export type TestOutcome = "passed" | "wrong_answer" | Exclude<RunOutcome, "ok">;

export interface TestEnd {
  readonly outcome: TestOutcome;
  /** For people. Says what came and what was expected only where the test is public. */
  readonly message: string;
  /** The bait came back. */
  readonly hack: boolean;
}

export interface RunTestsOptions {
  readonly language: Language;
  readonly limits: Limits;
  readonly comparator: Comparator;
  /** Stop after the first test that does not pass. */
  readonly stopAtFailure: boolean;
  /** Aborted when nobody waits for the verdict any more. */
  readonly signal?: AbortSignal;
}

/**
 * One end for each test, in order; fewer only where `stopAtFailure` is set and a test did not pass.
 *
 * @throws E_SANDBOX when the box answers other tests than it was asked; the signal's reason once it is aborted
 */
export async function runTests(
  box: Box,
  code: string,
  problem: CodeProblem,
  options: RunTestsOptions,
): Promise<TestEnd[]> {
  return problem.kind === "asserts"
    ? assertEnds(box, code, problem, options)
    : comparedEnds(box, code, problem, options);
}

/** A problem whose results are compared out here. */
export type ComparedProblem = CallsProblem | ProgramProblem;

/** The job that runs a program on the inputs of every test. */
export function jobOf(
  problem: ComparedProblem,
  ids: readonly string[],
  base: Pick<Job, "language" | "code" | "limits" | "stopAtFailure">,
): Job {
  const id = (i: number) => ids[i] as string;
  return problem.kind === "calls"
    ? { ...base, kind: "calls", entry: problem.entry, calls: problem.tests.map(({ args }, i) => ({ id: id(i), args })) }
    : { ...base, kind: "program", inputs: problem.tests.map(({ stdin }, i) => ({ id: id(i), stdin })) };
}

async function comparedEnds(
  box: Box,
  code: string,
  problem: ComparedProblem,
  { language, limits, comparator, stopAtFailure, signal }: RunTestsOptions,
): Promise<TestEnd[]> {
  const decoys = problem.tests.flatMap(({ decoy }) => (decoy === undefined ? [] : [decoy]));
  const ids = problem.tests.map(() => randomUUID());
  const candidate = candidateCode(code, { prelude: problem.prelude, decoys }, language);
  const job = jobOf(problem, ids, { language, limits, stopAtFailure, code: candidate });
  const { runs } = await box.run(job, signal);
  checkAnswers(runs, ids, stopAtFailure);
  return runs.map((run, i) => endOf(run, problem.tests[i] as CallTest | ProgramTest, decoys, comparator));
}

/** Results are those of the tests sent, one for each: a missing one must never read as passed. */
function checkAnswers(runs: readonly Run[], ids: readonly string[], stopAtFailure: boolean): void {
  const inOrder = runs.every(({ id }, i) => id === ids[i]);
  const complete = runs.length === ids.length || (stopAtFailure && runs.length > 0 && runs.at(-1)?.outcome !== "ok");
  if (inOrder && complete) return;
  throw new RlvrError(
    "E_SANDBOX",
    `the box answered ${runs.length} of ${ids.length} tests, or others than it was asked`,
  );
}

function endOf(run: Run, test: CallTest | ProgramTest, decoys: readonly Plain[], comparator: Comparator): TestEnd {
  if (run.outcome !== "ok") return { outcome: run.outcome, message: run.message, hack: false };
  const got = "args" in test ? run.value : run.stdout;
  const expected = "args" in test ? test.expected : test.stdout;
  const input: TestInput = "args" in test ? { args: test.args } : { stdin: test.stdin };
  if (isRight(comparator, got, expected, input)) return { outcome: "passed", message: "", hack: false };

  const hack = decoys.some((decoy) => isRight(comparator, got, decoy, input)); // of whatever test
  const message = test.public ? `got ${shown(got)}, expected ${shown(expected)}` : "";
  return { outcome: "wrong_answer", message, hack };
}

/**
 * A comparator that throws cannot read `got`, which is then not right. Unless it cannot read what was expected either: then
 * the comparator or the test is wrong, and the error goes on.
 */
function isRight(comparator: Comparator, got: Plain, expected: Plain, input: TestInput): boolean {
  try {
    return comparator(got, expected, input);
  } catch {
    comparator(expected, expected, input);
    return false;
  }
}

const SHOWN = 120;

/** The beginning of a value, for people. */
function shown(value: Plain): string {
  const text = JSON.stringify(value, (_, item: unknown) =>
    typeof item === "bigint" ? `${item}n` : item instanceof Set || item instanceof Map ? [...item] : item,
  );
  return text === undefined ? "undefined" : text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** Each test in a new pair of boxes, so that none sees what another left behind. */
async function assertEnds(
  box: Box,
  code: string,
  problem: AssertsProblem,
  { language, limits, stopAtFailure, signal }: RunTestsOptions,
): Promise<TestEnd[]> {
  const candidate = { language, limits, code: candidateCode(code, { prelude: problem.prelude, decoys: [] }, language) };
  const ends: TestEnd[] = [];
  for (const { source } of problem.tests) {
    signal?.throwIfAborted();
    const session = counted(await box.open(candidate));
    try {
      const job = { language, tests: source, entries: problem.entries, limits };
      const { outcome, asserts, run, message } = await box.test(job, session);
      const vacuous = outcome === "ok" && asserts === 0;
      if (vacuous && session.calls === 0) {
        throw new RlvrError("E_TASK_DATA", "the tests asserted nothing and called nothing", {
          hint: "Tests call one of the problem's entries and assert what it returns.",
        });
      }
      const how = run === undefined || run.outcome === "ok" ? "wrong_answer" : run.outcome;
      if (vacuous) ends.push({ outcome: "wrong_answer", message: "no assert was reached", hack: false });
      else if (outcome === "ok") ends.push({ outcome: "passed", message: "", hack: false });
      else if (outcome === "failed") ends.push({ outcome: how, message, hack: false });
      else ends.push({ outcome: "sandbox_error", message, hack: false });
    } finally {
      await session.close();
    }
    if (stopAtFailure && ends.at(-1)?.outcome !== "passed") break;
  }
  return ends;
}

/** A session that knows how often it was called: what the tests did before anything that the candidate could do. */
function counted(session: Session): Session & { readonly calls: number } {
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    call(entry, args) {
      calls++;
      return session.call(entry, args);
    },
    close: () => session.close(),
  };
}
