/**
 * Arithmetic expressions: + - * / and parentheses over whole-number literals, with exact rational values.
 *
 *   sum    = product { ("+" | "-") product }
 *   product = atom { ("*" | "/") atom }
 *   atom   = digits | "(" sum ")"
 *
 * A parser, not an evaluator of code: no names, no powers, no signs, nothing to call. × ÷ − are read as * / -.
 * Accepted: `3*7+25` · `(25 - 7) / 3` · `1/3*3` (exactly 1). Refused: `3**2` · `-3+7` · `3(7)`.
 */
import { combineFractions, type Fraction, toFraction } from "./fraction.ts";

const MAX_CHARACTERS = 256;
const MAX_DEPTH = 32;

export type Expression =
  | {
      readonly ok: true;
      /** Null where something is divided by 0. */
      readonly value: Fraction | null;
      /** The numbers written, in order of appearance. */
      readonly literals: readonly bigint[];
    }
  | { readonly ok: false; readonly reason: string };

type Operator = "+" | "-" | "*" | "/";
const OPERATORS: Readonly<Record<string, Operator>> = {
  "+": "+",
  "-": "-",
  "−": "-",
  "*": "*",
  "×": "*",
  "/": "/",
  "÷": "/",
};

/** Reads and evaluates. Time and memory are bounded by the limits above; never throws. */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_CHARACTERS) return { ok: false, reason: `longer than ${MAX_CHARACTERS} characters` };
  const tokens = tokenize(text);
  if (tokens === null) return { ok: false, reason: "holds something else than digits, + - * / and parentheses" };

  const literals: bigint[] = [];
  let at = 0;

  /** Undefined = does not parse, null = divides by 0. */
  const chain = (operators: readonly Operator[], operand: () => Fraction | null | undefined) => {
    let left = operand();
    while (left !== undefined) {
      const operator = OPERATORS[tokens[at] ?? ""];
      if (operator === undefined || !operators.includes(operator)) break;
      at++;
      const right = operand();
      if (right === undefined) return undefined;
      left = left === null || right === null ? null : combineFractions(left, operator, right);
    }
    return left;
  };
  const sum = (depth: number) => chain(["+", "-"], () => chain(["*", "/"], () => atom(depth)));
  const atom = (depth: number): Fraction | null | undefined => {
    const token = tokens[at++];
    if (token === "(") {
      if (depth === MAX_DEPTH) return undefined;
      const inside = sum(depth + 1);
      return tokens[at++] === ")" ? inside : undefined;
    }
    if (token === undefined || !isDigit(token[0])) return undefined;
    literals.push(BigInt(token));
    return toFraction(BigInt(token));
  };

  const value = sum(0);
  if (value === undefined || at < tokens.length) return { ok: false, reason: "is not a well-formed expression" };
  return { ok: true, value, literals };
}

/** Digit runs and single signs; null where another character occurs. Spaces separate. */
function tokenize(text: string): string[] | null {
  const tokens: string[] = [];
  for (let i = 0; i < text.length; ) {
    const start = i;
    while (isDigit(text[i])) i++;
    if (i > start) {
      tokens.push(text.slice(start, i));
      continue;
    }
    const sign = text[i++] as string;
    if (sign === "(" || sign === ")" || Object.hasOwn(OPERATORS, sign)) tokens.push(sign);
    else if (sign !== " ") return null;
  }
  return tokens;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}
