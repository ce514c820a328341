/**
 * Rational functions in normal form: numerator and denominator in Q[atoms], at most 500 terms.
 *
 * Equal forms are a certificate of identity; here atoms may obey a relation, so more is proved than in a finite field:
 * √n · √n = n for whole n, and i · i = −1. What is no rational function (π, sin x, 2^x) is an atom named by its normal
 * form. A difference that is a rational number other than 0 is a proof of inequality, whatever the atoms mean.
 */
import type { Node } from "./ast.ts";
import { canonical } from "./canonical.ts";
import { bitLength, type Fuel, productCost } from "./fuel.ts";
import { addRationals, exactRoot, exactValue, gcd, multiplyRationals, type Rational, rational } from "./rational.ts";

export const MAX_TERMS = 500;
const MAX_EXPONENT = 64;
const MAX_COEFFICIENT_BITS = 4_096;

/** Monomial ("3^2 5^1": atom 3 squared times atom 5) → coefficient, never 0. */
type Polynomial = ReadonlyMap<string, Rational>;

interface Quotient {
  readonly top: Polynomial;
  readonly bottom: Polynomial;
}

export type Identity =
  | { readonly verdict: "equal"; readonly terms: number }
  | { readonly verdict: "different" | "unknown" };

/** Compares by cross-multiplication of the two normal forms. */
export function compareForms(a: Node, b: Node, fuel: Fuel): Identity {
  const ring = new Ring(fuel);
  const left = ring.quotient(a);
  const right = left === null ? null : ring.quotient(b);
  if (left === null || right === null) return { verdict: "unknown" };
  const one = ring.multiply(left.top, right.bottom);
  const other = ring.multiply(right.top, left.bottom);
  const difference = one === null || other === null ? null : ring.add(one, other, -1n);
  if (difference === null) return { verdict: "unknown" };
  if (difference.size === 0) return { verdict: "equal", terms: one!.size };
  const constant = difference.size === 1 && difference.has("") && isConstant(left.bottom) && isConstant(right.bottom);
  return { verdict: constant || ring.free ? "different" : "unknown" };
}

function isConstant(p: Polynomial): boolean {
  return p.size === 1 && p.has("");
}

class Ring {
  readonly fuel: Fuel;
  readonly indices = new Map<string, number>();
  /** index → n for an atom √n with n whole, −1 for i. */
  readonly squares = new Map<number, bigint>();
  /** Only symbols so far: no atom can depend on another. */
  free = true;

  constructor(fuel: Fuel) {
    this.fuel = fuel;
  }

  quotient(node: Node): Quotient | null {
    this.fuel.spend(4);
    switch (node.k) {
      case "num":
        return whole(constant({ n: node.n, d: node.d }));
      case "sym":
        return whole(this.variable(node.name));
      case "neg": {
        const a = this.quotient(node.a);
        return a === null ? null : { top: negated(a.top), bottom: a.bottom };
      }
      case "percent": {
        const a = this.quotient(node.a);
        return a === null ? null : this.times(a, whole(constant({ n: 1n, d: 100n })));
      }
      case "add":
      case "mul": {
        let total: Quotient | null = null;
        for (const arg of node.args) {
          const value = this.quotient(arg);
          if (value === null) return null;
          total = total === null ? value : node.k === "add" ? this.plus(total, value) : this.times(total, value);
          if (total === null) return null;
        }
        return total;
      }
      case "div": {
        const a = this.quotient(node.a);
        const b = a === null ? null : this.quotient(node.b);
        return a === null || b === null ? null : this.times(a, flipped(b));
      }
      case "pow":
        return this.power(node);
      case "const":
        return node.name === "inf" ? null : this.constantAtom(node);
      case "fn":
        return this.call(node);
      default:
        return this.atom(node);
    }
  }

  power(node: { readonly a: Node; readonly b: Node } & Node): Quotient | null {
    const exponent = exactValue(node.b, this.fuel);
    if (exponent === null) return this.atom(node);
    if (exponent.d === 2n && exponent.n === 1n) return this.root(node.a, node);
    const count = exponent.d === 1n ? Number(exponent.n) : Number.NaN;
    if (!(Math.abs(count) <= MAX_EXPONENT)) {
      const value = exactValue(node, this.fuel);
      return value === null || bitLength(value.n) > MAX_COEFFICIENT_BITS ? this.atom(node) : whole(constant(value));
    }
    const base = this.quotient(node.a);
    if (base === null) return null;
    if (count < 0) {
      const inverse = flipped(base);
      return inverse === null ? null : this.raise(inverse, -count);
    }
    return this.raise(base, count);
  }

  raise(base: Quotient, count: number): Quotient | null {
    let result: Quotient | null = whole(constant({ n: 1n, d: 1n }));
    for (let i = 0; i < count && result !== null; i++) result = this.times(result, base);
    return result;
  }

  call(node: Node & { k: "fn" }): Quotient | null {
    if (node.name === "sqrt") return this.root(node.args[0]!, node);
    const exact = exactValue(node, this.fuel);
    if (exact !== null && bitLength(exact.n) + bitLength(exact.d) < MAX_COEFFICIENT_BITS) return whole(constant(exact));
    return this.atom(node);
  }

