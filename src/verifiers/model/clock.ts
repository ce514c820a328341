/** What time it is, and waiting: what a test replaces to live a minute in no time. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Clock {
  /** Milliseconds since 1970. Never runs backwards. */
  readonly now: () => number;
  /** Rejects if the signal is aborted first. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
