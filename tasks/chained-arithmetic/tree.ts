/** Expressions over + - * / as trees: drawn, written with as few parentheses as possible, and worked out step by step. */
import type { Rng } from "rlvr/task";

export type Operator = "+" | "-" | "*" | "/";

export type Tree =
  | { readonly value: number }
  | { readonly operator: Operator; readonly left: Tree; readonly right: Tree; readonly value: number };

export interface Shape {
  readonly operands: number;
  /** Operands lie in 1..largest, dividends in 1..999. */
  readonly largest: number;
  readonly operators: readonly Operator[];
  /** Whether intermediate results may fall below 0. */
  readonly negative: boolean;
}

const LARGEST_RESULT = 9999; // of any step
const LARGEST_DIVIDEND = 999;

/** The operator is drawn among those that fit the two sides; null where none does. */
export function drawTree(rng: Rng, shape: Shape): Tree | null {
  if (shape.operands === 1) return { value: rng.integer(1, shape.largest) };
  if (rng.pick(shape.operators) === "/") {
    const quotient = drawQuotient(rng, shape);
    if (quotient !== null) return quotient;
  }
  const inLeft = rng.integer(1, shape.operands - 1);
  const left = drawTree(rng, { ...shape, operands: inLeft });
  const right = left && drawTree(rng, { ...shape, operands: shape.operands - inLeft });
  if (left === null || right === null) return null;
  const fitting = shape.operators.filter((operator) => fits(left.value, operator, right.value, shape));
  if (fitting.length === 0) return null;
  const operator = rng.pick(fitting);
  return { operator, left, right, value: compute(left.value, operator, right.value) };
}

/** Two sides at random hardly ever divide each other: the dividend is a multiple of what the divisor came to. */
function drawQuotient(rng: Rng, shape: Shape): Tree | null {
  const right = drawTree(rng, { ...shape, operands: shape.operands - 1 });
  if (right === null) return null;
  const left = { value: Math.abs(right.value) * rng.integer(2, 9) };
  const isSmall = left.value <= LARGEST_DIVIDEND && fits(left.value, "/", right.value, shape);
  return isSmall ? { operator: "/", left, right, value: left.value / right.value } : null;
}

/** The result is whole, not too large, and not below 0 unless it may be. Nothing is divided by 1. */
function fits(left: number, operator: Operator, right: number, { negative }: Shape): boolean {
  const value = compute(left, operator, right);
  const isWorth = operator !== "/" || Math.abs(right) > 1;
  return isWorth && Number.isInteger(value) && Math.abs(value) <= LARGEST_RESULT && (value >= 0 || negative);
}

function compute(left: number, operator: Operator, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    default:
      return operator satisfies never;
  }
}

const RANK: Readonly<Record<Operator, number>> = { "+": 1, "-": 1, "*": 2, "/": 2 };

/** `2*(3+4)-5`; operators of one rank are read from the left. */
export function expressionText(tree: Tree): string {
  if (!("operator" in tree)) return String(tree.value);
  const rank = RANK[tree.operator];
  const side = (part: Tree, isRight: boolean) => {
    const text = expressionText(part);
    if (!("operator" in part)) return text;
    const inner = RANK[part.operator];
    // a-(b+c) and a/(b*c) need theirs; a+(b-c) keeps them, as it would be another tree without
    return inner < rank || (isRight && inner === rank) ? `(${text})` : text;
  };
  return `${side(tree.left, false)}${tree.operator}${side(tree.right, true)}`;
}

/** One step an operator, inner ones first: `3+4=7, 2*7=14, 14-5=9`. */
export function workedSteps(tree: Tree): string[] {
  if (!("operator" in tree)) return [];
  const { left, operator, right, value } = tree;
  const second = right.value < 0 ? `(${right.value})` : right.value;
  return [...workedSteps(left), ...workedSteps(right), `${left.value}${operator}${second}=${value}`];
}
