import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { cached } from "../../src/verifiers/cached.ts";
import { contentKey } from "../../src/verifiers/content-key.ts";
import { withDeadline } from "../../src/verifiers/deadline.ts";
import { type Graded, graded, notGraded, type Verdict, type Verifier } from "../../src/verifiers/verdict.ts";
import { temporaryFolder } from "../run/temporary.ts";

const folder = temporaryFolder();

/** A verifier that says how often it was asked. */
function counting(): { verify: Verifier<unknown>; calls: () => number } {
  let calls = 0;
  return { verify: (completion) => graded(++calls, "partial", completion, "counted", { calls }), calls: () => calls };
}

const rewardOf = (verdict: Verdict) => (verdict as Graded).reward;

describe("cached", () => {
  test("asks once for equal contents, whatever the order of the row's fields", async () => {
    const { verify, calls } = counting();
    const once = cached(verify, { version: "1" });
    const first = await once("a", { x: 1, y: [{ b: 2, a: 1 }] });
    expect(await once("a", { y: [{ a: 1, b: 2 }], x: 1 })).toEqual(first);
    expect(calls()).toBe(1);
    expect(rewardOf(await once("a", { x: 2, y: [{ b: 2, a: 1 }] }))).toBe(2);
    expect(rewardOf(await once("b", { x: 1, y: [{ b: 2, a: 1 }] }))).toBe(3);
  });

  test("`key` says what counts", async () => {
    const { verify, calls } = counting();
    const once = cached(verify, { version: "1", key: (completion) => completion.trim() });
    await once(" a", { x: 1 });
    await once("a ", { x: 2n });
    expect(calls()).toBe(1);
  });

  test("what was not graded is asked again", async () => {
    let calls = 0;
    const flaky: Verifier<unknown> = () =>
      ++calls === 1 ? notGraded("infrastructure-error", "down") : graded(1, "correct", "", "");
    const once = cached(flaky, { version: "1" });
    expect(await once("a", {})).toMatchObject({ status: "not-graded" });
    expect(await once("a", {})).toMatchObject({ reward: 1 });
    await once("a", {});
    expect(calls).toBe(2);
  });

  test("forgets the verdict that was not used for the longest time", async () => {
    const { verify, calls } = counting();
    const once = cached(verify, { version: "1", capacity: 2 });
    for (const completion of ["a", "b", "a", "c", "a"]) await once(completion, {});
    expect(calls()).toBe(3);
    await once("b", {}); // "c" pushed it out
    expect(calls()).toBe(4);
  });

  test("identical calls at the same time share one run; it ends only when all have given up", async () => {
    let calls = 0;
    let aborted = 0;
    const slow: Verifier<unknown> = async (_completion, _row, context) => {
      calls++;
      context?.signal?.addEventListener("abort", () => aborted++);
      await sleep(40);
      return graded(1, "correct", null, "");
    };
    const once = cached(slow, { version: "1" });
    const impatient = withDeadline(once, 5);
    const [late, patient, another] = await Promise.all([impatient("a", {}), once("a", {}), once("a", {})]);
    expect([late.status, patient.status, another.status]).toEqual(["not-graded", "graded", "graded"]);
    expect([calls, aborted]).toEqual([1, 0]);

    await Promise.all([impatient("b", {}), impatient("b", {})]);
    expect([calls, aborted]).toEqual([2, 1]);
    expect(await once("b", {})).toMatchObject({ reward: 1 }); // not the run that was given up
    expect(calls).toBe(3);
  });

  test("a throw reaches all who wait and is not remembered", async () => {
    let calls = 0;
    const once = cached<unknown>(
      () => {
        if (++calls === 1) throw new Error("lost");
        return graded(1, "correct", null, "");
      },
      { version: "1" },
    );
    const both = await Promise.allSettled([once("a", {}), once("a", {})]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await once("a", {})).toMatchObject({ reward: 1 });
  });

  test("changing a verdict that was given out does not change the next", async () => {
    const once = cached(counting().verify, { version: "1" });
    ((await once("a", {})) as Graded).metrics.calls = 99;
    expect(await once("a", {})).toMatchObject({ metrics: { calls: 1 } });
  });

  test("a file keeps verdicts from run to run, for one version", async () => {
    const store = join(folder, "deep", "verdicts.jsonl");
    await cached(counting().verify, { version: "1", store })("a", {});
    const again = counting();
    expect(await cached(again.verify, { version: "1", store })("a", {})).toMatchObject({ reward: 1, answer: "a" });
    expect(again.calls()).toBe(0);
    await cached(again.verify, { version: "2", store })("a", {});
    expect(again.calls()).toBe(1);
  });

  test("a file that was torn at any byte loses its last verdict at most, and goes on", async () => {
    const whole = join(folder, "whole.jsonl");
    const writer = cached(counting().verify, { version: "1", store: whole });
    for (const completion of ["a", "b"]) await writer(completion, {});
    const bytes = readFileSync(whole);
    const firstLine = bytes.indexOf("\n") + 1;
    for (let length = firstLine; length < bytes.length; length += 7) {
      const store = join(folder, `torn-${length}.jsonl`);
      writeFileSync(store, bytes.subarray(0, length));
      const { verify, calls } = counting();
      const reader = cached(verify, { version: "1", store });
      await reader("a", {});
      expect(calls()).toBe(0);
      await reader("b", {});
      expect(calls()).toBe(1);
      await cached(verify, { version: "1", store })("b", {}); // written on a line of its own
      expect(calls()).toBe(1);
    }
  });

  test("passes over lines that hold no verdict", async () => {
    const store = join(folder, "foreign.jsonl");
    const { verify, calls } = counting();
    await cached(verify, { version: "1", store })("a", {});
    const line = readFileSync(store, "utf8");
    writeFileSync(
      store,
      `not JSON\n{"key":"k","value":{"reward":"high"}}\n\n${line.replace('"reward":1', '"reward":null')}`,
    );
    await cached(verify, { version: "1", store })("a", {});
    expect(calls()).toBe(2);
    appendFileSync(store, line);
    await cached(verify, { version: "1", store })("a", {});
    expect(calls()).toBe(2);
  });
});

describe("contentKey", () => {
  test("is SHA-256 of JSON with sorted fields", () => {
    // printf '{"a":[1,"x",null],"b":true}' | sha256sum
    expect(contentKey({ b: true, a: [1, "x", null], c: undefined })).toBe(
      "4d7b28d08614fa6b95c30756c0ebb1630591378c477e0943d35ac08f97b604a3",
    );
  });

  test.each([
    [{ n: 1n }, "the content.n is 1 (bigint)"],
    [[Number.NaN], "the content[0] is NaN (number)"],
    [{ m: new Map() }, "the content.m is a Map"],
    [() => 1, "(function)"],
  ])("refuses what JSON cannot hold: %o", (content, message) => {
    expect(() => contentKey(content)).toThrow(message);
  });

  test("tells dates, and a text from a number", () => {
    expect(contentKey(new Date(1))).not.toBe(contentKey(new Date(2)));
    expect(contentKey("1")).not.toBe(contentKey(1));
  });
});
