/** Fresh completions of prefixes: what Monte-Carlo labels and values are made of. */
import type { Tokenizer } from "../policy/index.ts";
import { type Completed, decodeTokens, type LabelTools, type Prefix } from "../prm/index.ts";
import { allDelivered, judge, judgeLimit, type VersionedSample } from "../rollout/index.ts";
import type { TaskRow } from "./evaluate.ts";
import type { Session } from "./session.ts";

export interface CompleterOptions {
  readonly temperature: number;
  /** Longest completion, the steps that are given included, in tokens. */
  readonly maxTokens: number;
  readonly seed: number;
  /** What else the randomness depends on: a training step. */
  readonly step: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly prefix: Prefix;
  readonly maxTokens: number;
  readonly n: number;
  readonly first: number;
  readonly done: (samples: readonly VersionedSample[]) => void;
  readonly failed: (error: unknown) => void;
}

/** Verifiers under way at the same time. */
const CONCURRENCY = 16;

/** Gathers what is asked for at the same time, over all prefixes, into one call of the sampler. */
export class Completer {
  readonly #session: Pick<Session, "task" | "model" | "sampler">;
  readonly #options: CompleterOptions;
  readonly #limit = judgeLimit(CONCURRENCY);
  #waiting: Waiting[] = [];
  #running = false;

  constructor(session: Pick<Session, "task" | "model" | "sampler">, options: CompleterOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** The tools for solutions of one row; completions of a prefix that leaves no room are the prefix itself. */
  toolsFor(row: TaskRow, prompt: Int32Array): LabelTools {
    const { task, model } = this.#session;
    return {
      completeFrom: async (prefix, n, first) => {
        const written = prefix.tokens.subarray(prompt.length);
        const maxTokens = this.#options.maxTokens - written.length;
        if (maxTokens < 1) {
          const text = decodeTokens(written, model.tokenizer).text;
          return Array.from({ length: n }, (): Completed => ({ tokens: 0, text }));
        }
        const samples = await this.#sample(prefix, maxTokens, n, first);
        return samples.map(({ tokens }) => ({
          tokens: tokens.length,
          text: textOf(written, tokens, model.tokenizer),
        }));
      },
      judge: async (text) => {
        const options = { concurrency: this.#limit, timeoutMs: this.#options.timeoutMs };
        const verdict = (await judge(task, row as never, [{ id: "", completion: text }], options)).get("")?.verdict;
        return verdict?.status === "graded" ? verdict.outcome === "correct" : null;
      },
    };
  }

  #sample(prefix: Prefix, maxTokens: number, n: number, first: number): Promise<readonly VersionedSample[]> {
    return new Promise((done, failed) => {
      this.#waiting.push({ prefix, maxTokens, n, first, done, failed });
      setImmediate(() => this.#flush());
    });
  }

  async #flush(): Promise<void> {
    if (this.#running || this.#waiting.length === 0) return;
    this.#running = true;
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const samples = await this.#sampleAll(batch);
      let at = 0;
      for (const { n, done } of batch) done(samples.slice(at, (at += n)));
    } catch (error) {
      for (const { failed } of batch) failed(error);
    } finally {
      this.#running = false;
      setImmediate(() => this.#flush());
    }
  }

  async #sampleAll(batch: readonly Waiting[]): Promise<VersionedSample[]> {
    const { temperature, seed, step, signal } = this.#options;
    const requests = batch.flatMap(({ prefix, maxTokens, n, first }) =>
      Array.from({ length: n }, (_, i) => ({
        id: `${prefix.id}/${first + i}`,
        prompt: prefix.tokens,
        promptId: prefix.id,
        sampleIndex: first + i,
        maxTokens,
      })),
    );
    const stopStrings = this.#session.task.stop ?? [];
    const options = { temperature, topK: 0, topP: 1, minP: 0, seed, step, stopStrings };
    return allDelivered(await this.#session.sampler.sample(requests, options, undefined, signal));
  }
}

function textOf(written: Int32Array, more: Int32Array, tokenizer: Tokenizer): string {
  const tokens = new Int32Array(written.length + more.length);
  tokens.set(written);
  tokens.set(more, written.length);
  return decodeTokens(tokens, tokenizer).text;
}
