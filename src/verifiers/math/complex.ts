/**
 * Complex values of trees, over any `Reals`. Branches are the principal ones, except that with `realRoots` a negative
 * number has a real odd root (∛−8 = −2), as school books have it.
 */
import type { FunctionName, Node } from "./ast.ts";
import { canonical } from "./canonical.ts";
import type { Fuel } from "./fuel.ts";
import { basedValue, exactValue, type Rational } from "./rational.ts";
import type { Reals } from "./reals.ts";

export interface Complex<R> {
  readonly re: R;
  readonly im: R;
}

/** Value of a symbol, or of an opaque expression by its normal form. */
export type Point = (name: string) => Rational;

type Maybe<R> = Complex<R> | null;

export class Evaluator<R> {
  readonly r: Reals<R>;
  readonly fuel: Fuel;
  readonly point: Point;
  readonly realRoots: boolean;

  constructor(reals: Reals<R>, point: Point, realRoots: boolean, fuel: Fuel) {
    this.r = reals;
    this.point = point;
    this.realRoots = realRoots;
    this.fuel = fuel;
  }

  /** Null where it has no value at this point. */
  value(node: Node): Maybe<R> {
    this.fuel.spend(2);
    switch (node.k) {
      case "num":
        return this.real(this.r.fraction(node.n, node.d));
      case "const":
        return this.constant(node.name);
      case "sym":
        return this.named(node.name);
      case "neg":
        return this.negate(this.value(node.a));
      case "add":
        return this.fold(node.args, (a, b) => this.add(a, b));
      case "mul":
        return this.fold(node.args, (a, b) => this.multiply(a, b));
      case "div":
        return this.divide(this.value(node.a), this.value(node.b));
      case "pow":
        return this.power(this.value(node.a), node.b);
      case "percent":
        return this.divide(this.value(node.a), this.real(this.r.fraction(100n, 1n)));
      case "degree":
        return this.divide(
          this.multiply(this.value(node.a), this.real(this.r.pi)),
          this.real(this.r.fraction(180n, 1n)),
        );
      case "based": {
        const value = basedValue(node.digits, node.base);
        return value === null ? null : this.real(this.r.fraction(value, 1n));
      }
      case "fn":
        return this.call(node.name, node.args, node);
      default:
        return this.named(canonical(node, this.fuel));
    }
  }

  real(re: R | null): Maybe<R> {
    return re === null ? null : { re, im: this.r.zero };
  }

  named(name: string): Maybe<R> {
    const { n, d } = this.point(name);
    return this.real(this.r.fraction(n, d));
  }

  constant(name: "pi" | "e" | "i" | "inf"): Maybe<R> {
    if (name === "pi") return this.real(this.r.pi);
    if (name === "e") return this.real(this.r.exp(this.r.one));
    return name === "i" ? { re: this.r.zero, im: this.r.one } : null;
  }

  fold(args: readonly Node[], combine: (a: Complex<R>, b: Complex<R>) => Maybe<R>): Maybe<R> {
    let total: Maybe<R> = null;
    for (const arg of args) {
      const value = this.value(arg);
      if (value === null) return null;
      total = total === null ? value : combine(total, value);
      if (total === null) return null;
    }
    return total;
  }

  isReal({ im }: Complex<R>): boolean {
    return this.r.sign(im) === 0;
  }

  make(re: R | null, im: R | null): Maybe<R> {
    return re === null || im === null ? null : { re, im };
  }

  negate(a: Maybe<R>): Maybe<R> {
    return a === null ? null : { re: this.r.negate(a.re), im: this.r.negate(a.im) };
  }

  add(a: Maybe<R>, b: Maybe<R>): Maybe<R> {
    return a === null || b === null ? null : this.make(this.r.add(a.re, b.re), this.r.add(a.im, b.im));
  }

  subtract(a: Maybe<R>, b: Maybe<R>): Maybe<R> {
    return a === null || b === null ? null : this.make(this.r.subtract(a.re, b.re), this.r.subtract(a.im, b.im));
  }

