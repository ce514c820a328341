import type { Clock } from "./clock.ts";

export interface CircuitBreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open. */
  readonly cooldownMs: number;
}

/**
 * Keeps callers from a server that only fails: after so many failures in a row nothing is sent for a while.
 *
 * Then requests go out again; one success closes it, the next failure opens it anew.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #clock: Clock;
  #failures = 0;
  #openUntil = Number.NEGATIVE_INFINITY;
  #last = "";

  constructor(options: CircuitBreakerOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Null where a request may be sent, else why not. */
  refusal(): string | null {
    const restMs = this.#openUntil - this.#clock.now();
    if (restMs <= 0) return null;
    const seconds = Math.ceil(restMs / 1000);
    return `the circuit is open after ${this.#failures} failures in a row, for another ${seconds} s; the last: ${this.#last}`;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = Number.NEGATIVE_INFINITY;
  }

  failed(reason: string): void {
    this.#failures++;
    this.#last = reason;
    if (this.#failures >= this.#options.failures) this.#openUntil = this.#clock.now() + this.#options.cooldownMs;
  }
}
