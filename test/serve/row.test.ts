import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask, graded } from "../../src/rollout/task.ts";
import { formRow, type Reference } from "../../src/serve/row.ts";
import { serveTask } from "../../src/serve/served-task.ts";
import { letters, served, serving } from "./serving.ts";

const OPTIONS = { seed: 1, indexRows: 10 };

function form(name: keyof typeof served, reference: Partial<Reference>) {
  return formRow(served[name], { answer: undefined, prompt: null, meta: {}, ...reference });
}

describe("formRow", () => {
  test.each<[string, keyof typeof served, Partial<Reference>, unknown]>([
    [
      "an object is the row; its id is filled in",
      "letters",
      { answer: { letter: "a" } },
      { id: "request", letter: "a" },
    ],
    ["its own id stays", "letters", { answer: { id: "7", letter: "a" } }, { id: "7", letter: "a" }],
    ["JSON text of an object too", "letters", { answer: ' {"letter":"a"}' }, { id: "request", letter: "a" }],
    [
      "fields that the row lacks are dropped",
      "letters",
      { answer: { letter: "a", x: 1 } },
      { id: "request", letter: "a" },
    ],
    ["meta gives the rest", "letters", { answer: { id: "7" }, meta: { letter: "a" } }, { id: "7", letter: "a" }],
    ["meta alone, too", "letters", { meta: { letter: "b", index: 3 } }, { id: "request", letter: "b" }],
    ["an answer alone", "sums", { answer: 5 }, { id: "request", answer: 5, unit: "m" }],
    ["the text of a number", "sums", { answer: " 5 " }, { id: "request", answer: 5, unit: "m" }],
    ["an answer with meta", "sums", { answer: "5", meta: { unit: "s", id: "x" } }, { id: "x", answer: 5, unit: "s" }],
    ["a row by its id", "letters", { meta: { id: "train-c" } }, { id: "train-c", letter: "c" }],
    ["of the other split", "letters", { meta: { id: "eval-c", split: "eval" } }, { id: "eval-c", letter: "c" }],
    ["by an answer that is only an id", "letters", { answer: { id: "train-b" } }, { id: "train-b", letter: "b" }],
    [
      "with its prompt inside a chat template",
      "letters",
      { meta: { id: "train-a" }, prompt: "<user>Write a: <end>" },
      { id: "train-a", letter: "a" },
    ],
  ])("%s", async (_name, name, reference, row) => {
    expect(await form(name, reference)).toEqual({ status: "formed", row });
  });

  test.each<[string, keyof typeof served, Partial<Reference>, RegExp]>([
    [
      "says which fields are missing",
      "letters",
      { answer: "a" },
      /the answer "a" makes no row of task "letters", which lacks letter: letter: /,
    ],
    ["says so without an answer", "sums", {}, /no answer makes no row of task "sums", which lacks answer/],
    ["of several readings names the nearest", "sums", { answer: "1.5" }, /answer: expected int/],
    ["knows no such id", "letters", { meta: { id: "train-z" } }, /the row "train-z" of the train split .* not among/],
    ["does not look in the other split", "letters", { meta: { id: "eval-a" } }, /"eval-a" of the train split/],
    [
      "refuses the prompt of another row",
      "letters",
      { meta: { id: "train-a" }, prompt: "Write b: " },
      /another prompt/,
    ],
    ["refuses the answer of another row", "sums", { meta: { id: "train-1" }, answer: "two" }, /another answer/],
  ])("%s", async (_name, name, reference, message) => {
    const formed = await form(name, reference);
    expect(formed).toEqual({ status: "unfit", message: expect.stringMatching(message) });
  });

  test("rows that do not load are our fault", async () => {
    expect(await form("broken", { meta: { id: "train-a" } })).toEqual({
      status: "failed",
      reason: expect.stringContaining("the disk is gone"),
    });
  });

  test("the task's own fromAnswer comes before the general rule, and may decline", async () => {
    const own = defineTask({
      name: "own",
      description: "a word of the prompt",
      row: z.strictObject({ id: z.string(), word: z.string(), answer: z.string().default("none") }),
      prompt: ({ word }) => word,
      verify: () => graded(0, "incorrect", null, ""),
      load: () => [],
      cases: [],
      maxTokens: 1,
      fromAnswer: (answer, prompt) => (answer === "skip" ? null : { id: "own", word: prompt, answer: String(answer) }),
    });
    const one = serveTask(own, OPTIONS);
    const reference = { prompt: "hello", meta: { word: "from meta" } };
    expect(await formRow(one, { ...reference, answer: 3 })).toMatchObject({ row: { word: "hello", answer: "3" } });
    expect(await formRow(one, { ...reference, answer: "skip" })).toMatchObject({
      row: { word: "from meta", answer: "skip" },
    });
  });

  test("a field named __proto__ reaches no prototype", async () => {
    const answer = JSON.parse('{"letter":"a","__proto__":{"polluted":true}}');
    const formed = await form("letters", { answer, meta: JSON.parse('{"__proto__":{"polluted":true}}') });
    expect(formed).toEqual({ status: "formed", row: { id: "request", letter: "a" } });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("serveTask", () => {
  test("refuses two tasks of one name, and a name that is a path", () => {
    expect(() => serving([served.letters, served.letters])).toThrow('two tasks have the name "letters"');
    expect(() => serving([serveTask({ ...letters, name: "v1" }, OPTIONS)])).toThrow("a path of the server");
    expect(() => serving([])).toThrow("no task was given");
  });

  test("reads the rows once, and no more than it may", async () => {
    let loads = 0;
    const endless = {
      ...letters,
      *load() {
        loads++;
        for (let i = 0; ; i++) yield { id: `${i}`, letter: "a" };
      },
    };
    const one = serveTask(endless, OPTIONS);
    const found = await Promise.all(["0", "9", "10"].map((id) => one.rowById(id, "train")));
    expect(found.map((row) => row?.id)).toEqual(["0", "9", undefined]);
    expect(loads).toBe(1);
  });
});
