/** Says what everything waits for, when nothing has moved for a while. */

const SHOWN = 5;

export interface Waiting {
  readonly id: string;
  readonly sinceMs: number;
  readonly waitsFor: string;
}

interface Pending {
  readonly since: number;
  readonly waitsFor: () => string;
}

export class StallWatch {
  readonly #pending = new Map<string, Pending>();
  readonly #timer: NodeJS.Timeout;
  #lastProgress = performance.now();

  /** @param warn hears a message for each `stallMs` in which nothing began and nothing ended */
  constructor(stallMs: number, warn: (message: string) => void) {
    this.#timer = setInterval(() => {
      const quietMs = performance.now() - this.#lastProgress;
      if (this.#pending.size > 0 && quietMs >= stallMs) warn(stallMessage(this.#waiting(), quietMs));
    }, stallMs / 2);
    this.#timer.unref();
  }

  /** `id` waits, for something else than before where it was known. */
  waits(id: string, waitsFor: () => string): void {
    this.#lastProgress = performance.now();
    this.#pending.set(id, { since: this.#lastProgress, waitsFor });
  }

  done(id: string): void {
    this.#lastProgress = performance.now();
    this.#pending.delete(id);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #waiting(): Waiting[] {
    const now = performance.now();
    return [...this.#pending].map(([id, { since, waitsFor }]) => ({ id, sinceMs: now - since, waitsFor: waitsFor() }));
  }
}

/** In one line: the oldest, what each waits for, and how many more there are. */
export function stallMessage(waiting: readonly Waiting[], quietMs: number): string {
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const oldest = waiting.toSorted((a, b) => b.sinceMs - a.sinceMs);
  const shown = oldest
    .slice(0, SHOWN)
    .map(({ id, sinceMs, waitsFor }) => `${id} waits since ${seconds(sinceMs)} for ${waitsFor}`);
  const more = waiting.length > SHOWN ? [`and ${waiting.length - SHOWN} more`] : [];
  return `nothing moved for ${seconds(quietMs)}; ${waiting.length} pending: ${[...shown, ...more].join("; ")}`;
}
