/** Rows whose right answer the verifier can read, told apart before anything runs. */
import { RlvrError } from "../errors.ts";

export interface ReadableRowsOptions<Row> {
  /** Throws where the row's own answer cannot be read: `({ answer }) => checkGold(answer)`. */
  readonly check: (row: Row) => void;
  /** The rows' name in messages, such as the path of their file. */
  readonly name: string;
  /** refuse: one unreadable row fails the whole; skip: such rows are left out, with a warning that counts them. */
  readonly unreadable: "refuse" | "skip";
}

const SHOWN = 3;
const warned = new Set<string>(); // a split is loaded several times

/**
 * All rows, or all but the unreadable ones. Reads to the end before it returns: the count is known before the first row.
 *
 * @throws E_TASK_DATA where rows are unreadable and to be refused; it has their number and the first reasons
 */
export async function readableRows<Row>(
  rows: Iterable<Row> | AsyncIterable<Row>,
  { check, name, unreadable }: ReadableRowsOptions<Row>,
): Promise<Row[]> {
  const readable: Row[] = [];
  const reasons: string[] = [];
  for await (const row of rows) {
    try {
      check(row);
      readable.push(row);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (reasons.length === 0) return readable;

  const total = readable.length + reasons.length;
  const shown = reasons.slice(0, SHOWN).join("; ");
  const message = `${reasons.length} of the ${total} rows of ${name} have an answer that the verifier cannot read: ${shown}`;
  if (unreadable === "refuse") {
    throw new RlvrError("E_TASK_DATA", message, { hint: "Mend them, or leave them out with unreadable=skip." });
  }
  if (!warned.has(message)) process.emitWarning(message, { code: "RLVR_UNREADABLE_ROWS" });
  warned.add(message);
  return readable;
}
