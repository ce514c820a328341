import { unit } from "mathjs";
import { describe, expect, test } from "vitest";
import { parseNumber } from "../../src/verifiers/index.ts";
import task from "../../tasks/unit-conversion/task.ts";
import { convert, exactText, UNITS } from "../../tasks/unit-conversion/units.ts";
import { expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no problem; solutions are right and fit", () =>
  expectSoundRows(task, ({ value, from, to }) => `${Number(value)} ${from} ${to}`));

/** Our names in mathjs, which has sizes of its own. */
const MATHJS: Readonly<Record<string, string>> = {
  ...{ millimeters: "mm", centimeters: "cm", decimeters: "dm", meters: "m", kilometers: "km" },
  ...{ inches: "in", feet: "ft", yards: "yd", miles: "mi" },
  ...{ milligrams: "mg", grams: "g", kilograms: "kg", "metric tons": "tonne", ounces: "oz", pounds: "lbm" },
  ...{ milliseconds: "ms", seconds: "s", minutes: "min", hours: "h", days: "day", weeks: "week" },
  ...{ milliliters: "mL", centiliters: "cL", liters: "L", hectoliters: "hL" },
  ...{ "cubic centimeters": "cm^3", "cubic decimeters": "dm^3", "cubic meters": "m^3" },
  ...{ "square millimeters": "mm^2", "square centimeters": "cm^2", "square meters": "m^2", hectares: "hectare" },
  ...{ "square kilometers": "km^2", "square inches": "in^2", "square feet": "ft^2" },
  ...{ "meters per second": "m/s", "meters per minute": "m/min", "kilometers per hour": "km/h" },
  ...{ "feet per second": "ft/s", "miles per hour": "mi/h" },
  ...{ kelvins: "K", "degrees Celsius": "degC", "degrees Fahrenheit": "degF" },
};

const byMathjs = (value: string, from: string, to: string) =>
  unit(Number(value), MATHJS[from] as string).toNumber(MATHJS[to] as string);

function numberOf(text: string): number {
  const value = parseNumber(text);
  if (value === null) throw new Error(`${text} is no number`);
  return Number(value.numerator) / Number(value.denominator);
}

describe.each(LEVELS)("difficulty %d", (level) => {
  test("mathjs gives the same number, as far as doubles go", async () => {
    const rows = await rowsOf(task, level);
    for (const { value, from, to, answer } of rows) {
      const [got, wanted] = [numberOf(answer), byMathjs(value, from, to)];
      // of temperatures the differences of large numbers lose digits
      const scale = from.includes("degrees") || from === "kelvins" ? 1000 : Math.abs(wanted);
      expect(Math.abs(got - wanted), `${value} ${from} = ${answer} ${to}`).toBeLessThanOrEqual(1e-12 * scale);
      if (level <= 3) expect(answer).not.toContain("/");
    }
    expect(new Set(rows.map(({ from }) => from)).size).toBeGreaterThan(6);
  });
});

test("all pairs of units of one kind, there and back, are exact and agree with mathjs", () => {
  const names = Object.keys(UNITS);
  expect(names.toSorted()).toEqual(Object.keys(MATHJS).toSorted());
  for (const from of names) {
    for (const to of names.filter((name) => UNITS[name]?.base === UNITS[from]?.base)) {
      const there = convert("7.25", from, to);
      const back = convert(exactText(there), to, from);
      expect(back).toEqual({ numerator: 29n, denominator: 4n });
      const wanted = byMathjs("7.25", from, to);
      expect(Math.abs(numberOf(exactText(there)) - wanted)).toBeLessThanOrEqual(
        1e-12 * Math.max(Math.abs(wanted), 1000),
      );
    }
  }
});

test.each([
  ["1", "miles", "kilometers", "1.609344"],
  ["100", "kilometers per hour", "meters per second", "250/9"],
  ["1", "pounds", "grams", "453.59237"],
  ["16", "ounces", "pounds", "1"],
  ["98.6", "degrees Fahrenheit", "degrees Celsius", "37"],
  ["-40", "degrees Celsius", "degrees Fahrenheit", "-40"],
  ["0", "kelvins", "degrees Fahrenheit", "-459.67"],
  ["1", "square feet", "square inches", "144"],
  ["2.5", "hectares", "square kilometers", "0.025"],
  ["1", "weeks", "minutes", "10080"],
])("%s %s in %s is %s", (value, from, to, wanted) => {
  expect(exactText(convert(value, from, to))).toBe(wanted);
});

test.each([
  ["250/9", 1, "correct"],
  ["500/18", 1, "correct"],
  ["27.7777777777777", 0, "incorrect"],
  ["27.78", 0, "incorrect"],
  ["250/9 m/s", 0, "unparsed"],
  ["27 7/9", 0, "unparsed"],
])("of 250/9, %j gets %d, %s", async (answer, reward, outcome) => {
  const row = {
    id: "x",
    difficulty: 4,
    value: "100",
    from: "kilometers per hour",
    to: "meters per second",
    answer: "250/9",
  };
  expect(await task.verify(`<answer>${answer}</answer>`, row)).toMatchObject({ reward, outcome });
});
