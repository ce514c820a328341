import { describe, expect, test } from "vitest";
import { z } from "zod";
import { splitTaskName } from "../../src/rollout/configure-task.ts";
import { loadTask, readRows } from "../../src/rollout/index.ts";
import { configureTask, defineTask, graded } from "../../src/rollout/task.ts";

const shared = {
  description: "counts",
  row: z.strictObject({ id: z.string(), n: z.int() }),
  prompt: ({ n }: { n: number }) => `${n}`,
  verify: () => graded(1, "correct", null, ""),
  cases: [],
  maxTokens: 8,
};
const task = defineTask({
  ...shared,
  name: "counts",
  options: z.strictObject({ from: z.coerce.number<string>().int().default(1), word: z.string().default("a") }),
  *load(_split, _seed, { from, word }) {
    for (let n = from; n < from + 3; n++) yield { id: `${word}${n}`, n };
  },
});
const ids = async (of: typeof task) => (await readRows(of, "train", 0, 10)).map(({ id }) => id);

describe("options of a task", () => {
  test("have their defaults where nobody says otherwise", async () => {
    expect(await ids(task)).toEqual(["a1", "a2", "a3"]);
  });

  test("are bound to the loader; the task itself stays what it is", async () => {
    const other = configureTask(task, { from: "5" });
    expect(await ids(other)).toEqual(["a5", "a6", "a7"]);
    expect(await ids(configureTask(other, { from: "7", word: "b" }))).toEqual(["b7", "b8", "b9"]);
    expect(await ids(task)).toEqual(["a1", "a2", "a3"]);
  });

  test("that do not fit are refused before anything is loaded", () => {
    expect(() => configureTask(task, { from: "x" })).toThrow(/the options of the task "counts" do not fit: .*at from/s);
    try {
      configureTask(task, { form: "1" });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "E_CONFIG", hint: "It has from, word: see its README." });
    }
    const none = defineTask({ ...shared, name: "none", load: () => [] });
    expect(() => configureTask(none, { from: "1" })).toThrow(
      /the task "none" has the options \{"from":"1"\}, expected none/,
    );
  });
});

describe("name?option=value", () => {
  test.each([
    ["sorting", ["sorting", null]],
    ["sorting?", ["sorting", {}]],
    ["./my-task?a=1&b=2", ["./my-task", { a: "1", b: "2" }]],
    ["gsm8k?path=/data/a+b %41=c", ["gsm8k", { path: "/data/a+b %41=c" }]], // no escapes: paths stay what they are
  ])("%j", (text, parts) => {
    expect(splitTaskName(text)).toEqual(parts);
  });

  test.each(["a?b", "a?=1", "a?b=1&c"])("%j has a part that is no option", (text) => {
    expect(() => splitTaskName(text)).toThrow(/expected name=value/);
  });

  test("loads the task with its options", async () => {
    const rows = await readRows(await loadTask("sorting?difficulty=4"), "train", 1, 50);
    expect(new Set(rows.map((row) => (row as { difficulty?: number }).difficulty))).toEqual(new Set([4]));
    await expect(loadTask("sorting?difficulty=9")).rejects.toMatchObject({ code: "E_CONFIG" });
    await expect(loadTask("arithmetic?difficulty=1")).rejects.toMatchObject({ code: "E_CONFIG" });
  });
});
