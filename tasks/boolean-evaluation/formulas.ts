/** Formulas over named truth values: drawn, written, evaluated, and worked out step by step. */
import type { Rng } from "rlvr/task";

export const OPERATORS = ["and", "or", "xor", "implies"] as const;
export type Operator = (typeof OPERATORS)[number];

export type Formula =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "not"; readonly inner: Formula }
  | { readonly kind: Operator; readonly left: Formula; readonly right: Formula };

export type Values = Readonly<Record<string, boolean>>;

export interface Shape {
  readonly names: readonly string[];
  /** How many names occur, equal ones counted. */
  readonly leaves: number;
  readonly operators: readonly Operator[];
}

export function drawFormula(rng: Rng, shape: Shape): Formula {
  const { names, leaves, operators } = shape;
  if (leaves === 1) {
    const name: Formula = { kind: "name", name: rng.pick(names) };
    return rng.next() < 0.3 ? { kind: "not", inner: name } : name;
  }
  const inLeft = rng.integer(1, leaves - 1);
  const left = drawFormula(rng, { ...shape, leaves: inLeft });
  const right = drawFormula(rng, { ...shape, leaves: leaves - inLeft });
  const both: Formula = { kind: rng.pick(operators), left, right };
  return rng.next() < 0.15 ? { kind: "not", inner: both } : both;
}

export function combine(left: boolean, operator: Operator, right: boolean): boolean {
  switch (operator) {
    case "and":
      return left && right;
    case "or":
      return left || right;
    case "xor":
      return left !== right;
    case "implies":
      return !left || right;
    default:
      return operator satisfies never;
  }
}

export function evaluate(formula: Formula, values: Values): boolean {
  if (formula.kind === "name") return values[formula.name] === true;
  if (formula.kind === "not") return !evaluate(formula.inner, values);
  return combine(evaluate(formula.left, values), formula.kind, evaluate(formula.right, values));
}

/** Every operator within another one has its parentheses, so nobody needs to know which binds tighter. */
export function formulaText(formula: Formula): string {
  const part = (inner: Formula) => ("left" in inner ? `(${formulaText(inner)})` : formulaText(inner));
  if (formula.kind === "name") return formula.name;
  if (formula.kind === "not") return `not ${part(formula.inner)}`;
  return `${part(formula.left)} ${formula.kind} ${part(formula.right)}`;
}

const letter = (value: boolean) => (value ? "T" : "F");

/** One step an operator, inner ones first: `F or T=T, T and T=T`. */
export function workedSteps(formula: Formula, values: Values): string[] {
  const value = letter(evaluate(formula, values));
  if (formula.kind === "name") return [];
  if (formula.kind === "not") {
    return [...workedSteps(formula.inner, values), `not ${letter(evaluate(formula.inner, values))}=${value}`];
  }
  const { left, kind, right } = formula;
  const [a, b] = [letter(evaluate(left, values)), letter(evaluate(right, values))];
  return [...workedSteps(left, values), ...workedSteps(right, values), `${a} ${kind} ${b}=${value}`];
}