  multiply(a: Maybe<R>, b: Maybe<R>): Maybe<R> {
    if (a === null || b === null) return null;
    const { r } = this;
    if (this.isExactlyReal(a) && this.isExactlyReal(b)) return this.real(r.multiply(a.re, b.re));
    const [rr, ii, ri, ir] = [
      r.multiply(a.re, b.re),
      r.multiply(a.im, b.im),
      r.multiply(a.re, b.im),
      r.multiply(a.im, b.re),
    ];
    if (rr === null || ii === null || ri === null || ir === null) return null;
    return this.make(r.subtract(rr, ii), r.add(ri, ir));
  }

  isExactlyReal(a: Complex<R>): boolean {
    return a.im === this.r.zero;
  }

  divide(a: Maybe<R>, b: Maybe<R>): Maybe<R> {
    if (a === null || b === null) return null;
    const { r } = this;
    if (this.isExactlyReal(b)) {
      const im = this.isExactlyReal(a) ? r.zero : r.divide(a.im, b.re);
      return this.make(r.divide(a.re, b.re), im);
    }
    const size = this.squaredSize(b);
    const top = this.multiply(a, { re: b.re, im: r.negate(b.im) });
    return size === null || top === null ? null : this.make(r.divide(top.re, size), r.divide(top.im, size));
  }

  squaredSize(a: Complex<R>): R | null {
    const [x, y] = [this.r.multiply(a.re, a.re), this.r.multiply(a.im, a.im)];
    return x === null || y === null ? null : this.r.add(x, y);
  }

  size(a: Complex<R>): R | null {
    if (this.isExactlyReal(a)) return this.r.sign(a.re) < 0 ? this.r.negate(a.re) : a.re;
    const square = this.squaredSize(a);
    return square === null ? null : this.r.sqrt(square);
  }

  sqrt(a: Maybe<R>): Maybe<R> {
    if (a === null) return null;
    const { r } = this;
    if (this.isReal(a)) {
      if (r.sign(a.re) >= 0) return this.real(r.sqrt(a.re));
      return this.make(r.zero, r.sqrt(r.negate(a.re)));
    }
    return this.exp(this.divide(this.ln(a), this.real(r.fraction(2n, 1n))));
  }

  exp(a: Maybe<R>): Maybe<R> {
    if (a === null) return null;
    const size = this.r.exp(a.re);
    if (this.isExactlyReal(a)) return this.real(size);
    const pair = this.r.sineCosine(a.im);
    if (size === null || pair === null) return null;
    return this.make(this.r.multiply(size, pair[1]), this.r.multiply(size, pair[0]));
  }

  ln(a: Maybe<R>): Maybe<R> {
    if (a === null) return null;
    const { r } = this;
    if (this.isReal(a)) {
      if (r.sign(a.re) > 0) return this.real(r.ln(a.re));
      return r.sign(a.re) < 0 ? this.make(r.ln(r.negate(a.re)), r.pi) : null;
    }
    const size = this.squaredSize(a);
    const twice = size === null ? null : r.ln(size);
    const two = r.fraction(2n, 1n)!;
    return this.make(twice === null ? null : r.divide(twice, two), this.angle(a));
  }

  /** The argument, in (−π, π]. */
  angle(a: Complex<R>): R | null {
    const { r } = this;
    const two = r.fraction(2n, 1n)!;
    const half = r.divide(r.pi, two)!;
    if (r.sign(a.re) === 0) return r.sign(a.im) < 0 ? r.negate(half) : half;
    const slope = r.divide(a.im, a.re);
    const inner = slope === null ? null : r.arctan(slope);
    if (inner === null || r.sign(a.re) > 0) return inner;
    return r.sign(a.im) >= 0 ? r.add(inner, r.pi) : r.subtract(inner, r.pi);
  }

  power(base: Maybe<R>, exponentNode: Node): Maybe<R> {
    if (base === null) return null;
    const { r } = this;
    const exact = exactValue(exponentNode, this.fuel);
    if (exact !== null && exact.d === 1n && exact.n >= -1_000n && exact.n <= 1_000n) {
      return this.wholePower(base, Number(exact.n));
    }
    const negative = this.isReal(base) && r.sign(base.re) < 0;
    if (exact !== null && negative && this.realRoots && exact.d % 2n === 1n) {
      const flipped = this.power({ re: r.negate(base.re), im: r.zero }, exponentNode);
      return exact.n % 2n === 0n ? flipped : this.negate(flipped);
    }
    if (exact !== null && exact.d === 2n && exact.n <= 100n && exact.n >= -100n) {
      const root = this.sqrt(base);
      return root === null ? null : this.wholePower(root, Number(exact.n));
    }
    const exponent = this.value(exponentNode);
    if (exponent === null) return null;
    if (this.isReal(base) && r.sign(base.re) === 0) return r.sign(exponent.re) > 0 ? this.real(r.zero) : null;
    return this.exp(this.multiply(exponent, this.ln(base)));
  }

