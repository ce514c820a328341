/**
 * Real numbers of 256 bits (77 digits) with an error bound: the value lies within 2^error of m·2^e.
 *
 * The bound makes comparisons honest: cancellation shows as a large error, and tiny numbers keep their relative precision,
 * so that 1/2004! and 1/2006! differ while (√2+√3)² − 5 − 2√6 is zero as far as anyone can tell. Own arithmetic on BigInt,
 * because it is small, synchronous, loads nothing and spends fuel.
 */
import type { Fuel } from "./fuel.ts";
import { bitLength } from "./fuel.ts";

const BITS = 256;
const GUARD = 40;
const ONE_FIXED_BITS = BITS + GUARD; // fixed point inside series
const MAX_EXPONENT = 1 << 20;

/** m · 2^e, |true value − m·2^e| ≤ 2^error. An exact value has error −∞. */
export interface Real {
  readonly m: bigint;
  readonly e: number;
  readonly error: number;
}

export const ZERO: Real = { m: 0n, e: 0, error: Number.NEGATIVE_INFINITY };
export const ONE: Real = { m: 1n, e: 0, error: Number.NEGATIVE_INFINITY };

/** log2 |x|, −∞ for 0. */
export function magnitude({ m, e }: Real): number {
  return m === 0n ? Number.NEGATIVE_INFINITY : bitLength(m) + e;
}

/** Cannot be told from zero. */
export function isZero(x: Real): boolean {
  return x.m === 0n || magnitude(x) - 4 <= x.error;
}

/** −1, 0 or 1; 0 also where the error covers zero. */
export function signOf(x: Real): number {
  if (isZero(x)) return 0;
  return x.m < 0n ? -1 : 1;
}

/** Rounds a mantissa to BITS bits and adds the rounding to the error. Null beyond the range of exponents. */
function rounded(m: bigint, e: number, error: number): Real | null {
  if (m === 0n) return { m, e: 0, error };
  const excess = bitLength(m) - BITS;
  if (Math.abs(e + excess) > MAX_EXPONENT) return null;
  if (excess <= 0) return { m, e, error };
  return { m: m >> BigInt(excess), e: e + excess, error: Math.max(error, e + excess) + 1 };
}

export function fromRational(n: bigint, d: bigint): Real | null {
  if (d === 1n) return rounded(n, 0, Number.NEGATIVE_INFINITY);
  if (d === 0n) return null;
  const shift = Math.max(0, BITS + 8 - (bitLength(n) - bitLength(d)));
  return rounded((n << BigInt(shift)) / d, -shift, -shift);
}

export function add(a: Real, b: Real): Real | null {
  if (a.m === 0n) return { ...b, error: logSum(a.error, b.error) };
  if (b.m === 0n) return { ...a, error: logSum(a.error, b.error) };
  const [low, high] = a.e < b.e ? [a, b] : [b, a];
  const shift = high.e - low.e;
  const error = logSum(a.error, b.error);
  if (shift > 2 * BITS + 64) return { ...high, error: logSum(error, magnitude(low)) };
  return rounded((high.m << BigInt(shift)) + low.m, low.e, error);
}

export function negate({ m, e, error }: Real): Real {
  return { m: -m, e, error };
}

export function subtract(a: Real, b: Real): Real | null {
  return add(a, negate(b));
}

export function multiply(a: Real, b: Real): Real | null {
  const error = logSum(logSum(a.error + magnitude(b), b.error + magnitude(a)), a.error + b.error);
  return rounded(a.m * b.m, a.e + b.e, Number.isNaN(error) ? Number.NEGATIVE_INFINITY : error);
}

/** Null where the divisor cannot be told from zero. */
export function divide(a: Real, b: Real): Real | null {
  if (isZero(b)) return null;
  const shift = Math.max(0, BITS + 8 - (bitLength(a.m) - bitLength(b.m)));
  const size = magnitude(b) - 4; // |b| ≥ 2^size
  const e = a.e - b.e - shift;
  const error = logSum(logSum(a.error - size, b.error + magnitude(a) - 2 * size + 1), e);
  return rounded((a.m << BigInt(shift)) / b.m, e, error);
}

