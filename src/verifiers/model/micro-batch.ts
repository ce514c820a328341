import { Callers } from "../callers.ts";

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One call for many: what is asked within a turn of the event loop goes out together, at most `size` at a time, in order.
 *
 * @param work gets the items and a signal that is aborted when all who ask have given up; one result for each item
 */
export function microBatch<Item, Result>(
  size: number,
  work: (items: readonly Item[], signal: AbortSignal) => Promise<readonly Result[]>,
): (item: Item, signal: AbortSignal | undefined) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return; // it was full before the turn ended
    const callers = new Callers();
    for (const { signal } of batch) callers.join(signal);
    try {
      const results = await work(
        batch.map(({ item }) => item),
        callers.signal,
      );
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      callers.done();
    }
  }

  return (item, signal) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, signal, resolve, reject });
      if (waiting.length >= size) void flush();
      else if (waiting.length === 1) setImmediate(() => void flush());
    });
}
