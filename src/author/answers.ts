/** What can be said of two answers without asking a verifier: that they surely differ. And answers made from a right one. */
import type { Rng } from "../rng.ts";
import {
  combineFractions,
  equalFractions,
  type Fraction,
  fractionText,
  parseNumber,
  toFraction,
} from "../verifiers/index.ts";

export interface WrongAnswer {
  readonly text: string;
  /** False where it may happen to be right, such as 7*3+20 for 3*7+20. */
  readonly sure: boolean;
}

/** Numbers of different value, or words none of which is part of the other. False means "not sure". */
export function surelyDiffer(a: string, b: string, tolerance = 0): boolean {
  const [x, y] = [parseNumber(a), parseNumber(b)];
  if (x !== null && y !== null) return !within(x, y, tolerance);
  if (x !== null || y !== null) return false;
  const [v, w] = [wordOf(a), wordOf(b)];
  return v !== null && w !== null && !v.includes(w) && !w.includes(v);
}

/** One word or letter, without case and punctuation; null for anything longer. */
function wordOf(text: string): string | null {
  return /^\W?(\p{L}{1,40})\W?$/u.exec(text.trim())?.[1]?.toLowerCase() ?? null;
}

function within(a: Fraction, b: Fraction, tolerance: number): boolean {
  if (equalFractions(a, b)) return true;
  if (tolerance === 0) return false;
  const [x, y] = [toNumber(a), toNumber(b)];
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
}

function toNumber({ numerator, denominator }: Fraction): number {
  return Number(numerator) / Number(denominator);
}

/** Changed answers, each different from the right one as a text. Equal seeds give equal ones. */
export function changedAnswers(answer: string, rng: Rng, tolerance = 0): WrongAnswer[] {
  const value = parseNumber(answer);
  const texts = value === null ? changedText(answer, rng) : changedNumber(answer, value);
  return [...new Set(texts)]
    .filter((text) => text !== answer && text.trim() !== "")
    .map((text) => ({ text, sure: (value !== null || text.length === 1) && surelyDiffer(text, answer, tolerance) }))
    .filter(({ sure }) => value === null || sure); // a changed word may be a spelling that is meant to count
}

/** ±1, ±10, the sign, tenfold, a digit more or less, two digits swapped, and the reciprocal. */
function changedNumber(text: string, value: Fraction): string[] {
  const whole = (n: bigint) => toFraction(n) as Fraction;
  const near = (["+", "-"] as const).flatMap((op) => [
    combineFractions(value, op, whole(1n)),
    combineFractions(value, op, whole(10n)),
  ]);
  const scaled = [combineFractions(value, "*", whole(-1n)), combineFractions(value, "*", whole(10n))];
  const inverse = value.denominator === 1n ? null : combineFractions(whole(1n), "/", value);
  const made = [...near, ...scaled, inverse].flatMap((one) => (one === null ? [] : [numberText(one)]));
  return [...made, swapDigits(text), text.replace(/\d$/, ""), longer(text), bumpDigit(text)].filter(
    (one) => parseNumber(one) !== null,
  );
}

/** Decimals stay decimals. */
function numberText(value: Fraction): string {
  const decimal = String(toNumber(value));
  const read = parseNumber(decimal);
  return read !== null && equalFractions(read, value) ? decimal : fractionText(value);
}

/** The first two neighboring digits that differ. */
function swapDigits(text: string): string {
  return text.replace(/(\d)(?!\1)(\d)/, "$2$1");
}

/** Another digit; not behind a decimal point, where rounding may be meant to take it away. */
function longer(text: string): string {
  return /^-?\d+$/.test(text) ? `${text}1` : "";
}

/** The last digit, one up: the nearest number with as many decimals. */
function bumpDigit(text: string): string {
  return text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
}

/** A number in it moved by one, an operator or a letter exchanged, its end cut off, its words turned around. */
function changedText(text: string, rng: Rng): string[] {
  const numbers = [...text.matchAll(/\d+/g)];
  const changed: string[] = [];
  if (numbers.length > 0) {
    const { 0: digits, index } = rng.pick(numbers);
    changed.push(`${text.slice(0, index)}${BigInt(digits) + 1n}${text.slice(index + digits.length)}`);
  }
  const operators = [...text.matchAll(/[+\-*/<>=]/g)];
  if (operators.length > 0) {
    const { 0: sign, index } = rng.pick(operators);
    changed.push(`${text.slice(0, index)}${SWAPPED[sign]}${text.slice(index + 1)}`);
  }
  const letters = [...text.matchAll(/[a-z]/gi)];
  if (letters.length > 0) {
    const { 0: letter, index } = rng.pick(letters);
    const other = letter.toLowerCase() === "z" ? "y" : String.fromCodePoint((letter.codePointAt(0) as number) + 1);
    changed.push(text.slice(0, index) + other + text.slice(index + 1));
  }
  const parts = text.split(/(\s*[,;]\s*|\s+)/);
  if (parts.length > 2) changed.push([...parts].reverse().join(""), parts.slice(0, -2).join(""));
  if (text.length > 1) changed.push(text.slice(0, -1));
  return changed;
}

const SWAPPED: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "+",
  "/": "*",
  "<": ">",
  ">": "<",
  "=": "≠",
};
