import { RlvrError } from "../../errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { Plain } from "../plain.ts";
import { findPython } from "./find.ts";
import type { Guest } from "./guest.ts";
import { Interpreters } from "./interpreters.ts";
import { readMessage } from "./message.ts";
import { REWRITER } from "./sources.ts";

/** Tests of one task, as they stand in its row. */
export interface AssertTests {
  readonly tests: string;
  /** Names that the tests call; the first is the argument of a `check` function. */
  readonly entries: readonly [string, ...string[]];
}

/** `assert f(1, 2) == 3` as data. `expected` is compared by `pythonEquals`. */
export interface ExpectedCall {
  readonly entry: string;
  readonly args: readonly Plain[];
  readonly expected: Plain;
}

/** The tests are trusted, and thousands of rows are read by one interpreter. */
const LIMITS: Limits = { ...DEFAULT_LIMITS, totalMs: 600_000, outputKb: 16 * 1024 };
const ONE_ROW_MS = 20_000;

/**
 * Reads tests written as asserts, such as MBPP's lists and HumanEval's `check`, as calls with expected values: then one box is
 * enough, and nothing that is expected enters it. Read by Python's own parser, which runs none of it, in a box all the same.
 *
 * @returns for each the calls, or null where an assert says more than `call == literal`: then a tester in a second box is needed
 * @throws E_SANDBOX where there is no Python, or it fails
 */
export async function assertsToCalls(
  rows: readonly AssertTests[],
  { python }: { readonly python?: string } = {},
): Promise<(readonly ExpectedCall[] | null)[]> {
  const interpreters = new Interpreters(await findPython(python), 0);
  try {
    const guest = await interpreters.take(LIMITS, REWRITER);
    if (!guest) throw new RlvrError("E_SANDBOX", "no interpreter starts in a box to read the tests");
    const tables: (readonly ExpectedCall[] | null)[] = [];
    for (const row of rows) tables.push(await tableOf(guest, row));
    return tables;
  } finally {
    await interpreters.close();
  }
}

async function tableOf(guest: Guest, { tests, entries }: AssertTests): Promise<readonly ExpectedCall[] | null> {
  guest.send(JSON.stringify({ tests, entries }));
  const event = await guest.next(ONE_ROW_MS);
  const message = event.kind === "line" ? readMessage(event.text) : null;
  if (message !== null) return message.table as unknown as readonly ExpectedCall[] | null;
  throw new RlvrError(
    "E_SANDBOX",
    `the interpreter that reads tests ended (${event.kind}) at ${JSON.stringify(tests.slice(0, 200))}`,
  );
}
