import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { withDeadline } from "../../src/verifiers/deadline.ts";
import { weighted } from "../../src/verifiers/index.ts";
import { graded, type Verdict, type Verifier } from "../../src/verifiers/verdict.ts";

const yes = graded(1, "correct", "yes", "said so");

describe("withDeadline", () => {
  test("a verifier that waits too long is not graded, and named", async () => {
    const never: Verifier<unknown> = () => new Promise<Verdict>(() => {});
    expect(await withDeadline(never, 10, "judge")("", {})).toEqual({
      status: "not-graded",
      cause: "infrastructure-error",
      reason: "judge: no verdict within 10 ms",
    });
    expect(await withDeadline(never, 10)("", {})).toMatchObject({ reason: "never: no verdict within 10 ms" });
    expect(await withDeadline(() => new Promise<Verdict>(() => {}), 10)("", {})).toMatchObject({
      reason: "no verdict within 10 ms",
    });
  });

  test("one that answers in time keeps its verdict, and one that only computes does, however long it took", async () => {
    expect(await withDeadline(async () => yes, 1000)("", {})).toEqual(yes);
    const busy: Verifier<unknown> = () => {
      const until = performance.now() + 15;
      while (performance.now() < until);
      return yes;
    };
    expect(withDeadline(busy, 5)("", {})).toEqual(yes);
  });

  test("aborts what the verifier has under way, even if it then throws", async () => {
    let aborted = false;
    const waits: Verifier<unknown> = async (_completion, _row, context) => {
      try {
        await sleep(60_000, undefined, { signal: context?.signal });
      } catch (error) {
        aborted = true;
        throw error;
      }
      return yes;
    };
    expect(await withDeadline(waits, 10)("", {})).toMatchObject({ cause: "infrastructure-error" });
    await sleep(0);
    expect(aborted).toBe(true);
  });

  test("leaves the signal of a verifier that was in time alone", async () => {
    let signal: AbortSignal | undefined;
    await withDeadline<unknown>(async (_completion, _row, context) => {
      signal = context?.signal;
      return yes;
    }, 10)("", {});
    await sleep(20);
    expect(signal?.aborted).toBe(false);
  });

  test("an outer deadline reaches through combinators and inner deadlines", async () => {
    let given: unknown;
    const waits: Verifier<unknown> = (_completion, _row, context) =>
      new Promise<Verdict>((_resolve, reject) => {
        context?.signal?.addEventListener("abort", () => {
          given = context.signal?.reason;
          reject(given);
        });
      });
    const inner = weighted({ slow: withDeadline(waits, 60_000) });
    expect(await withDeadline(inner, 10, "outer")("", {})).toMatchObject({ reason: "outer: no verdict within 10 ms" });
    expect(given).toMatchObject({ message: "outer: no verdict within 10 ms" });
  });

  test("a fault is thrown on", async () => {
    await expect(withDeadline(() => Promise.reject(new Error("lost")), 1000)("", {})).rejects.toThrow("lost");
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a deadline of %d", (ms) => {
    expect(() => withDeadline(() => yes, ms)).toThrow(`the deadline is ${ms} ms`);
  });
});
