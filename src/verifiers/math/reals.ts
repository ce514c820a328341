/** One set of operations on real numbers, done twice: in doubles (fast, to refuse) and in 77 digits (to accept). */
import * as big from "./bigfloat.ts";
import { bitLength, type Fuel } from "./fuel.ts";

/** Operations return null where the result is undefined, out of range or too imprecise to say. */
export interface Reals<R> {
  readonly zero: R;
  readonly one: R;
  readonly pi: R;
  fraction(n: bigint, d: bigint): R | null;
  add(a: R, b: R): R | null;
  subtract(a: R, b: R): R | null;
  multiply(a: R, b: R): R | null;
  divide(a: R, b: R): R | null;
  negate(a: R): R;
  sqrt(a: R): R | null;
  exp(a: R): R | null;
  /** Of a positive number. */
  ln(a: R): R | null;
  sineCosine(a: R): readonly [R, R] | null;
  arctan(a: R): R | null;
  floor(a: R): R | null;
  /** −1, 0, 1; 0 where it cannot be told from zero. */
  sign(a: R): number;
  /** The integer that it is; null where it is none. */
  whole(a: R): bigint | null;
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

export function doubles(fuel: Fuel): Reals<number> {
  const spend = (x: number): number | null => {
    fuel.spend(1);
    return finite(x);
  };
  return {
    zero: 0,
    one: 1,
    pi: Math.PI,
    fraction: (n, d) => ratioOf(n, d),
    add: (a, b) => spend(a + b),
    subtract: (a, b) => spend(a - b),
    multiply: (a, b) => spend(a * b),
    divide: (a, b) => (b === 0 ? null : spend(a / b)),
    negate: (a) => -a,
    sqrt: (a) => (a < 0 ? null : Math.sqrt(a)),
    exp: (a) => spend(Math.exp(a)),
    ln: (a) => (a > 0 ? Math.log(a) : null),
    sineCosine: (a) => (Math.abs(a) > 1e15 ? null : [Math.sin(a), Math.cos(a)]),
    arctan: (a) => Math.atan(a),
    floor: (a) => Math.floor(a + 1e-9 * Math.max(1, Math.abs(a)) * 1e-3),
    sign: (a) => Math.sign(a),
    whole: (a) => (Math.abs(a - Math.round(a)) < 1e-9 && Math.abs(a) < 1e15 ? BigInt(Math.round(a)) : null),
  };
}

/** n/d as a double, also where n and d are beyond its range. */
function ratioOf(n: bigint, d: bigint): number | null {
  if (d === 0n) return null;
  const excess = Math.max(0, bitLength(n) - 1000, bitLength(d) - 1000);
  return finite(Number(n >> BigInt(excess)) / Number(d >> BigInt(excess)));
}

export function precise(fuel: Fuel): Reals<big.Real> {
  const spend = <T>(x: T): T => {
    fuel.spend(10);
    return x;
  };
  return {
    zero: big.ZERO,
    one: big.ONE,
    pi: big.pi(),
    fraction: (n, d) => big.fromRational(n, d),
    add: (a, b) => spend(big.add(a, b)),
    subtract: (a, b) => spend(big.subtract(a, b)),
    multiply: (a, b) => spend(big.multiply(a, b)),
    divide: (a, b) => spend(big.divide(a, b)),
    negate: big.negate,
    sqrt: (a) => (big.isZero(a) || a.m >= 0n ? big.squareRoot(a, fuel) : null),
    exp: (a) => spend(big.exponential(a, fuel)),
    ln: (a) => spend(big.logarithm(a, fuel)),
    sineCosine: (a) => spend(big.sineCosine(a, fuel)),
    arctan: (a) => spend(big.arctangent(a, fuel)),
    floor: floorReal,
    sign: big.signOf,
    whole: wholeReal,
  };
}

function nearest(a: big.Real): bigint | null {
  if (big.magnitude(a) > 4096) return null;
  if (a.e >= 0) return a.m << BigInt(a.e);
  const half = 1n << BigInt(-a.e - 1);
  return (a.m + half) >> BigInt(-a.e);
}

function wholeReal(a: big.Real): bigint | null {
  const value = nearest(a);
  if (value === null) return null;
  const rest = big.subtract(a, { m: value, e: 0, error: Number.NEGATIVE_INFINITY });
  return rest !== null && big.isZero(rest) && rest.error < -60 ? value : null;
}

function floorReal(a: big.Real): big.Real | null {
  const whole = wholeReal(a);
  const value = whole ?? (big.magnitude(a) > 4096 ? null : a.e >= 0 ? a.m << BigInt(a.e) : a.m >> BigInt(-a.e));
  return value === null ? null : { m: value, e: 0, error: Number.NEGATIVE_INFINITY };
}
