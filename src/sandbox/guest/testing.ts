/**
 * Runs inside the guest, sent as source text: Node's `assert`, counted. In a tester's box the count says that something was
 * tested; in a candidate's it is only the module that solutions may require.
 */
export type GuestTesting = ReturnType<typeof guestTesting>;

export function guestTesting(inspect: (value: unknown) => string) {
  let count = 0;

  class AssertionError extends Error {
    readonly code = "ERR_ASSERTION";
    override readonly name = "AssertionError";
  }

  type Message = string | Error | undefined;
  function check(holds: boolean, what: () => string, message: Message): void {
    count++;
    if (holds) return;
    throw message instanceof Error ? message : new AssertionError(message ?? what());
  }

  const tagOf = (value: object) => Object.prototype.toString.call(value);

  function sameKeys(a: object, b: object, strict: boolean, seen: Map<object, object>): boolean {
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    return keys.every((key) => {
      if (!Object.hasOwn(b, key)) return false;
      return same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], strict, seen);
    });
  }

  /** Whether each item of `a` has its own equal item in `b`. */
  function sameItems(a: Iterable<unknown>, b: Iterable<unknown>, strict: boolean, seen: Map<object, object>): boolean {
    const left = [...b];
    return [...a].every((item) => {
      const at = left.findIndex((other) => same(item, other, strict, seen));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  }

  function same(a: unknown, b: unknown, strict: boolean, seen = new Map<object, object>()): boolean {
    if (Object.is(a, b)) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
      // biome-ignore lint/suspicious/noDoubleEquals: Node's loose `deepEqual` is defined by ==
      return !strict && typeof a !== "object" && typeof b !== "object" && a == b;
    }
    if (tagOf(a) !== tagOf(b) || (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))) return false;
    if (seen.get(a) === b) return true;
    seen.set(a, b);
    if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
    if (a instanceof RegExp && b instanceof RegExp) return String(a) === String(b);
    if (a instanceof Error && b instanceof Error) return a.name === b.name && a.message === b.message;
    if (a instanceof Set && b instanceof Set) return a.size === b.size && sameItems(a, b, strict, seen);
    if (a instanceof Map && b instanceof Map) return a.size === b.size && sameItems(a, b, strict, seen);
    if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
    return sameKeys(a, b, strict, seen);
  }

  /** Whether `error` is what `throws` was told to expect: nothing, a class, a pattern, a predicate or an object. */
  function isExpected(error: unknown, expected: unknown): boolean {
    if (expected === undefined || typeof expected === "string") return true;
    if (expected instanceof RegExp) return expected.test(String(error));
    if (typeof expected === "function") {
      const isErrorClass = expected === Error || Object.prototype.isPrototypeOf.call(Error, expected);
      return isErrorClass ? error instanceof expected : expected(error) === true;
    }
    return Object.entries(expected as object).every(([key, value]) => {
      const actual = (error as Record<string, unknown> | null)?.[key];
      return value instanceof RegExp ? value.test(String(actual)) : same(actual, value, true);
    });
  }

  const pair = (a: unknown, b: unknown, word: string) => () => `${inspect(a)} ${word} ${inspect(b)}`;
  const ok = (value: unknown, message?: Message) =>
    check(Boolean(value), () => `${inspect(value)} is not true`, message);
  type Pair = (actual: unknown, expected: unknown, message?: Message) => void;
  const compare =
    (holds: (a: unknown, b: unknown) => boolean, word: string): Pair =>
    (actual, expected, message) =>
      check(holds(actual, expected), pair(actual, expected, word), message);
  // biome-ignore lint/suspicious/noDoubleEquals: Node's loose `equal` is defined by ==
  const loose = (a: unknown, b: unknown) => a == b || (Number.isNaN(a) && Number.isNaN(b));

  const methods = {
    AssertionError,
    ok,
    equal: compare(loose, "is not equal to"),
    notEqual: compare((a, b) => !loose(a, b), "is equal to"),
    strictEqual: compare(Object.is, "is not"),
    notStrictEqual: compare((a, b) => !Object.is(a, b), "is"),
    deepEqual: compare((a, b) => same(a, b, false), "is not equal to"),
    notDeepEqual: compare((a, b) => !same(a, b, false), "is equal to"),
    deepStrictEqual: compare((a, b) => same(a, b, true), "is not equal to"),
    notDeepStrictEqual: compare((a, b) => !same(a, b, true), "is equal to"),
    match: (text: string, pattern: RegExp, message?: Message) =>
      check(pattern.test(text), pair(text, pattern, "does not match"), message),
    fail: (message?: Message) => check(false, () => "assert.fail", message),
    throws(run: () => unknown, expected?: unknown, message?: Message): void {
      let thrown: { error: unknown } | null = null;
      try {
        run();
      } catch (error) {
        thrown = { error };
      }
      const text = typeof expected === "string" ? expected : message;
      check(thrown !== null && isExpected(thrown.error, expected), () => "nothing was thrown that was expected", text);
    },
    doesNotThrow(run: () => unknown, message?: Message): void {
      count++;
      run();
      void message;
    },
  };
  const { strictEqual, notStrictEqual, deepStrictEqual, notDeepStrictEqual } = methods;
  const strict = Object.assign((value: unknown, message?: Message) => ok(value, message), methods, {
    equal: strictEqual,
    notEqual: notStrictEqual,
    deepEqual: deepStrictEqual,
    notDeepEqual: notDeepStrictEqual,
  });
  const assert = Object.assign((value: unknown, message?: Message) => ok(value, message), methods, { strict });
  return { assert, strict, count: () => count };
}
