import { describe, expect, test } from "vitest";
import task from "../../tasks/base-conversion/task.ts";
import { answerIn, expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no problem; solutions are right and fit", () =>
  expectSoundRows(task, ({ numeral, from, to }) => `${numeral} ${from} ${to}`));

describe.each(LEVELS)("difficulty %d", (level) => {
  test("the engine's own parseInt and toString give the same digits, and every step is true", async () => {
    for (const row of await rowsOf(task, level)) {
      const value = Number.parseInt(row.numeral, row.from);
      const solution = task.solution?.(row) ?? "";
      expect(answerIn(solution)).toBe(value.toString(row.to));
      expect(value.toString(row.from)).toBe(row.numeral);
      for (const [, a, base, digit, sum] of solution.matchAll(/(\d+)\*(\d+)\+(\d+)=(\d+)/g)) {
        expect(Number(a) * Number(base) + Number(digit)).toBe(Number(sum));
      }
      for (const [, a, base, quotient, rest] of solution.matchAll(/(\d+)\/(\d+)=(\d+) rest (\d+)/g)) {
        expect([Math.floor(Number(a) / Number(base)), Number(a) % Number(base)]).toEqual([
          Number(quotient),
          Number(rest),
        ]);
      }
    }
  });

  test("the answer is not the question", async () => {
    for (const row of await rowsOf(task, level)) expect(answerIn(task.solution?.(row))).not.toBe(row.numeral);
  });
});

describe("verify", () => {
  const row = { id: "x", difficulty: 4, numeral: "2989", from: 10, to: 16 }; // bad

  test.each([
    ["bad", 1, "correct"],
    ["BAD", 1, "correct"],
    ["00bad", 1, "correct"],
    ["bae", 0, "incorrect"],
    ["dab", 0, "incorrect"],
    ["2989", 0, "incorrect"],
    ["0xbad", 0, "unparsed"],
    ["-bad", 0, "unparsed"],
    ["b a d", 0, "unparsed"],
    ["bad, dab", 0, "unparsed"],
    ["bag", 0, "unparsed"],
    ["bad_16", 0, "unparsed"],
    ["ｂａｄ", 0, "unparsed"], // digits of another script
    [`${"0".repeat(100)}bad`, 0, "unparsed"],
  ])("%j gets %d, %s", async (answer, reward, outcome) => {
    expect(await task.verify(`<answer>${answer}</answer>`, row)).toMatchObject({ reward, outcome });
  });
});
