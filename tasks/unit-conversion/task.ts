/** A quantity in another unit, exactly: all sizes are rational numbers, so there is nothing to round. */
import { DifficultyOptions, defineTask, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag, exactNumber } from "rlvr/verifiers";
import { z } from "zod";
import { convert, exactText, workedSteps } from "./units.ts";

const MAX_ANSWER = 14; // characters of the shortest exact writing

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  value: z.string().regex(/^-?\d{1,4}(?:\.\d{1,2})?$/),
  from: z.string(),
  to: z.string(),
  answer: z.string().describe("a decimal, or a fraction where the decimal does not end"),
});
type Problem = Omit<z.infer<typeof Row>, "id" | "difficulty">;

interface Level {
  /** Groups of units of which two are drawn. */
  readonly groups: readonly (readonly string[])[];
  readonly places: number;
  /** Whether the decimal of the answer may go on for ever. */
  readonly endless: boolean;
}

const METRIC = [
  ["millimeters", "centimeters", "decimeters", "meters", "kilometers"],
  ["milligrams", "grams", "kilograms", "metric tons"],
  ["milliliters", "centiliters", "liters", "hectoliters"],
];
const TIME = ["milliseconds", "seconds", "minutes", "hours", "days", "weeks"];
const IMPERIAL = [
  ["inches", "feet", "yards", "miles"],
  ["ounces", "pounds"],
];
const POWERS = [
  ["square millimeters", "square centimeters", "square meters", "hectares", "square kilometers"],
  ["milliliters", "liters", "cubic centimeters", "cubic decimeters", "cubic meters"],
  ["meters per second", "meters per minute", "kilometers per hour"],
];
const MIXED = [
  ["centimeters", "meters", "kilometers", "inches", "feet", "yards", "miles"],
  ["grams", "kilograms", "ounces", "pounds"],
  ["square centimeters", "square meters", "square inches", "square feet"],
  ["meters per second", "kilometers per hour", "feet per second", "miles per hour"],
  ["kelvins", "degrees Celsius", "degrees Fahrenheit"],
];

const LEVELS: Readonly<Record<number, Level>> = {
  1: { groups: METRIC, places: 0, endless: false },
  2: { groups: [...METRIC, TIME], places: 1, endless: false },
  3: { groups: [TIME, ...IMPERIAL], places: 1, endless: false },
  4: { groups: POWERS, places: 2, endless: true },
  5: { groups: MIXED, places: 2, endless: true },
};

function draw(rng: Rng, difficulty: number): Problem | null {
  const { groups, places, endless } = LEVELS[difficulty] as Level;
  const [from, to] = rng.shuffle([...rng.pick(groups)]) as [string, string];
  const decimals = rng.integer(0, places);
  const value = (rng.integer(1, 999) / 10 ** (decimals === 0 ? 0 : decimals)).toFixed(decimals);
  const answer = exactText(convert(value, from, to));
  return answer.length <= MAX_ANSWER && (endless || !answer.includes("/")) ? { value, from, to, answer } : null;
}

const example: z.infer<typeof Row> = {
  id: "example",
  difficulty: 4,
  value: "90",
  from: "kilometers per hour",
  to: "meters per second",
  answer: "25",
};
const endless: z.infer<typeof Row> = { ...example, value: "100", answer: "250/9" };

export default defineTask({
  name: "unit-conversion",
  description: "a quantity in another unit, exactly",
  row: Row,
  options: DifficultyOptions,
  prompt: ({ value, from, to }) =>
    `Convert ${value} ${from} to ${to}. Give the exact number alone, as a decimal or a fraction, in <answer></answer>.\n`,
  solution: ({ value, from, to, answer }) =>
    `<think>${workedSteps(value, from, to)}=${answer}</think><answer>${answer}</answer>`,
  verify: withDifficulty(exactNumber(answerTag)),
  audit: { answers: "number" },
  maxTokens: 240, // characters; two sizes with their names, and a sum

  *load(split, seed, { difficulty }) {
    const content = ({ value, from, to }: Problem) => `${Number(value)} ${from} ${to}`;
    yield* proceduralRows({ name: "unit-conversion", draw, content }, { split, seed, difficulty });
  },

  cases: [
    { row: example, completion: "<think>90*1000/3600</think><answer>25</answer>", reward: 1 },
    { row: endless, completion: "<answer>250/9</answer>", reward: 1 },
    { row: example, completion: "<answer>324</answer>", reward: 0 }, // the other way
    { row: endless, completion: "<answer>27.78</answer>", reward: 0 }, // rounded
    { row: example, completion: "<answer>25 m/s</answer>", reward: 0 }, // the number alone is asked for
    { row: example, completion: "25", reward: 0 },
  ],
});
