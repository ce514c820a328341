import { AnswerFile } from "./answer-file.ts";
import { CACHE_CAPACITY, ContentCache } from "./content-cache.ts";
import { contentKey } from "./content-key.ts";
import { Graded, type Verdict, type Verifier } from "./verdict.ts";

export interface CacheOptions<Row> {
  /** Names the verifier with all that its verdicts depend on besides completion and row. Change it when that changes. */
  readonly version: string;
  /** What of completion and row the verdict depends on, as JSON; both of them whole by default. */
  readonly key?: (completion: string, row: Row) => unknown;
  /** Verdicts held in memory, 10,000 by default. */
  readonly capacity?: number;
  /** Path of a file that keeps verdicts from run to run. */
  readonly store?: string;
}

/**
 * Remembers what a verifier said, by content: for those that cost time or money.
 *
 * Only graded verdicts are kept; what was not graded is tried again. Identical calls at the same time share one run.
 */
export function cached<Row>(verifier: Verifier<Row>, options: CacheOptions<Row>): Verifier<Row> {
  const { version, key = (completion, row) => [completion, row], capacity = CACHE_CAPACITY, store } = options;
  const cache = new ContentCache<Verdict>({
    capacity,
    keeps: ({ status }) => status === "graded",
    file: store === undefined ? undefined : new AnswerFile<Verdict>(store, Graded),
  });
  return async (completion, row, context) => {
    const name = contentKey([version, key(completion, row)]);
    const verdict = await cache.get(name, (signal) => verifier(completion, row, { signal }), context?.signal);
    return structuredClone(verdict); // whoever changes what he got does not change the next answer
  };
}
