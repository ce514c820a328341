import { RlvrError } from "../errors.ts";
import { notGraded, type Verdict, type Verifier } from "./verdict.ts";

/**
 * Bounds how long a verifier may wait for something: a server, a sandbox, a file.
 *
 * A missed deadline is our fault: not graded, an infrastructure error that names the verifier. Its signal is aborted, so
 * what it had under way ends. A verifier that only computes cannot be interrupted, and its verdict stands.
 *
 * @param name for the reason; a function's own name by default
 * @throws {RlvrError} E_VERIFIER for a deadline that no timer can keep
 */
export function withDeadline<Row>(verifier: Verifier<Row>, timeoutMs: number, name = verifier.name): Verifier<Row> {
  if (!(timeoutMs > 0 && timeoutMs < 2 ** 31)) {
    throw new RlvrError("E_VERIFIER", `the deadline is ${timeoutMs} ms, expected more than 0 and less than 2^31`);
  }
  const reason = `${name === "" ? "" : `${name}: `}no verdict within ${timeoutMs} ms`;

  return (completion, row, context) => {
    const controller = new AbortController();
    const signal = context?.signal ? AbortSignal.any([context.signal, controller.signal]) : controller.signal;
    const pending = verifier(completion, row, { ...context, signal });
    return pending instanceof Promise ? firstOf(pending, timeoutMs, reason, controller) : pending;
  };
}

async function firstOf(
  pending: Promise<Verdict>,
  timeoutMs: number,
  reason: string,
  controller: AbortController,
): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Verdict>((resolve) => {
    timer = setTimeout(() => {
      resolve(notGraded("infrastructure-error", reason)); // before the abort, which may make the verifier answer too
      controller.abort(new Error(reason));
    }, timeoutMs);
  });
  try {
    return await Promise.race([pending, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