  wholePower(base: Complex<R>, exponent: number): Maybe<R> {
    if (exponent === 0) return this.isReal(base) && this.r.sign(base.re) === 0 ? null : this.real(this.r.one);
    let result: Maybe<R> = this.real(this.r.one);
    let square: Maybe<R> = base;
    for (let rest = Math.abs(exponent); rest > 0; rest >>= 1) {
      if (rest & 1) result = this.multiply(result, square);
      square = rest > 1 ? this.multiply(square, square) : square;
      if (result === null || square === null) return null;
    }
    return exponent < 0 ? this.divide(this.real(this.r.one), result) : result;
  }

  call(name: FunctionName, args: readonly Node[], node: Node): Maybe<R> {
    const { r } = this;
    const a = this.value(args[0]!);
    if (a === null) return null;
    const one = this.real(r.one);
    switch (name) {
      case "sqrt":
        return this.sqrt(a);
      case "root":
        return this.root(args[0]!, this.value(args[1]!));
      case "abs":
        return this.real(this.size(a));
      case "exp":
        return this.exp(a);
      case "ln":
        return this.ln(a);
      case "log":
        return this.divide(this.ln(this.value(args[1]!)), this.ln(a));
      case "sin":
      case "cos":
        return this.sineCosine(a)?.[name === "sin" ? 0 : 1] ?? null;
      case "tan":
      case "cot":
      case "sec":
      case "csc":
        return this.trigonometric(name, a);
      case "asin":
        return this.arcsine(a);
      case "acos":
        return this.subtract(this.half(this.real(r.pi)), this.arcsine(a));
      case "asec":
        return this.subtract(this.half(this.real(r.pi)), this.arcsine(this.divide(one, a)));
      case "acsc":
        return this.arcsine(this.divide(one, a));
      case "atan":
        return this.arctan(a);
      case "acot":
        return this.subtract(this.half(this.real(r.pi)), this.arctan(a));
      case "sinh":
      case "cosh":
      case "tanh":
        return this.hyperbolic(name, a);
      case "asinh":
        return this.ln(this.add(a, this.sqrt(this.add(this.multiply(a, a), one))));
      case "acosh":
        return this.ln(this.add(a, this.sqrt(this.subtract(this.multiply(a, a), one))));
      case "atanh":
        return this.half(this.ln(this.divide(this.add(one, a), this.subtract(one, a))));
      case "floor":
        return this.isReal(a) ? this.real(r.floor(a.re)) : null;
      case "ceil": {
        const floor = this.isReal(a) ? r.floor(r.negate(a.re)) : null;
        return floor === null ? null : this.real(r.negate(floor));
      }
      case "factorial":
        return this.factorial(a);
      case "binom":
        return this.binomial(a, this.value(args[1]!));
      case "min":
      case "max":
        return this.extreme(name, args);
      case "cis":
        return this.exp(this.multiply({ re: r.zero, im: r.one }, a));
      case "re":
        return this.real(a.re);
      case "im":
        return this.real(a.im);
      case "conj":
        return { re: a.re, im: r.negate(a.im) };
      case "gcd":
      case "lcm": {
        const exact = exactValue(node, this.fuel);
        return exact === null ? this.named(canonical(node, this.fuel)) : this.real(r.fraction(exact.n, exact.d));
      }
      default:
        return name satisfies never;
    }
  }

  half(a: Maybe<R>): Maybe<R> {
    return this.divide(a, this.real(this.r.fraction(2n, 1n)));
  }

  root(degreeNode: Node, radicand: Maybe<R>): Maybe<R> {
    const degree = exactValue(degreeNode, this.fuel);
    if (degree === null || degree.n === 0n) return null;
    const exponent: Node = {
      k: "num",
      n: degree.n < 0n ? -degree.d : degree.d,
      d: degree.n < 0n ? -degree.n : degree.n,
      places: -1,
      raw: "",
    };
    return this.power(radicand, exponent);
  }

