/**
 * Decimals that stand for more digits than they show. Only a side that was written with a decimal point is rounded.
 *
 * Accepted for 7.78: 70/9 · 7.7777 · 7.78. Refused: 7.8 · 7.77 · 7.786.
 * A gold that is exact (2/3, √2, 5) accepts only exact answers, and decimals of 12 digits or more that are off by less
 * than one unit of their last digit: what a calculator prints. 1000000.0000004 is not 1000000.
 */
import type { Node } from "./ast.ts";
import * as big from "./bigfloat.ts";
import type { Comparison, Context } from "./context.ts";
import { realValue } from "./numeric.ts";
import { exactValue, multiplyRationals, type Rational, rational } from "./rational.ts";

const PRINTED_DIGITS = 12;

export function roundedCompare(gold: Node, answer: Node, c: Context): Comparison {
  const { rounding } = c.settings;
  if (rounding === "exact") return null;
  const goldUnit = decimalUnit(gold, c);
  const answerUnit = decimalUnit(answer, c);
  if (goldUnit === null && answerUnit === null && !(typeof rounding === "object" && "relative" in rounding))
    return null;
  const g = realValue(gold, c.fuel);
  const a = g === null ? null : realValue(answer, c.fuel);
  const gap = g === null || a === null ? null : big.subtract(g, a);
  if (g === null || a === null || gap === null) return null;

  if (rounding === "gold-decimals") {
    if (goldUnit?.rounds && within(gap, goldUnit.unit, 2n)) {
      return { kind: "rounded", rule: "gold-decimals" };
    }
    const printed = goldUnit === null && answerUnit !== null && answerUnit.digits >= PRINTED_DIGITS;
    if (printed && !terminates(gold, answerUnit.unit, c) && within(gap, answerUnit.unit, 1n)) {
      return { kind: "rounded", rule: "printed-decimals" };
    }
    return null;
  }
  if ("relative" in rounding) {
    const bound = Math.abs(big.toDouble(g)) * rounding.relative;
    return Math.abs(big.toDouble(gap)) <= bound ? { kind: "rounded", rule: `relative ${rounding.relative}` } : null;
  }
  return sameAtPlaces(g, a, rounding.places) ? { kind: "rounded", rule: `${rounding.places} places` } : null;
}

/** |gap| ≤ unit / parts; strictly less for whole units. */
function within(gap: big.Real, unit: Rational, parts: bigint): boolean {
  const bound = big.fromRational(unit.n, unit.d * parts);
  const size = gap.m < 0n ? big.negate(gap) : gap;
  const rest = bound === null ? null : big.subtract(size, bound);
  if (rest === null) return false;
  return parts === 1n ? big.signOf(rest) < 0 : big.signOf(rest) <= 0;
}

function sameAtPlaces(g: big.Real, a: big.Real, places: number): boolean {
  const scale = 10n ** BigInt(Math.max(0, Math.min(30, Math.trunc(places))));
  const round = (x: big.Real): bigint | null => {
    if (big.magnitude(x) > 512) return null;
    const scaled = x.m * scale * 2n;
    const doubled = x.e >= 0 ? scaled << BigInt(x.e) : scaled >> BigInt(-x.e);
    return (doubled + 1n) >> 1n;
  };
  const [x, y] = [round(g), round(a)];
  return x !== null && x === y;
}

interface Decimal {
  /** One unit of the last digit written. */
  readonly unit: Rational;
  /** Significant digits. */
  readonly digits: number;
  /** Enough digits to be taken for a rounded value: 0.5 and 2.5 are exact more often than not. */
  readonly rounds: boolean;
}

/** The precision of a decimal literal: 3.14, −3.14, 1.2·10^−3; null where no decimal point was written. */
function decimalUnit(node: Node, c: Context): Decimal | null {
  if (node.k === "neg") return decimalUnit(node.a, c);
  if (node.k === "num") {
    if (node.places < 1) return null;
    const digits = String(node.raw)
      .replace(/[eE].*$/, "")
      .replaceAll(/\D/g, "")
      .replace(/^0+/, "").length;
    return { unit: { n: 1n, d: 10n ** BigInt(node.places) }, digits, rounds: node.places >= 2 || digits >= 3 };
  }
  if (node.k === "mul" && node.args.length === 2 && node.args[1]!.k === "pow") {
    const scale = node.args[1]!;
    const inner = decimalUnit(node.args[0]!, c);
    const ten = scale.a.k === "num" && scale.a.n === 10n && scale.a.d === 1n;
    const power = inner === null || !ten ? null : exactValue(scale, c.fuel);
    const unit = power === null ? null : multiplyRationals(inner!.unit, power, c.fuel);
    return unit === null ? null : { ...inner!, unit };
  }
  return null;
}

/** Is the gold itself a decimal of no more digits than the unit shows? Then nothing needed rounding. */
function terminates(gold: Node, unit: Rational, c: Context): boolean {
  const value = exactValue(gold, c.fuel);
  if (value === null) return false;
  const quotient = multiplyRationals(value, rational(unit.d, unit.n)!, c.fuel);
  return quotient !== null && quotient.n % quotient.d === 0n;
}
