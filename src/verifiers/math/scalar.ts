/**
 * Two scalars: the ladder from cheap to strong. Each rung either decides or passes on; none guesses.
 *
 *   normal-form string → exact rationals → finite fields → rational functions over atoms → 45 digits → rounding rules
 */
import { isClosed, type Node, some } from "./ast.ts";
import { canonical } from "./canonical.ts";
import type { Comparison, Context } from "./context.ts";
import { Fuel, OutOfFuel } from "./fuel.ts";
import { modularCompare } from "./modular.ts";
import { DIGITS, numericCompare } from "./numeric.ts";
import { compareForms, type Identity } from "./polynomial.ts";
import { equalRationals, exactValue } from "./rational.ts";
import { roundedCompare } from "./rounding.ts";

const FORM_FUEL = 15_000;
const CONFIRM_FUEL = 4_000; // equality is already shown: the form only makes the certificate better

export function compareScalars(gold: Node, answer: Node, c: Context): Comparison {
  return identical(gold, answer, c) ?? roundedCompare(gold, answer, c);
}

/** Equality without any tolerance. */
export function identical(gold: Node, answer: Node, c: Context): Comparison {
  const { fuel } = c;
  if (canonical(gold, fuel) === canonical(answer, fuel)) return { kind: "string" };
  if (hasInfinity(gold) || hasInfinity(answer)) return null; // ∞ equals itself alone

  const closed = isClosed(gold) && isClosed(answer);
  if (closed) {
    const left = exactValue(gold, fuel);
    const right = left === null ? null : exactValue(answer, fuel);
    if (left !== null && right !== null) return equalRationals(left, right, fuel) ? { kind: "exact" } : null;
  }
  const modular = modularCompare(gold, answer, fuel);
  if (modular === "different") return null;
  const form = affordableForms(gold, answer, modular === "equal" ? CONFIRM_FUEL : FORM_FUEL, fuel);
  if (form.verdict === "equal") return { kind: "normal-form", terms: form.terms };
  if (modular === "equal") return { kind: "modular", primes: ["2^61-1", "2^89-1"] };
  if (form.verdict === "different") return null;

  const numeric = numericCompare(gold, answer, fuel);
  if (numeric.verdict === "unknown") c.flags.add("undecided");
  return numeric.verdict === "equal" ? { kind: "numeric", points: numeric.points, digits: DIGITS } : null;
}

/** Expansion can be dear where evaluation is cheap, so it has a purse of its own. */
function affordableForms(gold: Node, answer: Node, budget: number, fuel: Fuel): Identity {
  const purse = new Fuel(budget);
  let form: Identity = { verdict: "unknown" };
  try {
    form = compareForms(gold, answer, purse);
  } catch (error) {
    if (!(error instanceof OutOfFuel)) throw error;
  }
  fuel.spend(budget - Math.max(0, purse.left));
  return form;
}

function hasInfinity(node: Node): boolean {
  return some(node, (inner) => inner.k === "const" && inner.name === "inf");
}