/** √x for x ≥ 0; null for x < 0. What cannot be told from zero has a root within the root of its error. */
export function squareRoot(x: Real, fuel: Fuel): Real | null {
  if (x.m === 0n || isZero(x)) return { m: 0n, e: 0, error: x.error / 2 + 1 };
  if (x.m < 0n) return null;
  fuel.spend(20);
  const bits = bitLength(x.m);
  let shift = Math.max(0, 2 * (BITS + 8) - bits);
  if ((x.e - shift) % 2 !== 0) shift++;
  const e = (x.e - shift) / 2;
  const root = integerRoot(x.m << BigInt(shift));
  return rounded(root, e, logSum(x.error - (magnitude(x) - 4) / 2, e));
}

function integerRoot(x: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(x) / 2) + 1);
  for (;;) {
    const lower = (root + x / root) >> 1n;
    if (lower >= root) return root;
    root = lower;
  }
}

const FIXED_ONE = 1n << BigInt(ONE_FIXED_BITS);

/** x as a fixed-point integer; null where it is too large to be reduced. */
function toFixed(x: Real): bigint | null {
  const shift = x.e + ONE_FIXED_BITS;
  if (magnitude(x) > 64) return null;
  return shift >= 0 ? x.m << BigInt(shift) : x.m >> BigInt(-shift);
}

function fromFixed(value: bigint, error: number): Real | null {
  return rounded(value, -ONE_FIXED_BITS, logSum(error, -ONE_FIXED_BITS + 12));
}

/** ln 2 and π in fixed point: Machin's formulas, computed once. */
const LN2 = 18n * artanhInverse(26n) - 2n * artanhInverse(4801n) + 8n * artanhInverse(8749n);
const PI = 4n * (4n * arctanInverse(5n) - arctanInverse(239n));

function arctanInverse(q: bigint): bigint {
  return inverseSeries(q, -1n);
}

function artanhInverse(q: bigint): bigint {
  return inverseSeries(q, 1n);
}

/** Σ signᵏ / ((2k+1) q^(2k+1)) */
function inverseSeries(q: bigint, sign: bigint): bigint {
  let power = FIXED_ONE / q;
  let total = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    total += power / k;
    power = (sign * power) / (q * q);
  }
  return total;
}

export function pi(): Real {
  return fromFixed(PI, Number.NEGATIVE_INFINITY)!;
}

/** eˣ: x = k ln 2 + r, a Taylor series of r/2⁸, eight squarings. Null where the result leaves the range. */
export function exponential(x: Real, fuel: Fuel): Real | null {
  if (magnitude(x) > 19) return null;
  const fixed = toFixed(x);
  if (fixed === null) return null;
  fuel.spend(90);
  const k = fixed / LN2;
  const r = (fixed - k * LN2) >> 8n;
  let term = FIXED_ONE;
  let total = FIXED_ONE;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = ((term * r) >> BigInt(ONE_FIXED_BITS)) / n;
    total += term;
  }
  for (let i = 0; i < 8; i++) total = (total * total) >> BigInt(ONE_FIXED_BITS);
  const base = fromFixed(total, Number.NEGATIVE_INFINITY)!;
  const e = base.e + Number(k);
  const size = magnitude(base) + Number(k);
  // k·ln 2 carries the error of ln 2, k times
  return rounded(base.m, e, logSum(size + logSum(x.error, -BITS), size - BITS + 14));
}

/** ln x for x > 0: Newton on exp from a double. */
export function logarithm(x: Real, fuel: Fuel): Real | null {
  if (signOf(x) <= 0) return null;
  const size = magnitude(x);
  // y = m/2^size in [1/16, 1): ln x = ln y + size ln 2
  const y: Real = { m: x.m, e: x.e - size, error: Number.NEGATIVE_INFINITY };
  let guess = fromDouble(Math.log(toDouble(y)));
  for (let step = 0; step < 3; step++) {
    // g ← g + 2 (y − eᵍ)/(y + eᵍ): cubic
    const power = exponential({ ...guess, error: Number.NEGATIVE_INFINITY }, fuel);
    if (power === null) return null;
    const top = subtract(y, { ...power, error: Number.NEGATIVE_INFINITY })!;
    const bottom = add(y, { ...power, error: Number.NEGATIVE_INFINITY })!;
    const correction = top.m === 0n ? ZERO : divide({ ...top, e: top.e + 1 }, bottom);
    if (correction === null) return null;
    guess = { ...add(guess, correction)!, error: Number.NEGATIVE_INFINITY };
  }
  const shift = multiply(fromRational(BigInt(size), 1n)!, fromFixed(LN2, Number.NEGATIVE_INFINITY)!)!;
  const total = add({ ...guess, error: 18 - BITS }, shift);
  return total === null ? null : { ...total, error: logSum(total.error, x.error - size + 4) };
}

