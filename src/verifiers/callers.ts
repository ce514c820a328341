/** One signal for work that several callers wait for: aborted when the last of them has given up. */
export class Callers {
  readonly #work = new AbortController();
  readonly #done = new AbortController();
  #waiting = 0;

  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** A caller without a signal never gives up. */
  join(signal: AbortSignal | undefined): void {
    this.#waiting++;
    const leave = () => {
      if (--this.#waiting === 0) this.#work.abort(signal?.reason);
    };
    if (signal?.aborted) leave();
    else signal?.addEventListener("abort", leave, { once: true, signal: this.#done.signal });
  }

  /** The work has ended: lets go of the callers' signals, which may live as long as a run. */
  done(): void {
    this.#done.abort();
  }
}