  /** √(n/d) = √(nd)/d with the square factors of small primes taken out. */
  root(radicand: Node, node: Node): Quotient | null {
    const value = exactValue(radicand, this.fuel);
    if (value === null || bitLength(value.n) + bitLength(value.d) > 200) return this.atom(node);
    let under = (value.n < 0n ? -value.n : value.n) * value.d;
    if (under === 0n) return whole(new Map());
    let outside = 1n;
    const root = exactRoot(under, 2, this.fuel);
    if (root !== null) [under, outside] = [1n, root];
    for (let p = 2n; p < 100n && p * p <= under; p++) {
      this.fuel.spend(1);
      while (under % (p * p) === 0n) {
        under /= p * p;
        outside *= p;
      }
    }
    let result: Polynomial = constant(rational(outside, value.d)!);
    if (under !== 1n) {
      const surd = this.variable(`√${under}`);
      this.squares.set(this.indices.get(`√${under}`)!, under);
      this.free = false;
      result = this.multiply(result, surd)!;
    }
    if (value.n < 0n) result = this.multiply(result, this.imaginary())!;
    return whole(result);
  }

  constantAtom(node: Node & { k: "const" }): Quotient {
    if (node.name === "i") return whole(this.imaginary());
    this.free = false;
    return whole(this.variable(`\\${node.name}`));
  }

  imaginary(): Polynomial {
    this.free = false;
    const atom = this.variable("\\i");
    this.squares.set(this.indices.get("\\i")!, -1n);
    return atom;
  }

  atom(node: Node): Quotient {
    this.free = false;
    return whole(this.variable(canonical(node, this.fuel)));
  }

  variable(name: string): Polynomial {
    let index = this.indices.get(name);
    if (index === undefined) {
      index = this.indices.size;
      this.indices.set(name, index);
    }
    return new Map([[`${index}^1`, { n: 1n, d: 1n }]]);
  }

  plus(a: Quotient, b: Quotient): Quotient | null {
    if (sameConstant(a.bottom, b.bottom)) {
      const top = this.add(a.top, b.top, 1n);
      return top === null ? null : { top, bottom: a.bottom };
    }
    const left = this.multiply(a.top, b.bottom);
    const right = this.multiply(b.top, a.bottom);
    const top = left === null || right === null ? null : this.add(left, right, 1n);
    const bottom = this.multiply(a.bottom, b.bottom);
    return top === null || bottom === null ? null : { top, bottom };
  }

  times(a: Quotient, b: Quotient | null): Quotient | null {
    if (b === null) return null;
    const top = this.multiply(a.top, b.top);
    const bottom = this.multiply(a.bottom, b.bottom);
    return top === null || bottom === null || bottom.size === 0 ? null : { top, bottom };
  }

  /** a + sign · b */
  add(a: Polynomial, b: Polynomial, sign: bigint): Polynomial | null {
    const total = new Map(a);
    for (const [monomial, { n, d }] of b) if (!this.put(total, monomial, { n: sign * n, d })) return null;
    return total.size > MAX_TERMS ? null : total;
  }

  multiply(a: Polynomial, b: Polynomial): Polynomial | null {
    if (a.size * b.size > 4 * MAX_TERMS) return null;
    const total = new Map<string, Rational>();
    for (const [x, p] of a) {
      for (const [y, q] of b) {
        this.fuel.spend(12 + productCost(bitLength(p.n), bitLength(q.n)));
        const value = multiplyRationals(p, q, this.fuel);
        if (value === null) return null;
        const { monomial, factor } = this.product(x, y);
        if (!this.put(total, monomial, { n: value.n * factor, d: value.d })) return null;
      }
    }
    return total.size > MAX_TERMS ? null : total;
  }

  put(total: Map<string, Rational>, monomial: string, value: Rational): boolean {
    const old = total.get(monomial);
    const sum = old === undefined ? value : addRationals(old, value, this.fuel);
    if (sum === null || bitLength(sum.n) > MAX_COEFFICIENT_BITS || bitLength(sum.d) > MAX_COEFFICIENT_BITS)
      return false;
    if (sum.n === 0n) total.delete(monomial);
    else total.set(monomial, sum);
    return true;
  }

  /** Exponents add up; the square of a surd moves into the coefficient. */
  product(x: string, y: string): { monomial: string; factor: bigint } {
    if (x === "" || y === "") return { monomial: x + y, factor: 1n };
    const exponents = new Map<number, number>();
    for (const part of `${x} ${y}`.split(" ")) {
      const [index, exponent] = part.split("^") as [string, string];
      exponents.set(Number(index), (exponents.get(Number(index)) ?? 0) + Number(exponent));
    }
    let factor = 1n;
    for (const [index, exponent] of exponents) {
      const square = this.squares.get(index);
      if (square === undefined || exponent < 2) continue;
      factor *= square ** BigInt(exponent >> 1);
      exponents.set(index, exponent & 1);
    }
    const parts = [...exponents].filter(([, exponent]) => exponent > 0).sort(([a], [b]) => a - b);
    return { monomial: parts.map(([index, exponent]) => `${index}^${exponent}`).join(" "), factor };
  }
}

function constant(value: Rational): Polynomial {
  const divisor = bitLength(value.n) + bitLength(value.d) < 1_024 ? gcd(value.n, value.d) || 1n : 1n;
  return value.n === 0n ? new Map() : new Map([["", { n: value.n / divisor, d: value.d / divisor }]]);
}

const ONE: Polynomial = new Map([["", { n: 1n, d: 1n }]]);

function whole(top: Polynomial): Quotient {
  return { top, bottom: ONE };
}

function flipped({ top, bottom }: Quotient): Quotient | null {
  return top.size === 0 ? null : { top: bottom, bottom: top };
}

function negated(p: Polynomial): Polynomial {
  return new Map([...p].map(([monomial, { n, d }]) => [monomial, { n: -n, d }]));
}

function sameConstant(a: Polynomial, b: Polynomial): boolean {
  const [x, y] = [a.get(""), b.get("")];
  return a.size === 1 && b.size === 1 && x !== undefined && y !== undefined && x.n === y.n && x.d === y.d;
}
