/** From a completion and what its trainer knows to a reward, or to the reason why there is none. */
import type { Graded } from "../verifiers/verdict.ts";
import type { ServeContext } from "./context.ts";
import { untilDeadline } from "./deadline.ts";
import { Refusal, shorten } from "./refusal.ts";
import { formRow, type Reference } from "./row.ts";
import type { ServedTask } from "./served-task.ts";

export interface Sample extends Reference {
  readonly completion: string;
}

/** timeout, crash and not_graded are ours; bad_input is the request's. */
export type ErrorKind = "timeout" | "crash" | "bad_input" | "not_graded";

export type SampleResult =
  | { readonly status: "graded"; readonly verdict: Graded; readonly ms: number }
  | { readonly status: "error"; readonly kind: ErrorKind; readonly message: string; readonly ms: number };

/**
 * Results by position. What has none at the deadline is late; what still waits then is never started.
 *
 * @param deadline as of performance.now()
 * @throws {Refusal} busy
 */
export async function gradeSamples(
  context: ServeContext,
  served: ServedTask,
  samples: readonly Sample[],
  deadline: number,
): Promise<SampleResult[]> {
  context.grader.checkQueue();
  const results: SampleResult[] = samples.map(() => failure("timeout", "no verdict in time"));
  const graded = samples.map(async (sample, i) => {
    results[i] = await gradeSample(context, served, sample, deadline);
  });
  await untilDeadline(Promise.all(graded), deadline);
  const inTime = [...results]; // late ones still settle, in an array that nobody reads
  const errors = inTime.filter((result) => result.status === "error");
  const bad = errors.filter(({ kind }) => kind === "bad_input").length;
  context.traffic.completions(inTime.length, errors.length - bad, bad);
  return inTime;
}

async function gradeSample(
  { grader, limits: { completionChars } }: ServeContext,
  served: ServedTask,
  sample: Sample,
  deadline: number,
): Promise<SampleResult> {
  const { completion } = sample;
  if (completion.length > completionChars) {
    return failure("bad_input", `the completion has ${completion.length} characters, expected ≤ ${completionChars}`);
  }
  const formed = await formRow(served, sample);
  if (formed.status === "unfit") return failure("bad_input", formed.message);
  if (formed.status === "failed") return failure("not_graded", formed.reason);
  const { verdict, ms, late } = await grader.grade({ served, row: formed.row, completion }, deadline);
  if (verdict.status === "graded") return { status: "graded", verdict, ms };
  const kind = late ? "timeout" : verdict.cause === "verifier-error" ? "crash" : "not_graded";
  return { ...failure(kind, verdict.reason), ms };
}

function failure(kind: ErrorKind, message: string): SampleResult & { status: "error" } {
  return { status: "error", kind, message: shorten(message), ms: 0 };
}

/**
 * For dialects whose clients know nothing between a reward and an error: all verdicts, or none.
 *
 * @throws {Refusal} invalid if the request is at fault, not_graded if we are: never a reward of 0
 */
export function allGraded(results: readonly SampleResult[]): Graded[] {
  const failures = results.flatMap((result, i) => (result.status === "error" ? [{ ...result, i }] : []));
  const worst = failures.find(({ kind }) => kind === "bad_input") ?? failures[0];
  if (worst !== undefined) {
    const where = results.length === 1 ? "" : `${failures.length} of ${results.length}, first [${worst.i}]: `;
    if (worst.kind === "bad_input") throw new Refusal("invalid", `${where}${worst.message}`, SEE_TASKS);
    throw new Refusal("not_graded", `not graded (${worst.kind}): ${where}${worst.message}`, NOT_ZERO);
  }
  return results.flatMap((result) => (result.status === "graded" ? [result.verdict] : []));
}

const SEE_TASKS = "GET /v1/tasks shows what a row of each task needs.";
const NOT_ZERO =
  "This is a fault of the verifier or of its surroundings: leave the completion out, do not score it as 0.";
