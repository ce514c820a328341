/**
 * Exact values in Q: + − × ÷, integer powers, perfect roots, factorials, binomials and their kin on BigInt.
 *
 * Null means "no exact value within the limits", not "not a number": a later rung decides. Fractions are reduced only
 * while that is cheap, so they are compared by cross-multiplication.
 */
import type { Node } from "./ast.ts";
import { bitLength, type Fuel, productCost } from "./fuel.ts";

/** numerator / denominator, denominator > 0, not always in lowest terms. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

const MAX_POWER_BITS = 64_000; // beyond, the finite-field rung decides
const MAX_FACTORIAL = 3_000;
const MAX_ROOT_BITS = 4_096;
const REDUCE_BITS = 1_024; // Euclid on BigInt is quadratic with a large constant

export function rational(n: bigint, d: bigint = 1n): Rational | null {
  if (d === 0n) return null;
  if (d === 1n) return { n, d };
  const [top, bottom] = d < 0n ? [-n, -d] : [n, d];
  if (bitLength(top) > REDUCE_BITS || bitLength(bottom) > REDUCE_BITS) return { n: top, d: bottom };
  const divisor = gcd(top, bottom);
  return { n: top / divisor, d: bottom / divisor };
}

export function equalRationals(a: Rational, b: Rational, fuel: Fuel): boolean {
  if (a.d === 1n && b.d === 1n) return a.n === b.n;
  return times(a.n, b.d, fuel) === times(b.n, a.d, fuel);
}

export function compareRationals(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** Exact value of a closed expression, or null. */
export function exactValue(node: Node, fuel: Fuel): Rational | null {
  fuel.spend(3);
  switch (node.k) {
    case "num":
      return { n: node.n, d: node.d };
    case "neg": {
      const a = exactValue(node.a, fuel);
      return a === null ? null : { n: -a.n, d: a.d };
    }
    case "percent": {
      const a = exactValue(node.a, fuel);
      return a === null ? null : rational(a.n, a.d * 100n);
    }
    case "based":
      return { n: basedValue(node.digits, node.base) ?? 0n, d: 1n };
    case "add":
      return fold(node.args, fuel, (a, b) => addRationals(a, b, fuel));
    case "mul":
      return fold(node.args, fuel, (a, b) => multiplyRationals(a, b, fuel));
    case "div": {
      const a = exactValue(node.a, fuel);
      const b = a === null ? null : exactValue(node.b, fuel);
      return a === null || b === null || b.n === 0n ? null : multiplyRationals(a, inverted(b), fuel);
    }
    case "pow": {
      const b = exactValue(node.b, fuel);
      const a = b === null ? null : exactValue(node.a, fuel);
      return a === null || b === null ? null : power(a, b, fuel);
    }
    case "fn": {
      const args: Rational[] = [];
      for (const arg of node.args) {
        const value = exactValue(arg, fuel);
        if (value === null) return null;
        args.push(value);
      }
      return callExactly(node.name, args, fuel);
    }
    default:
      return null;
  }
}

function fold(
  args: readonly Node[],
  fuel: Fuel,
  combine: (a: Rational, b: Rational) => Rational | null,
): Rational | null {
  let total: Rational | null = null;
  for (const arg of args) {
    const value = exactValue(arg, fuel);
    if (value === null) return null;
    total = total === null ? value : combine(total, value);
    if (total === null) return null;
  }
  return total;
}

export function addRationals(a: Rational, b: Rational, fuel: Fuel): Rational | null {
  if (a.d === b.d) return rational(a.n + b.n, a.d);
  return rational(times(a.n, b.d, fuel) + times(b.n, a.d, fuel), times(a.d, b.d, fuel));
}

export function multiplyRationals(a: Rational, b: Rational, fuel: Fuel): Rational | null {
  return rational(times(a.n, b.n, fuel), times(a.d, b.d, fuel));
}

function inverted({ n, d }: Rational): Rational {
  return n < 0n ? { n: -d, d: -n } : { n: d, d: n };
}

/** a^b: integer powers, and roots where they come out even. 0^0 and 0^negative have no value. */
function power(a: Rational, b: Rational, fuel: Fuel): Rational | null {
  if (b.d !== 1n) {
    if (b.d > 64n || a.n < 0n) return null; // roots of negative numbers: a question of branches
    const n = exactRoot(a.n, Number(b.d), fuel);
    const d = n === null ? null : exactRoot(a.d, Number(b.d), fuel);
    return n === null || d === null ? null : power({ n, d }, { n: b.n, d: 1n }, fuel);
  }
  if (a.n === 0n) return b.n > 0n ? a : null;
  if (a.d === 1n && (a.n === 1n || a.n === -1n)) return { n: a.n === 1n || b.n % 2n === 0n ? 1n : -1n, d: 1n };
  const exponent = b.n < 0n ? -b.n : b.n;
  const bits = Math.max(bitLength(a.n), bitLength(a.d));
  if (exponent > 100_000n || bits * Number(exponent) > MAX_POWER_BITS) return null;
  fuel.spend(2 * productCost(bits * Number(exponent), bits * Number(exponent)));
  const raised = { n: a.n ** exponent, d: a.d ** exponent };
  return b.n < 0n ? inverted(raised) : raised;
}

