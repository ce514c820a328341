import type { Clock } from "./clock.ts";

const MINUTE_MS = 60_000;

/** At most so many starts within any 60 seconds, first come, first served. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: Clock;
  readonly #starts: number[] = []; // the last `perMinute` of them, planned ones included

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Returns when the caller may start. A place that is given up (the signal) stays taken: the limit is never exceeded. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const now = this.#clock.now();
    const full = this.#starts.length === this.#perMinute;
    const start = full ? Math.max(now, (this.#starts.shift() as number) + MINUTE_MS) : now;
    this.#starts.push(start);
    if (start > now) await this.#clock.sleep(start - now, signal);
  }
}
