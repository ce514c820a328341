/**
 * Answers by content: the newest in memory, all of them in a file where one is given.
 *
 * Calls for a key that is being worked out share that one run; it is aborted only when all of them have given up.
 */

import type { AnswerFile } from "./answer-file.ts";
import { Callers } from "./callers.ts";

/** Answers held in memory where nobody says how many. */
export const CACHE_CAPACITY = 10_000;

export interface ContentCacheOptions<Value> {
  /** Answers held in memory; the one not used for the longest time goes first. */
  readonly capacity: number;
  /** What is worth keeping. */
  readonly keeps: (value: Value) => boolean;
  readonly file?: AnswerFile<Value> | undefined;
}

interface Run<Value> {
  readonly callers: Callers;
  readonly answer: Promise<Value>;
}

export class ContentCache<Value> {
  readonly #options: ContentCacheOptions<Value>;
  readonly #answers = new Map<string, Value>(); // the oldest use first
  readonly #runs = new Map<string, Run<Value>>();

  constructor(options: ContentCacheOptions<Value>) {
    this.#options = options;
    for (const [key, value] of options.file?.entries() ?? []) this.#remember(key, value);
  }

  /** The answer for this key, from `work` where it is new. A throw is passed on to all who wait, and forgotten. */
  async get(
    key: string,
    work: (signal: AbortSignal) => Value | Promise<Value>,
    signal: AbortSignal | undefined,
  ): Promise<Value> {
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#remember(key, known);
      return known;
    }
    let run = this.#runs.get(key);
    if (run === undefined || run.callers.signal.aborted) {
      run = this.#start(key, work);
      this.#runs.set(key, run);
    }
    run.callers.join(signal);
    return run.answer;
  }

  #start(key: string, work: (signal: AbortSignal) => Value | Promise<Value>): Run<Value> {
    const callers = new Callers();
    const answer = (async () => {
      try {
        await null; // the caller joins first
        const value = await work(callers.signal);
        if (this.#options.keeps(value)) {
          this.#options.file?.append(key, value);
          this.#remember(key, value);
        }
        return value;
      } finally {
        callers.done();
        if (this.#runs.get(key)?.callers === callers) this.#runs.delete(key);
      }
    })();
    return { callers, answer };
  }

  #remember(key: string, value: Value): void {
    this.#answers.delete(key);
    this.#answers.set(key, value);
    if (this.#answers.size <= this.#options.capacity) return;
    const [oldest] = this.#answers.keys();
    this.#answers.delete(oldest as string);
  }
}