/** [sin x, cos x]: x mod π/2, two Taylor series. */
export function sineCosine(x: Real, fuel: Fuel): readonly [Real, Real] | null {
  const fixed = toFixed(x);
  if (fixed === null) return null;
  fuel.spend(90);
  const half = PI >> 1n;
  const quadrant = (fixed + (fixed < 0n ? -half : half) / 2n) / half;
  const r = fixed - quadrant * half;
  const sine = series(r, r, 2n);
  const cosine = series(FIXED_ONE, r, 1n);
  const turn = Number(((quadrant % 4n) + 4n) % 4n);
  const error = logSum(x.error, Math.max(0, magnitude(x)) - ONE_FIXED_BITS + 12);
  const real = (value: bigint) => fromFixed(value, error)!;
  if (turn === 0) return [real(sine), real(cosine)];
  if (turn === 1) return [real(cosine), real(-sine)];
  return turn === 2 ? [real(-sine), real(-cosine)] : [real(-cosine), real(sine)];
}

/** first − first·r²/(k(k+1)) + …: k = 2 for sine, 1 for cosine. */
function series(first: bigint, r: bigint, k: bigint): bigint {
  const square = (r * r) >> BigInt(ONE_FIXED_BITS);
  let term = first;
  let total = first;
  for (let n = k; term !== 0n && term !== -1n; n += 2n) {
    term = -((term * square) >> BigInt(ONE_FIXED_BITS)) / (n * (n + 1n));
    total += term;
  }
  return total;
}

/** arctan x by Newton on tangent, from a double; large x by π/2 − arctan 1/x. */
export function arctangent(x: Real, fuel: Fuel): Real | null {
  if (x.m === 0n) return { ...ZERO, error: x.error };
  if (magnitude(x) > 4) {
    const inverse = divide(ONE, x);
    const inner = inverse === null ? null : arctangent(inverse, fuel);
    if (inner === null) return null;
    const quarter = { ...pi(), e: pi().e - 1 };
    return subtract(x.m < 0n ? negate(quarter) : quarter, inner);
  }
  const exact: Real = { ...x, error: Number.NEGATIVE_INFINITY };
  // Tiny x has no double that is precise enough for its relative size: arctan x = x − x³/3 + …
  let guess = magnitude(x) < -300 ? exact : fromDouble(Math.atan(toDouble(x)));
  for (let step = 0; step < 3 && magnitude(x) >= -300; step++) {
    // tan(a − g) = (x cos g − sin g)/(cos g + x sin g) ≈ a − g, up to its cube
    const pair = sineCosine(guess, fuel);
    if (pair === null) return null;
    const [sine, cosine] = pair.map((value) => ({ ...value, error: Number.NEGATIVE_INFINITY })) as [Real, Real];
    const top = subtract(multiply(exact, cosine)!, sine)!;
    const bottom = add(cosine, multiply(exact, sine)!)!;
    const correction = top.m === 0n ? ZERO : divide(top, bottom);
    if (correction === null) return null;
    guess = { ...add(guess, correction)!, error: Number.NEGATIVE_INFINITY };
  }
  return { ...guess, error: logSum(x.error, 18 - BITS) };
}

export function toDouble({ m, e }: Real): number {
  if (m === 0n) return 0;
  const excess = Math.max(0, bitLength(m) - 64);
  return Number(m >> BigInt(excess)) * 2 ** Math.max(-1080, Math.min(1080, e + excess));
}

export function fromDouble(x: number): Real {
  if (x === 0 || !Number.isFinite(x)) return ZERO;
  const e = Math.max(-1074, Math.floor(Math.log2(Math.abs(x))) - 60);
  const scaled = e < -1000 ? x * 2 ** 500 * 2 ** (-e - 500) : x / 2 ** e;
  return { m: BigInt(Math.trunc(scaled)), e, error: Number.NEGATIVE_INFINITY };
}

/** log2(2^a + 2^b), rounded up. */
function logSum(a: number, b: number): number {
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  return low === Number.NEGATIVE_INFINITY ? high : high - low > 40 ? high + 1e-9 : high + 1;
}