/** The k-th root of x ≥ 0 where it is an integer (negative x: odd k), else null. */
export function exactRoot(x: bigint, k: number, fuel: Fuel): bigint | null {
  if (x < 0n) {
    const root = k % 2 === 1 ? exactRoot(-x, k, fuel) : null;
    return root === null ? null : -root;
  }
  if (x < 2n || k === 1) return x;
  const bits = bitLength(x);
  if (k < 1 || bits > MAX_ROOT_BITS) return null;
  if (k > bits) return null;
  const K = BigInt(k);
  let root = 1n << BigInt(Math.ceil(bits / k)); // an upper bound: Newton falls monotonically
  for (;;) {
    fuel.spend(2 + 3 * productCost(bits, bits));
    const lower = ((K - 1n) * root + x / root ** (K - 1n)) / K;
    if (lower >= root) break;
    root = lower;
  }
  return root ** K === x ? root : null;
}

function callExactly(name: string, args: readonly Rational[], fuel: Fuel): Rational | null {
  const [a, b] = args as readonly [Rational, Rational];
  switch (name) {
    case "sqrt":
      return a.n < 0n ? null : power(a, { n: 1n, d: 2n }, fuel);
    case "root": {
      if (a.d !== 1n || a.n < 1n || a.n > 64n) return null;
      const n = exactRoot(b.n, Number(a.n), fuel);
      const d = n === null ? null : exactRoot(b.d, Number(a.n), fuel);
      return n === null || d === null ? null : rational(n, d);
    }
    case "abs":
      return { n: a.n < 0n ? -a.n : a.n, d: a.d };
    case "floor":
      return { n: floorDivide(a.n, a.d), d: 1n };
    case "ceil":
      return { n: -floorDivide(-a.n, a.d), d: 1n };
    case "factorial":
      return a.d === 1n && a.n >= 0n && a.n <= MAX_FACTORIAL ? { n: factorial(Number(a.n), fuel), d: 1n } : null;
    case "binom":
      return a.d === 1n && b.d === 1n ? binomial(a.n, b.n, fuel) : null;
    case "gcd":
    case "lcm":
      return wholeFold(name, args);
    case "min":
      return args.reduce((x, y) => (compareRationals(x, y) <= 0 ? x : y));
    case "max":
      return args.reduce((x, y) => (compareRationals(x, y) >= 0 ? x : y));
    case "log":
      return exactLog(a, b, fuel);
    default:
      return null;
  }
}

/** log_a b where it is an integer, by repeated multiplication. */
function exactLog(a: Rational, b: Rational, fuel: Fuel): Rational | null {
  if (a.d !== 1n || b.d !== 1n || a.n < 2n || b.n < 1n) return null;
  let value = 1n;
  for (let exponent = 0n; value <= b.n; exponent++) {
    if (value === b.n) return { n: exponent, d: 1n };
    fuel.spend(productCost(bitLength(value), 64));
    value *= a.n;
  }
  return null;
}

function wholeFold(name: "gcd" | "lcm", args: readonly Rational[]): Rational | null {
  if (args.some(({ n, d }) => d !== 1n || bitLength(n) > REDUCE_BITS)) return null;
  const values = args.map(({ n }) => (n < 0n ? -n : n));
  const total = values.reduce((a, b) => {
    const divisor = gcd(a, b);
    return name === "gcd" ? divisor : divisor === 0n ? 0n : (a / divisor) * b;
  });
  return { n: total, d: 1n };
}

function factorial(n: number, fuel: Fuel): bigint {
  fuel.spend(1 + n + Math.ceil((n * n) / 1_500));
  let product = 1n;
  for (let i = 2; i <= n; i++) product *= BigInt(i);
  return product;
}

function binomial(n: bigint, k: bigint, fuel: Fuel): Rational | null {
  if (n < 0n || k < 0n) return null;
  if (k > n) return { n: 0n, d: 1n };
  const steps = Number(k < n - k ? k : n - k);
  if (steps > MAX_FACTORIAL || bitLength(n) * steps > MAX_POWER_BITS) return null;
  let value = 1n;
  for (let i = 1; i <= steps; i++) {
    fuel.spend(1 + productCost(bitLength(n) * i, 64));
    value = (value * (n - BigInt(steps - i))) / BigInt(i);
  }
  return { n: value, d: 1n };
}

/** The number that digits write in a base, null where a digit is too large. */
export function basedValue(digits: string, base: number): bigint | null {
  let value = 0n;
  for (const digit of digits) {
    const d = Number.parseInt(digit, 36);
    if (!(d < base)) return null;
    value = value * BigInt(base) + BigInt(d);
  }
  return value;
}

function times(a: bigint, b: bigint, fuel: Fuel): bigint {
  if (a !== 1n && b !== 1n) fuel.spend(productCost(bitLength(a), bitLength(b)));
  return a * b;
}

function floorDivide(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  return n % d < 0n ? quotient - 1n : quotient;
}

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