  sineCosine(a: Complex<R>): readonly [Maybe<R>, Maybe<R>] | null {
    if (this.isExactlyReal(a)) {
      const pair = this.r.sineCosine(a.re);
      return pair === null ? null : [this.real(pair[0]), this.real(pair[1])];
    }
    const i: Complex<R> = { re: this.r.zero, im: this.r.one };
    const up = this.exp(this.multiply(i, a));
    const down = up === null ? null : this.divide(this.real(this.r.one), up);
    return [this.divide(this.half(this.subtract(up, down)), i), this.half(this.add(up, down))];
  }

  trigonometric(name: "tan" | "cot" | "sec" | "csc", a: Complex<R>): Maybe<R> {
    const pair = this.sineCosine(a);
    if (pair === null) return null;
    const one = this.real(this.r.one);
    if (name === "tan") return this.divide(pair[0], pair[1]);
    if (name === "cot") return this.divide(pair[1], pair[0]);
    return this.divide(one, pair[name === "sec" ? 1 : 0]);
  }

  /** arcsin z = −i ln(iz + √(1−z²)); on [−1, 1] by arctan, so that it stays real. */
  arcsine(a: Maybe<R>): Maybe<R> {
    if (a === null) return null;
    const { r } = this;
    const rest = this.subtract(this.real(r.one), this.multiply(a, a));
    if (rest !== null && this.isReal(a) && r.sign(rest.re) >= 0) {
      if (r.sign(rest.re) === 0) {
        const half = r.divide(r.pi, r.fraction(2n, 1n)!)!;
        return this.real(r.sign(a.re) < 0 ? r.negate(half) : half);
      }
      const root = r.sqrt(rest.re);
      const slope = root === null ? null : r.divide(a.re, root);
      return this.real(slope === null ? null : r.arctan(slope));
    }
    const i: Complex<R> = { re: r.zero, im: r.one };
    return this.divide(this.ln(this.add(this.multiply(i, a), this.sqrt(rest))), i);
  }

  arctan(a: Maybe<R>): Maybe<R> {
    if (a === null) return null;
    if (this.isReal(a)) return this.real(this.r.arctan(a.re));
    const i: Complex<R> = { re: this.r.zero, im: this.r.one };
    const iz = this.multiply(i, a);
    const one = this.real(this.r.one);
    const difference = this.subtract(this.ln(this.subtract(one, iz)), this.ln(this.add(one, iz)));
    return this.half(this.multiply(i, difference));
  }

  hyperbolic(name: "sinh" | "cosh" | "tanh", a: Complex<R>): Maybe<R> {
    const up = this.exp(a);
    const down = up === null ? null : this.divide(this.real(this.r.one), up);
    const [sine, cosine] = [this.half(this.subtract(up, down)), this.half(this.add(up, down))];
    if (name === "tanh") return this.divide(sine, cosine);
    return name === "sinh" ? sine : cosine;
  }

  factorial(a: Complex<R>): Maybe<R> {
    const n = this.isReal(a) ? this.r.whole(a.re) : null;
    if (n === null || n < 0n || n > 1_000n) return null;
    this.fuel.spend(Number(n));
    let product = 1n;
    for (let i = 2n; i <= n; i++) product *= i;
    return this.real(this.r.fraction(product, 1n));
  }

  binomial(a: Complex<R>, b: Maybe<R>): Maybe<R> {
    const k = b !== null && this.isReal(b) ? this.r.whole(b.re) : null;
    if (k === null || k < 0n || k > 300n) return null;
    this.fuel.spend(Number(k) * 4);
    let result: Maybe<R> = this.real(this.r.one);
    for (let i = 0n; i < k; i++) {
      const factor = this.divide(
        this.subtract(a, this.real(this.r.fraction(i, 1n))),
        this.real(this.r.fraction(i + 1n, 1n)),
      );
      result = this.multiply(result, factor);
    }
    return result;
  }

  extreme(name: "min" | "max", args: readonly Node[]): Maybe<R> {
    let best: Maybe<R> = null;
    for (const arg of args) {
      const value = this.value(arg);
      if (value === null || !this.isReal(value)) return null;
      const difference: R | null = best === null ? null : this.r.subtract(value.re, best.re);
      if (best === null) best = value;
      else if (difference === null) return null;
      else if (this.r.sign(difference) === (name === "max" ? 1 : -1)) best = value;
    }
    return best;
  }
}
