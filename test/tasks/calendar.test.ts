import { describe, expect, test } from "vitest";
import { dateText, fromNumber, readDate, toNumber } from "../../tasks/calendar/dates.ts";
import task from "../../tasks/calendar/task.ts";
import { answerIn, expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

const DAY_MS = 86_400_000;
const utc = (date: string) => Date.parse(`${date}T00:00:00Z`);
const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const weekdayOf = (date: string) =>
  new Date(utc(date)).toLocaleDateString("en-US", { weekday: "long", timeZone: "UTC" });

test("splits share no question; solutions are right and fit", () =>
  expectSoundRows(task, ({ question }) => JSON.stringify(question)));

describe.each(LEVELS)("difficulty %d", (level) => {
  test("the engine's Date, in UTC, gives the same answer", async () => {
    const rows = await rowsOf(task, level);
    for (const row of rows) {
      const { question } = row;
      const answer = answerIn(task.solution?.(row));
      switch (question.kind) {
        case "weekday-near":
          expect(task.prompt(row)).toContain(`${question.known} is a ${weekdayOf(question.known)}.`);
          expect(answer).toBe(weekdayOf(question.date));
          break;
        case "weekday":
          expect(answer).toBe(weekdayOf(question.date));
          break;
        case "between":
          expect(Number(answer)).toBe((utc(question.to) - utc(question.from)) / DAY_MS);
          expect(Number(answer)).toBeGreaterThan(0);
          break;
        case "shift":
          expect(answer).toBe(dateOf(utc(question.from) + question.days * DAY_MS));
          break;
        case "nth": {
          const month = `${question.year}-${String(question.month).padStart(2, "0")}`;
          expect(answer.slice(0, 7)).toBe(month);
          expect(new Date(utc(answer)).getUTCDay()).toBe(question.weekday);
          expect(Math.ceil(Number(answer.slice(8)) / 7)).toBe(question.n);
        }
      }
    }
    expect(new Set(rows.map(({ question }) => question.kind)).size).toBe(level <= 2 ? 3 : 4);
  });

  test("every written number is right", async () => {
    for (const row of await rowsOf(task, level)) {
      for (const [, before, day, sum] of (task.solution?.(row) ?? "").matchAll(/=(\d+)\+(\d+)=(\d+)/g)) {
        expect(Number(before) + Number(day)).toBe(Number(sum));
      }
      for (const [, number, rest] of (task.solution?.(row) ?? "").matchAll(/(-?\d+) mod 7=(\d)/g)) {
        expect((((Number(number) - Number(rest)) % 7) + 7) % 7).toBe(0);
      }
    }
  });
});

describe("dates", () => {
  test("every day of 1600 to 2400 has the number and the name that the engine gives it", () => {
    const offset = utc("0001-01-01") / DAY_MS - 1;
    for (let ms = utc("1600-01-01"); ms <= utc("2400-12-31"); ms += DAY_MS) {
      const date = dateOf(ms);
      const number = ms / DAY_MS - offset;
      const day = readDate(date);
      if (day === null || toNumber(day) !== number || dateText(fromNumber(number)) !== date) {
        expect({ date, day, number: day && toNumber(day) }).toEqual({ date, number });
      }
    }
  });

  test("known days: 1582-10-15 was a Friday, 1969-07-20 a Sunday, 2000-01-01 a Saturday", () => {
    const remainder = (date: string) => toNumber(readDate(date)!) % 7;
    expect([remainder("1582-10-15"), remainder("1969-07-20"), remainder("2000-01-01")]).toEqual([5, 0, 6]);
    expect(toNumber(readDate("1945-11-12")!)).toBe(710_347); // Calendrical Calculations, appendix C
  });

  test.each([
    "2023-02-29",
    "1900-02-29",
    "2024-04-31",
    "2024-00-01",
    "2024-13-01",
    "2024-1-1",
    "0000-01-01",
    "24-01-01",
    "",
  ])("%j is no date", (text) => {
    expect(readDate(text)).toBe(null);
  });
});

describe("verify", () => {
  const row = (question: Parameters<typeof task.prompt>[0]["question"]) => ({ id: "x", difficulty: 1, question });
  const weekday = row({ kind: "weekday", date: "2024-03-05" }); // Tuesday
  const between = row({ kind: "between", from: "2023-12-30", to: "2024-03-01" }); // 62
  const shift = row({ kind: "shift", from: "2024-03-01", days: -1 }); // 2024-02-29

  test.each([
    ["Tuesday", weekday, 1, "correct"],
    ["TUE", weekday, 1, "correct"],
    ["Monday", weekday, 0, "incorrect"],
    ["Tuesday, Wednesday", weekday, 0, "unparsed"],
    ["not Tuesday", weekday, 0, "unparsed"],
    ["Tues", weekday, 0, "unparsed"],
    ["2", weekday, 0, "unparsed"],
    ["62", between, 1, "correct"],
    ["62 days", between, 1, "correct"],
    ["-62", between, 0, "incorrect"],
    ["63", between, 0, "incorrect"],
    ["about 62", between, 0, "unparsed"],
    ["2024-02-29", shift, 1, "correct"],
    ["2024-02-28", shift, 0, "incorrect"],
    ["2024-02-30", shift, 0, "unparsed"],
    ["29 February 2024", shift, 0, "unparsed"],
    ["2024-02-29".repeat(50), shift, 0, "unparsed"],
  ])("%j gets its reward", async (answer, of, reward, outcome) => {
    expect(await task.verify(`<answer>${answer}</answer>`, of)).toMatchObject({ reward, outcome });
  });
});
