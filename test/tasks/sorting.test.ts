import { describe, expect, test } from "vitest";
import task from "../../tasks/sorting/task.ts";
import { WORDS } from "../../tasks/sorting/words.ts";
import { answerIn, expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no set of items, in whatever order; solutions are right and fit", () =>
  expectSoundRows(task, ({ items }) => items.toSorted().join()));

test("words are distinct, small letters", () => {
  expect(new Set(WORDS).size).toBe(WORDS.length);
  expect(WORDS.length).toBeGreaterThan(200);
  expect(WORDS.filter((word) => !/^[a-z]{2,8}$/.test(word))).toEqual([]);
});

describe.each(LEVELS)("difficulty %d", (level) => {
  test("the language's own sort gives the same list", async () => {
    const rows = await rowsOf(task, level);
    for (const row of rows) {
      const collator = new Intl.Collator("en");
      const ascending = row.items.toSorted((a, b) => (row.kind === "words" ? collator.compare(a, b) : +a - +b));
      const wanted = row.order === "ascending" ? ascending : ascending.reverse();
      const got = answerIn(task.solution?.(row)).split(", ");
      expect(row.kind === "words" ? got : got.map(Number)).toEqual(row.kind === "words" ? wanted : wanted.map(Number));
      expect(got.toSorted()).toEqual(row.items.toSorted());
      expect(row.items).toHaveLength({ 1: 4, 2: 6, 3: 8, 4: 11, 5: 16 }[level] as number);
    }
    for (const kind of ["numbers", "words"]) {
      for (const order of ["ascending", "descending"]) {
        expect(rows.filter((row) => row.kind === kind && row.order === order).length).toBeGreaterThan(60); // of 400
      }
    }
  });

  test("the list as it is given, reversed, or with one item less is no answer", async () => {
    for (const row of (await rowsOf(task, level)).slice(0, 100)) {
      const sorted = answerIn(task.solution?.(row)).split(", ");
      const wrong = [row.items, sorted.slice(1), [...sorted, sorted[0]], sorted.map(() => sorted[0])];
      for (const items of wrong) {
        const verdict = await task.verify(`<answer>${items.join(", ")}</answer>`, row);
        expect(verdict).toMatchObject({ reward: 0, outcome: "incorrect" });
      }
    }
  });
});

describe("verify", () => {
  const row = {
    id: "x",
    difficulty: 5,
    kind: "numbers",
    order: "ascending",
    items: ["1.5", "-2", "1.50", "1.45"],
  } as const;
  const mutable = { ...row, items: [...row.items] };

  test.each([
    ["-2, 1.45, 1.5, 1.50", 1, "correct"],
    ["-2.0 1.45 1.50 1.5", 1, "correct"],
    ["−2, 1.45, 1.5, 1.5", 1, "correct"], // U+2212
    ["-2, 1.5, 1.45, 1.5", 0, "incorrect"],
    ["-2, 1.45, 1.5", 0, "incorrect"],
    ["-2, 1.45, 1.5, 1.6", 0, "incorrect"],
    ["-2, 1.45, 1.5, 1.5, 1.5", 0, "incorrect"],
    ["-2 < 1.45 < 1.5 <= 1.5", 0, "unparsed"],
    ["-2, 1.45, 1.5, 1.5,", 0, "unparsed"],
    ["-2, 1.45, 1.5, NaN", 0, "unparsed"],
    ["-2, 1.45, 1.5, 15e-1", 0, "unparsed"],
    [`${"1.5, ".repeat(1000)}1.5`, 0, "unparsed"],
  ])("%j gets %d, %s", async (answer, reward, outcome) => {
    expect(await task.verify(`<answer>${answer}</answer>`, mutable)).toMatchObject({ reward, outcome });
  });
});
