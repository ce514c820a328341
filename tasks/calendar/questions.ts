/** The kinds of question about dates: how each is asked, worked out and answered. Dates are texts such as 2024-03-05. */
import {
  type Day,
  dateText,
  dayOfYear,
  daysBefore,
  daysInMonth,
  fromNumber,
  readDate,
  toNumber,
  WEEKDAYS,
  weekday,
} from "./dates.ts";

export type Question =
  /** The weekday of a date, given that of another. */
  | { readonly kind: "weekday-near"; readonly known: string; readonly date: string }
  | { readonly kind: "weekday"; readonly date: string }
  | { readonly kind: "between"; readonly from: string; readonly to: string }
  /** The date so many days after (before, if negative) another. */
  | { readonly kind: "shift"; readonly from: string; readonly days: number }
  /** The date of the nth such weekday of a month. */
  | {
      readonly kind: "nth";
      readonly n: number;
      readonly weekday: number;
      readonly year: number;
      readonly month: number;
    };

export function questionText(question: Question): string {
  switch (question.kind) {
    case "weekday-near":
      return `${question.known} is a ${weekday(numberOf(question.known))}. What day of the week is ${question.date}?`;
    case "weekday":
      return `What day of the week is ${question.date}?`;
    case "between":
      return `How many days after ${question.from} is ${question.to}?`;
    case "shift":
      return `What date is ${Math.abs(question.days)} days ${question.days < 0 ? "before" : "after"} ${question.from}?`;
    case "nth":
      return `What date is ${WEEKDAYS[question.weekday]} number ${question.n} of ${monthText(question)}?`;
    default:
      return question satisfies never;
  }
}

/** What the answer is: part of the prompt. */
export const FORMS = {
  "weekday-near": "the weekday's name",
  weekday: "the weekday's name",
  between: "the number",
  shift: "the date as YYYY-MM-DD",
  nth: "the date as YYYY-MM-DD",
} as const satisfies Record<Question["kind"], string>;

export function answerOf(question: Question): string {
  switch (question.kind) {
    case "weekday-near":
    case "weekday":
      return weekday(numberOf(question.date));
    case "between":
      return String(numberOf(question.to) - numberOf(question.from));
    case "shift":
      return dateText(fromNumber(numberOf(question.from) + question.days));
    case "nth":
      return dateText(nthWeekday(question));
    default:
      return question satisfies never;
  }
}

/** Steps on paper: the number of each date, and what is done with the numbers. */
export function workedSteps(question: Question): string {
  switch (question.kind) {
    case "weekday-near": {
      const days = numberOf(question.date) - numberOf(question.known);
      const rest = ((days % 7) + 7) % 7;
      return `${numbered(question.known)}, ${numbered(question.date)}, ${days} days later, ${days} mod 7=${rest}, ${weekday(numberOf(question.known))}+${rest}=${answerOf(question)}`;
    }
    case "weekday": {
      const number = numberOf(question.date);
      return `${numbered(question.date)}, ${number} mod 7=${number % 7}, Sunday+${number % 7}=${answerOf(question)}`;
    }
    case "between":
      return `${numbered(question.from)}, ${numbered(question.to)}, ${numberOf(question.to)}-${numberOf(question.from)}=${answerOf(question)}`;
    case "shift": {
      const number = numberOf(question.from) + question.days;
      const sign = question.days < 0 ? "-" : "+";
      return `${numbered(question.from)}, ${numberOf(question.from)}${sign}${Math.abs(question.days)}=${number}, ${numbered(answerOf(question))}`;
    }
    case "nth": {
      const first = dateText({ ...question, day: 1 });
      const firstSuch = nthWeekday({ ...question, n: 1 }).day;
      const steps = `${first} is a ${weekday(numberOf(first))}, first ${WEEKDAYS[question.weekday]} ${firstSuch}`;
      return `${numbered(first)}, ${steps}, ${firstSuch}+${question.n - 1}*7=${nthWeekday(question).day}`;
    }
    default:
      return question satisfies never;
  }
}

/** Whether the month has so many of the weekday. */
export const exists = (question: Question & { readonly kind: "nth" }): boolean =>
  nthWeekday(question).day <= daysInMonth(question.year, question.month);

function nthWeekday({ n, weekday: wanted, year, month }: Omit<Question & { readonly kind: "nth" }, "kind">): Day {
  const first = toNumber({ year, month, day: 1 });
  const day = 1 + ((wanted - (first % 7) + 7) % 7) + 7 * (n - 1);
  return { year, month, day };
}

/** `2024-03-05=738885+65=738950`: the days of the years before, the day in its year, the number. */
function numbered(text: string): string {
  const date = parsed(text);
  return `${text}=${daysBefore(date.year)}+${dayOfYear(date)}=${toNumber(date)}`;
}

const numberOf = (text: string) => toNumber(parsed(text));
const monthText = ({ year, month }: { year: number; month: number }) => `${year}-${String(month).padStart(2, "0")}`;

function parsed(text: string): Day {
  const day = readDate(text);
  if (day === null)
    throw new RangeError(`the row has the date ${JSON.stringify(text)}, expected one such as 2024-03-05`);
  return day;
}
