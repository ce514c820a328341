import { describe, expect, test } from "vitest";
import { readRows } from "../../src/rollout/index.ts";
import { deduce, isSolved, solve } from "../../tasks/mini-sudoku/grid.ts";
import task from "../../tasks/mini-sudoku/task.ts";
import { answerIn, expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no puzzle; solutions are right and fit", () => expectSoundRows(task, ({ givens }) => givens.join()));

/** All full grids, from the permutations of their rows: an enumeration that knows nothing of the task's solver. */
const PERMUTATIONS = [0, 1, 2, 3].reduce<number[][]>(
  (found) => found.flatMap((head) => [1, 2, 3, 4].filter((n) => !head.includes(n)).map((n) => [...head, n])),
  [[]],
);
const GRIDS = PERMUTATIONS.flatMap((a) =>
  PERMUTATIONS.flatMap((b) =>
    PERMUTATIONS.flatMap((c) => PERMUTATIONS.map((d) => [...a, ...b, ...c, ...d]).filter((grid) => isLatin(grid))),
  ),
);

function isLatin(grid: readonly number[]): boolean {
  const sets = [0, 1, 2, 3].flatMap((i) => [
    [grid[i], grid[i + 4], grid[i + 8], grid[i + 12]],
    [0, 1, 4, 5].map((offset) => grid[[0, 2, 8, 10][i]! + offset]),
  ]);
  return sets.every((set) => new Set(set).size === 4);
}

test("there are 288 grids, and puzzles of all of them are drawn", async () => {
  expect(GRIDS).toHaveLength(288);
  expect(GRIDS.every(isSolved)).toBe(true);
  const solved = (await readRows(task, "train", 1, 3000)).map((row) =>
    answerIn(task.solution?.(row)).replaceAll(/\s/g, ""),
  );
  expect(new Set(solved).size).toBe(288);
});

describe.each(LEVELS)("difficulty %d", (level) => {
  test("exactly one of the 288 grids has the givens: the one that is answered", async () => {
    for (const row of await rowsOf(task, level)) {
      const fitting = GRIDS.filter((grid) => row.givens.every((given, cell) => given === 0 || given === grid[cell]));
      expect(fitting.map((grid) => grid.join(""))).toEqual([answerIn(task.solution?.(row)).replaceAll(/\s/g, "")]);
      expect(row.givens.filter((given) => given === 0)).toHaveLength(
        { 1: 4, 2: 6, 3: 8, 4: 10, 5: 11 }[level] as number,
      );
    }
  });

  test("all other grids are wrong", async () => {
    for (const row of (await rowsOf(task, level)).slice(0, 5)) {
      let right = 0;
      for (const grid of GRIDS) {
        const verdict = await task.verify(`<answer>${grid.join("")}</answer>`, row);
        if (verdict.status === "graded" && verdict.reward === 1) right++;
      }
      expect(right).toBe(1);
    }
  });
});

describe("grid", () => {
  test("a grid is solved only if rows, columns and blocks all are", () => {
    expect(isSolved([1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1])).toBe(true);
    expect(isSolved([1, 2, 3, 4, 2, 1, 4, 3, 3, 4, 1, 2, 4, 3, 2, 1])).toBe(false); // rows and columns, not blocks
    expect(isSolved([1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4, 1, 2])).toBe(false); // rows and blocks, not columns
    expect(isSolved([1, 1, 3, 3, 2, 2, 4, 4, 3, 3, 1, 1, 4, 4, 2, 2])).toBe(false); // neither
  });

  test("solve finds all solutions up to the limit; deduce gives up where one must try", () => {
    const empty = Array.from({ length: 16 }, () => 0);
    expect(solve(empty, 1000)).toHaveLength(288);
    expect(solve(empty, 7)).toHaveLength(7);
    expect(deduce(empty)).toBe(null);
  });
});

describe("verify", () => {
  const row = { id: "x", difficulty: 1, givens: [1, 0, 3, 4, 3, 4, 0, 2, 0, 1, 4, 3, 4, 3, 2, 0] };

  test.each([
    ["1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1", 1, "correct"],
    ["1234341221434321", 1, "correct"],
    ["|1 2|3 4|\n|3 4|1 2|\n+---+---+\n|2 1|4 3|\n|4 3|2 1|", 1, "correct"],
    ["1 2 3 4\n3 4 1 2\n1 1 4 3\n4 3 2 1", 0, "incorrect"],
    ["1 2 3 4\n3 4 1 2\n2 1 3 4\n4 3 2 1", 0, "incorrect"],
    ["1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2", 0, "unparsed"],
    ["1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1 1", 0, "unparsed"],
    ["1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 5", 0, "unparsed"],
    ["1 _ 3 4\n3 4 _ 2\n_ 1 4 3\n4 3 2 _", 0, "unparsed"],
    ["r1c2=2, r2c3=1, r3c1=2, r4c4=1", 0, "unparsed"],
    ["1 2 3 4 ".repeat(2000), 0, "unparsed"],
  ])("%j gets %d, %s", async (answer, reward, outcome) => {
    expect(await task.verify(`<answer>${answer}</answer>`, row)).toMatchObject({ reward, outcome });
  });
});
