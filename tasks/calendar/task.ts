/** Weekdays and differences of dates in the Gregorian calendar. */
import { DifficultyOptions, defineTask, graded, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag, equalFractions, parseNumber } from "rlvr/verifiers";
import { z } from "zod";
import { dateText, fromNumber, readDate, toNumber, WEEKDAYS } from "./dates.ts";
import { answerOf, exists, FORMS, type Question, questionText, workedSteps } from "./questions.ts";

const MAX_CHARACTERS = 40; // of an answer

const DateText = z.string().refine((text) => readDate(text) !== null, "expected a date such as 2024-03-05");
const Asked = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("weekday-near"), known: DateText, date: DateText }),
  z.strictObject({ kind: z.literal("weekday"), date: DateText }),
  z.strictObject({ kind: z.literal("between"), from: DateText, to: DateText }),
  z.strictObject({ kind: z.literal("shift"), from: DateText, days: z.int() }),
  z.strictObject({
    kind: z.literal("nth"),
    n: z.int().min(1).max(5),
    weekday: z.int().min(0).max(6).describe("0 is Sunday"),
    year: z.int().min(1).max(9999),
    month: z.int().min(1).max(12),
  }),
]);

const Row = z.strictObject({ id: z.string(), difficulty: z.int().min(1).max(5), question: Asked });
type Problem = Pick<z.infer<typeof Row>, "question">;

interface Level {
  readonly years: readonly [first: number, last: number];
  /** Most days between the two dates of a question. */
  readonly days: number;
  readonly kinds: readonly Question["kind"][];
}

const LEVELS: Readonly<Record<number, Level>> = {
  1: { years: [2000, 2030], days: 31, kinds: ["weekday-near", "between", "shift"] },
  2: { years: [1990, 2040], days: 200, kinds: ["weekday-near", "between", "shift"] },
  3: { years: [1950, 2050], days: 1000, kinds: ["weekday-near", "between", "shift", "nth"] },
  4: { years: [1900, 2100], days: 10_000, kinds: ["weekday", "between", "shift", "nth"] },
  5: { years: [1600, 2400], days: 100_000, kinds: ["weekday", "between", "shift", "nth"] },
};

function draw(rng: Rng, difficulty: number): Problem | null {
  const { years, days: most, kinds } = LEVELS[difficulty] as Level;
  const [first, last] = [
    toNumber({ year: years[0], month: 1, day: 1 }),
    toNumber({ year: years[1], month: 12, day: 31 }),
  ];
  const number = rng.integer(first, last);
  const days = rng.integer(2, most) * (rng.next() < 0.5 ? -1 : 1);
  if (number + days < first || number + days > last) return null;
  const [date, other] = [dateText(fromNumber(number)), dateText(fromNumber(number + days))];
  const kind = rng.pick(kinds);
  switch (kind) {
    case "weekday-near":
      return { question: { kind, known: date, date: other } };
    case "weekday":
      return { question: { kind, date } };
    case "between":
      return { question: { kind, from: days < 0 ? other : date, to: days < 0 ? date : other } };
    case "shift":
      return { question: { kind, from: date, days } };
    case "nth": {
      const { year, month } = fromNumber(number);
      const question = { kind, n: rng.integer(1, 5), weekday: rng.integer(0, 6), year, month };
      return exists(question) ? { question } : null;
    }
    default:
      return kind satisfies never;
  }
}

/** 1 for the right weekday (`Tuesday`, `tue`), number or date, whichever is asked for. */
function verifyDate(completion: string, { question }: Problem) {
  const extracted = answerTag(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  const wanted = answerOf(question);
  const right = answer.length > MAX_CHARACTERS ? null : sameAnswer(answer, wanted, question.kind);
  if (right === null) return graded(0, "unparsed", answer, `expected ${FORMS[question.kind]}`);
  return right
    ? graded(1, "correct", answer, `equals ${wanted}`)
    : graded(0, "incorrect", answer, `expected ${wanted}`);
}

/** Null where the answer has another form than is asked for. */
function sameAnswer(answer: string, wanted: string, kind: Question["kind"]): boolean | null {
  switch (kind) {
    case "weekday-near":
    case "weekday": {
      const name = answer.toLowerCase();
      const day = WEEKDAYS.find((one) => one.toLowerCase() === name || one.toLowerCase().slice(0, 3) === name);
      return day === undefined ? null : day === wanted;
    }
    case "between": {
      const [got, expected] = [parseNumber(answer.replace(/ days?$/, "")), parseNumber(wanted)];
      return got === null || expected === null ? null : equalFractions(got, expected);
    }
    case "shift":
    case "nth":
      return readDate(answer) === null ? null : answer === wanted;
    default:
      return kind satisfies never;
  }
}

const row = (question: Question): z.infer<typeof Row> => ({ id: "example", difficulty: 1, question });
const weekdayNear = row({ kind: "weekday-near", known: "2024-02-20", date: "2024-03-05" });
const between = row({ kind: "between", from: "2023-12-30", to: "2024-03-01" });
const shift = row({ kind: "shift", from: "2024-03-01", days: -2 });
const nth = row({ kind: "nth", n: 2, weekday: 5, year: 2024, month: 3 });

export default defineTask({
  name: "calendar",
  description: "weekdays, and days between dates, in the Gregorian calendar",
  row: Row,
  options: DifficultyOptions,
  prompt: ({ question }) => `${questionText(question)} Give ${FORMS[question.kind]} in <answer></answer>.\n`,
  solution: ({ question }) => `<think>${workedSteps(question)}</think><answer>${answerOf(question)}</answer>`,
  verify: withDifficulty(verifyDate),
  maxTokens: 180, // characters; two dates with their numbers

  *load(split, seed, { difficulty }) {
    const content = ({ question }: Problem) => questionText(question);
    yield* proceduralRows({ name: "calendar", draw, content }, { split, seed, difficulty });
  },

  cases: [
    { row: weekdayNear, completion: "<think>14 days later</think><answer>Tuesday</answer>", reward: 1 },
    { row: between, completion: "<think>2 in December, 31, 29</think><answer>62</answer>", reward: 1 },
    { row: shift, completion: "<answer>2024-02-28</answer>", reward: 1 },
    { row: nth, completion: "<answer>2024-03-08</answer>", reward: 1 },
    { row: weekdayNear, completion: "<answer>Wednesday</answer>", reward: 0 },
    { row: weekdayNear, completion: "<answer>Monday or Tuesday</answer>", reward: 0 },
    { row: between, completion: "<answer>61</answer>", reward: 0 }, // 2024 has a February 29
    { row: shift, completion: "<answer>2024-02-27</answer>", reward: 0 },
    { row: shift, completion: "<answer>2024-02-30</answer>", reward: 0 }, // no such day
    { row: weekdayNear, completion: "Tuesday", reward: 0 },
  ],
});
