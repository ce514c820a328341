/** Exact rational numbers on BigInt: no rounding, so equality means equality. */

/** In lowest terms, with a positive denominator. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** numerator / denominator, reduced. Null when the denominator is 0. */
export function toFraction(numerator: bigint, denominator = 1n): Fraction | null {
  if (denominator === 0n) return null;
  const divisor = greatestCommonDivisor(numerator, denominator);
  const sign = denominator < 0n ? -1n : 1n;
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

/** `a op b`; null for a division by 0. */
export function combineFractions(a: Fraction, op: "+" | "-" | "*" | "/", b: Fraction): Fraction | null {
  switch (op) {
    case "+":
      return toFraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
    case "-":
      return toFraction(a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator);
    case "*":
      return toFraction(a.numerator * b.numerator, a.denominator * b.denominator);
    case "/":
      return toFraction(a.numerator * b.denominator, a.denominator * b.numerator);
    default:
      return op satisfies never;
  }
}

/** Lowest terms are unique, so the parts decide. */
export function equalFractions(a: Fraction, b: Fraction): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}

/** `7/2`, or `3` for a whole number. */
export function fractionText({ numerator, denominator }: Fraction): string {
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
}

/** Positive; at least one argument is not 0. */
function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
