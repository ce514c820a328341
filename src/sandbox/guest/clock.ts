/**
 * Runs inside the guest, sent as source text: time and chance that are the same in every run.
 *
 * The clock starts on 2024-01-01 and moves by itself only when it is read, 10 µs at a time, so that loops that wait for it end.
 * A timer moves it to where the timer is due; nobody waits. `Math.random` is xorshift32 (Marsaglia 2003) from a fixed seed.
 */
export type GuestClock = ReturnType<typeof guestClock>;

export function guestClock() {
  const RealDate = Date;
  const { construct } = Reflect;
  const { floor } = Math;
  const START = 1_704_067_200_000;
  let elapsedMs = 0;
  let state = 0x9e3779b9;

  const elapsed = () => (elapsedMs += 0.01);
  const now = () => START + floor(elapsed());

  function FixedDate(...given: unknown[]): unknown {
    if (!new.target) return new RealDate(now()).toString();
    return construct(RealDate, given.length === 0 ? [now()] : given, new.target);
  }
  FixedDate.prototype = RealDate.prototype;
  Object.defineProperty(RealDate.prototype, "constructor", { value: FixedDate, writable: true, configurable: true });
  Object.defineProperties(FixedDate, { name: { value: "Date" }, length: { value: 7 } });
  const statics = { now, parse: RealDate.parse, UTC: RealDate.UTC };
  for (const [name, value] of Object.entries(statics)) {
    Object.defineProperty(FixedDate, name, { value, writable: true, configurable: true });
  }

  function draw(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  }
  Math.random = () => ((draw() >>> 5) * 67108864 + (draw() >>> 6)) / 2 ** 53;

  interface Timer {
    readonly id: number;
    readonly due: number;
    readonly every: number | null;
    readonly run: () => void;
  }
  let timers: Timer[] = [];
  let lastId = 0;

  function add(run: () => void, delayMs: number, every: number | null, id = ++lastId): number {
    const due = elapsedMs + delayMs;
    let at = timers.length;
    while (at > 0 && (timers[at - 1] as Timer).due > due) at--;
    timers.splice(at, 0, { id, due, every, run });
    return id;
  }

  const delayOf = (delay: unknown) => {
    const ms = Number(delay);
    return ms >= 1 && ms < 2 ** 31 ? ms : 1;
  };
  type Callback = (...given: unknown[]) => void;
  function setTimer(repeat: boolean) {
    return (callback: Callback, delay?: unknown, ...given: unknown[]) => {
      if (typeof callback !== "function") throw new TypeError("a timer needs a function");
      return add(() => callback(...given), delayOf(delay), repeat ? delayOf(delay) : null);
    };
  }
  function clear(id: unknown): void {
    timers = timers.filter((timer) => timer.id !== id);
  }

  /** Runs what is due next, wherever the clock has to go for it; false where nothing is due any more. */
  function runNext(): boolean {
    const timer = timers.shift();
    if (!timer) return false;
    if (timer.due > elapsedMs) elapsedMs = timer.due;
    if (timer.every !== null) add(timer.run, timer.every, timer.every, timer.id);
    timer.run();
    return true;
  }

  const resolved = Promise.resolve();
  const globals = {
    Date: FixedDate,
    performance: { now: elapsed, timeOrigin: START, mark: () => undefined, measure: () => undefined },
    setTimeout: setTimer(false),
    setInterval: setTimer(true),
    setImmediate: (callback: Callback, ...given: unknown[]) => add(() => callback(...given), 0, null),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    queueMicrotask: (callback: () => void) => void resolved.then(() => callback()),
  };
  return { globals, runNext, elapsed, soon: (run: () => void) => void add(run, 0, null) };
}
