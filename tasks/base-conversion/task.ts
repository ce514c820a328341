/** A whole number from one base to another, both in 2..36. */
import { DifficultyOptions, defineTask, graded, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag } from "rlvr/verifiers";
import { z } from "zod";
import { readDigits, runningValues, toDigits, workedSteps, writeDigits } from "./digits.ts";

const MAX_CHARACTERS = 64; // of an answer; the longest right one has 24

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  numeral: z
    .string()
    .regex(/^[0-9a-z]{1,24}$/)
    .describe("in base `from`"),
  from: z.int().min(2).max(36),
  to: z.int().min(2).max(36),
});
type Problem = Omit<z.infer<typeof Row>, "id" | "difficulty">;

/** By difficulty: the largest number, and the bases of which two are drawn. From 3 on, none of them need be 10. */
const LEVELS: Readonly<Record<number, { largest: number; bases: readonly number[] }>> = {
  1: { largest: 511, bases: [2, 3, 4, 5, 6, 7, 8, 9] }, // one side is 10
  2: { largest: 4095, bases: [2, 5, 7, 8, 12, 16] }, // one side is 10
  3: { largest: 4095, bases: [2, 3, 4, 5, 6, 7, 8, 9, 10] },
  4: { largest: 65_535, bases: [2, 3, 5, 7, 8, 9, 11, 12, 13, 15, 16] },
  5: { largest: 2 ** 24 - 1, bases: Array.from({ length: 35 }, (_, i) => i + 2) },
};

function draw(rng: Rng, difficulty: number): Problem | null {
  const { largest, bases } = LEVELS[difficulty] as (typeof LEVELS)[number];
  const withTen = rng.shuffle([10, rng.pick(bases)]);
  const [from, to] = (difficulty <= 2 ? withTen : [rng.pick(bases), rng.pick(bases)]) as [number, number];
  const value = rng.integer(Math.min(32, from * to), largest);
  const numeral = writeDigits(toDigits(value, from));
  // Equal numerals would be the question repeated.
  return numeral === writeDigits(toDigits(value, to)) ? null : { numeral, from, to };
}

const digitsOf = ({ numeral, from }: Problem) => readDigits(numeral, from) ?? [];
const answerOf = (problem: Problem) =>
  writeDigits(toDigits(runningValues(digitsOf(problem), problem.from).at(-1) ?? 0, problem.to));

/** 1 for the right digits in base `to`; capitals and leading zeros make no difference, a prefix such as 0x is no digit. */
function verifyNumeral(completion: string, problem: Problem) {
  const extracted = answerTag(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  const digits = answer.length > MAX_CHARACTERS ? null : readDigits(answer, problem.to);
  if (digits === null) return graded(0, "unparsed", answer, `no number in base ${problem.to}`);
  const wanted = answerOf(problem);
  return writeDigits(digits).replace(/^0+(?=.)/, "") === wanted
    ? graded(1, "correct", answer, `equals ${wanted}`)
    : graded(0, "incorrect", answer, `expected ${wanted}`);
}

const example: z.infer<typeof Row> = { id: "example", difficulty: 3, numeral: "203", from: 5, to: 16 };

export default defineTask({
  name: "base-conversion",
  description: "a whole number written in another base",
  row: Row,
  options: DifficultyOptions,
  prompt: ({ numeral, from, to }) =>
    `Write ${numeral} (base ${from}) in base ${to}; digits above 9 are a, b, c and so on. Give the digits alone in <answer></answer>.\n`,
  solution: (row) =>
    `<think>${workedSteps(digitsOf(row), row.from, row.to).join(", ")}</think><answer>${answerOf(row)}</answer>`,
  verify: withDifficulty(verifyNumeral),
  maxTokens: 1200, // characters; from base 2 to base 3 with 24 digits

  *load(split, seed, { difficulty }) {
    const content = ({ numeral, from, to }: Problem) => `${numeral}:${from}:${to}`;
    yield* proceduralRows({ name: "base-conversion", draw, content }, { split, seed, difficulty });
  },

  cases: [
    {
      row: example,
      completion: "<think>2*5+0=10, 10*5+3=53, 53/16=3 rest 5, 3/16=0 rest 3</think><answer>35</answer>",
      reward: 1,
    },
    { row: example, completion: "<answer>035</answer>", reward: 1 },
    { row: example, completion: "<answer>53</answer>", reward: 0 }, // left in base 10
    { row: example, completion: "<answer>0x35</answer>", reward: 0 },
    { row: example, completion: "<answer>35g</answer>", reward: 0 }, // g is no digit of base 16
    { row: example, completion: "35", reward: 0 },
  ],
});
