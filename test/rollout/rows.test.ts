import { describe, expect, test } from "vitest";
import { z } from "zod";
import { endlessRows, readRows } from "../../src/rollout/rows.ts";
import { defineTask, graded } from "../../src/rollout/task.ts";

const Row = z.strictObject({ id: z.string(), n: z.coerce.number().int() });
type Input = { id: string; n: unknown };

function taskOf(load: () => Iterable<Input> | AsyncIterable<Input>) {
  return defineTask({
    name: "counting",
    description: "numbers",
    row: Row,
    prompt: ({ n }) => `${n}`,
    verify: () => graded(0, "incorrect", null, ""),
    load,
    cases: [],
    maxTokens: 8,
  });
}

const finite = (count: number) => taskOf(() => Array.from({ length: count }, (_, n) => ({ id: `${n}`, n: `${n}` })));
const numbers = (rows: readonly { n: number }[]) => rows.map(({ n }) => n);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);

describe("readRows", () => {
  test("gives parsed rows in the task's order, and stops an endless loader", async () => {
    let closed = false;
    const task = taskOf(function* () {
      try {
        for (let n = 0; ; n++) yield { id: `${n}`, n: `${n}` };
      } finally {
        closed = true;
      }
    });
    expect(await readRows(task, "train", 0, 3)).toEqual([0, 1, 2].map((n) => ({ id: `${n}`, n })));
    expect(closed).toBe(true);
  });

  test("gives what there is", async () => {
    expect(numbers(await readRows(finite(2), "eval", 0, 10))).toEqual([0, 1]);
    expect(await readRows(finite(2), "eval", 0, 0)).toEqual([]);
  });

  test("names the row that does not fit the schema", async () => {
    const task = taskOf(() => [
      { id: "a", n: 1 },
      { id: "b", n: "one" },
    ]);
    await expect(readRows(task, "train", 0, 10)).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: expect.stringMatching(/^row 1 of the train split of task "counting" does not fit .*at n$/s),
      hint: expect.stringContaining('{"id":"b","n":"one"}'),
    });
  });

  test("a loader that fails says where", async () => {
    const task = taskOf(async function* () {
      yield { id: "a", n: 1 };
      throw new Error("connection lost");
    });
    await expect(readRows(task, "eval", 0, 10)).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: 'the eval split of task "counting" failed to load after 1 rows: connection lost',
    });
  });
});

describe("endlessRows", () => {
  test("each pass gives each row once, in an order of its own", async () => {
    const source = endlessRows(finite(50), "train", 1);
    const passes = [await source.take(50), await source.take(50), await source.take(50)].map(numbers);
    for (const pass of passes) expect(ascending(pass)).toEqual(upTo(50));
    expect(new Set(passes.map(String)).size).toBe(3);
    expect(passes.map(String)).not.toContain(String(upTo(50)));
  });

  test("equal seeds give equal rows, whatever the sizes taken; other seeds others", async () => {
    const whole = numbers(await endlessRows(finite(20), "train", 1).take(45));
    const source = endlessRows(finite(20), "train", 1);
    const parts = [];
    for (const size of [1, 7, 0, 30, 7]) parts.push(...numbers(await source.take(size)));
    expect(parts).toEqual(whole);
    expect(numbers(await endlessRows(finite(20), "train", 2).take(45))).not.toEqual(whole);
  });

  test("goes on from a saved position, across passes", async () => {
    const first = endlessRows(finite(20), "train", 1);
    await first.take(33);
    expect(first.position).toBe(33);
    const resumed = endlessRows(finite(20), "train", 1, first.position);
    expect(resumed.position).toBe(33);
    expect(numbers(await resumed.take(30))).toEqual(numbers(await first.take(30)));
    expect(resumed.position).toBe(63);
  });

  test("a split larger than the window still gives each row once a pass", async () => {
    const source = endlessRows(finite(8192 + 100), "train", 3);
    for (let pass = 0; pass < 2; pass++) {
      expect(ascending(numbers(await source.take(8292)))).toEqual(upTo(8292));
    }
  });

  test("an endless loader is read a window ahead, not more, and closed on request", async () => {
    let yielded = 0;
    let closed = false;
    const task = taskOf(async function* () {
      try {
        for (let n = 0; ; n++, yielded++) yield { id: `${n}`, n };
      } finally {
        closed = true;
      }
    });
    const source = endlessRows(task, "train", 1);
    expect(Math.max(...numbers(await source.take(100)))).toBeLessThan(8192);
    expect(yielded).toBeLessThanOrEqual(8192);
    await source.close();
    expect(closed).toBe(true);
    await expect(source.take(1)).rejects.toThrow("were closed");
  });

  test("an empty split is an error, not a wait", async () => {
    await expect(endlessRows(finite(0), "eval", 1).take(1)).rejects.toMatchObject({
      code: "E_TASK_DATA",
      message: 'the eval split of task "counting" has no rows',
    });
  });

  test("an id is a text that is not empty", async () => {
    await expect(
      endlessRows(
        taskOf(() => [{ id: "", n: 1 }]),
        "train",
        1,
      ).take(1),
    ).rejects.toThrow('has the id ""');
  });
});
