/**
 * Equality in a finite field: both sides are evaluated mod 2^61−1 and 2^89−1, with symbols at hashed points.
 *
 * Rational functions that differ agree at a random point with probability ≤ degree/p (Schwartz–Zippel), so agreement at
 * two points of two fields is an identity for all purposes, and one disagreement is a proof of difference. Towers such as
 * 7^(7^77) are reduced by Euler: a^e ≡ a^((e mod φ(m)) + φ(m)) mod m for every a, where e ≥ log2 m.
 *
 * What a field cannot evaluate (√2, π, sin x) stands as an atom: a symbol named by its normal form. Agreement is then
 * still a proof; disagreement is none, because atoms can depend on each other.
 */
import { isClosed, type Node } from "./ast.ts";
import { canonical } from "./canonical.ts";
import { bitLength, type Fuel } from "./fuel.ts";
import { basedValue, exactValue } from "./rational.ts";

export const PRIMES = [2n ** 61n - 1n, 2n ** 89n - 1n] as const;
const POINTS = 2;

export type ModularAnswer = "equal" | "different" | "unknown";

/** Compares two scalars; "different" only where no atom is involved. */
export function modularCompare(a: Node, b: Node, fuel: Fuel): ModularAnswer {
  let atoms = false;
  for (const prime of PRIMES) {
    for (let point = 0; point < POINTS; point++) {
      const field = new Field(prime, point, fuel);
      const left = field.value(a);
      const right = left === null ? null : field.value(b);
      if (left === null || right === null) return "unknown";
      atoms ||= field.atoms;
      if (left !== right) return atoms ? "unknown" : "different";
      if (!field.symbols) break; // a constant has one value
    }
  }
  return "equal";
}

/** Is a·x = b·y for one constant: are two expressions proportional? Null where a field cannot tell. */
export function modularProportional(a: Node, b: Node, fuel: Fuel): ModularAnswer {
  let atoms = false;
  for (const prime of PRIMES) {
    const values: [bigint, bigint][] = [];
    for (let point = 0; point < 3; point++) {
      const field = new Field(prime, point, fuel);
      const left = field.value(a);
      const right = left === null ? null : field.value(b);
      if (left === null || right === null || left === 0n || right === 0n) return "unknown";
      atoms ||= field.atoms;
      values.push([left, right]);
    }
    const [first, ...others] = values as [[bigint, bigint], ...[bigint, bigint][]];
    for (const [left, right] of others) {
      if ((first[0] * right - left * first[1]) % prime !== 0n) return atoms ? "unknown" : "different";
    }
  }
  return "equal";
}

class Field {
  readonly p: bigint;
  readonly point: number;
  readonly fuel: Fuel;
  atoms = false;
  symbols = false;

  constructor(p: bigint, point: number, fuel: Fuel) {
    this.p = p;
    this.point = point;
    this.fuel = fuel;
  }

  /** Null where something is divided by zero mod p or is beyond reach. */
  value(node: Node): bigint | null {
    this.fuel.spend(4);
    switch (node.k) {
      case "num":
        return node.d === 1n ? this.mod(node.n) : this.quotient(this.mod(node.n), this.mod(node.d));
      case "sym":
        this.symbols = true;
        return this.hashed(node.name);
      case "neg": {
        const a = this.value(node.a);
        return a === null ? null : this.mod(-a);
      }
      case "based": {
        const value = basedValue(node.digits, node.base);
        return value === null ? null : this.mod(value);
      }
      case "percent":
        return this.quotient(this.value(node.a), 100n);
      case "add":
      case "mul": {
        let total: bigint | null = null;
        for (const arg of node.args) {
          const value = this.value(arg);
          if (value === null) return null;
          total = total === null ? value : this.mod(node.k === "add" ? total + value : total * value);
        }
        return total;
      }
      case "div": {
        const a = this.value(node.a);
        return a === null ? null : this.quotient(a, this.value(node.b));
      }
      case "pow":
        return this.power(node);
      case "fn":
        return this.call(node);
      default:
        return this.atom(node);
    }
  }

  power(node: { readonly a: Node; readonly b: Node } & Node): bigint | null {
    const negative = node.b.k === "neg";
    const exponentNode = node.b.k === "neg" ? node.b.a : node.b;
    if (!isClosed(exponentNode)) return this.atom(node);
    const exact = exactValue(exponentNode, this.fuel);
    if (exact !== null && exact.d !== 1n && exact.n % exact.d !== 0n) return this.atom(node);
    if (exact === null && !isTower(exponentNode)) return this.atom(node);
    const a = this.value(node.a);
    if (a === null) return null;
    const whole = exact === null ? null : exact.n / exact.d;
    const flip = whole !== null && whole < 0n ? !negative : negative;
    if (a === 0n) return flip || whole === 0n ? null : 0n;
    const exponent = whole === null ? towerMod(exponentNode, this.p - 1n, this.fuel) : this.abs(whole) % (this.p - 1n);
    if (exponent === null) return null;
    const raised = powMod(a, exponent, this.p, this.fuel);
    return flip ? this.quotient(1n, raised) : raised;
  }

  call(node: Node & { k: "fn" }): bigint | null {
    const exact = isClosed(node) ? exactValue(node, this.fuel) : null;
    if (exact !== null) return this.quotient(this.mod(exact.n), this.mod(exact.d));
    if (node.name === "binom" && node.args[1]!.k === "num") {
      // C(x, k) is a polynomial in x for a literal k
      const x = this.value(node.args[0]!);
      const { n: k, d } = node.args[1]!;
      if (x === null || d !== 1n || k < 0n || k > 60n) return this.atom(node);
      let [top, bottom] = [1n, 1n];
      for (let i = 0n; i < k; i++) {
        top = this.mod(top * (x - i));
        bottom = this.mod(bottom * (i + 1n));
      }
      return this.quotient(top, bottom);
    }
    if (node.name === "factorial") {
      const argument = exactValue(node.args[0]!, this.fuel);
      if (argument !== null && argument.d === 1n && argument.n > 0n && argument.n < 200_000n) {
        this.fuel.spend(Number(argument.n) * 3);
        let product = 1n;
        for (let i = 2n; i <= argument.n; i++) product = (product * i) % this.p;
        return product;
      }
    }
    return this.atom(node);
  }

  atom(node: Node): bigint {
    this.atoms = true;
    return this.hashed(canonical(node, this.fuel));
  }

  /** A field element for a name: FNV-1a over its characters, then two rounds of multiplication to spread it. */
  hashed(name: string): bigint {
    this.fuel.spend(4 + (name.length >> 2));
    let low = 0x811c9dc5 ^ this.point;
    let high = 0x01234567 + this.point * 0x9e3779b;
    for (let at = 0; at < name.length; at++) {
      low = Math.imul(low ^ name.charCodeAt(at), 0x01000193) >>> 0;
      high = Math.imul(high ^ name.charCodeAt(at), 0x85ebca6b) >>> 0;
    }
    const seed = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    const once = this.mod(seed * 0x9e3779b97f4a7c15f39cc0605cedc835n + 0x1405n);
    const value = this.mod(once * once * 0xd1342543de82ef95n + once);
    return value < 3n ? value + 3n : value;
  }

  mod(x: bigint): bigint {
    const rest = x % this.p;
    return rest < 0n ? rest + this.p : rest;
  }

  quotient(a: bigint | null, b: bigint | null): bigint | null {
    if (a === null || b === null || b === 0n) return null;
    return this.mod(a * powMod(b, this.p - 2n, this.p, this.fuel));
  }

  abs(x: bigint): bigint {
    return x < 0n ? -x : x;
  }
}

function powMod(base: bigint, exponent: bigint, m: bigint, fuel: Fuel): bigint {
  fuel.spend(6 + (bitLength(exponent) >> 1));
  let result = 1n % m;
  let square = base % m;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % m;
    square = (square * square) % m;
  }
  return result;
}

/** Positive integers built from literals by +, ×, ^ and !: their size only grows, so Euler's reduction is safe. */
function isTower(node: Node): boolean {
  switch (node.k) {
    case "num":
      return node.d === 1n && node.n > 0n;
    case "add":
    case "mul":
      return node.args.every(isTower);
    case "pow":
      return isTower(node.a) && isTower(node.b);
    case "fn":
      return node.name === "factorial" && isTower(node.args[0]!);
    default:
      return false;
  }
}

const CAP = 1n << 12n; // far above log2 of every modulus here

/** min(value, CAP), so that a caller knows whether a tower is large. */
function capped(node: Node, fuel: Fuel): bigint {
  fuel.spend(2);
  const cap = (x: bigint) => (x > CAP ? CAP : x);
  switch (node.k) {
    case "num":
      return cap(node.n);
    case "add":
      return cap(node.args.reduce((total, arg) => total + capped(arg, fuel), 0n));
    case "mul":
      return cap(node.args.reduce((total, arg) => cap(total * capped(arg, fuel)), 1n));
    case "pow": {
      const [a, b] = [capped(node.a, fuel), capped(node.b, fuel)];
      if (a === 1n) return 1n;
      return b >= 12n ? CAP : cap(a ** b);
    }
    case "fn": {
      const n = capped(node.args[0]!, fuel);
      let product = 1n;
      for (let i = 2n; i <= n && product < CAP; i++) product *= i;
      return cap(product);
    }
    default:
      return CAP;
  }
}

/** A tower mod m, congruent and, where it is large, at least φ(m): fit for use as an exponent. */
function towerMod(node: Node, m: bigint, fuel: Fuel): bigint | null {
  fuel.spend(4);
  if (m === 1n) return 0n;
  switch (node.k) {
    case "num":
      return node.n % m;
    case "add":
    case "mul": {
      let total = node.k === "add" ? 0n : 1n;
      for (const arg of node.args) {
        const value = towerMod(arg, m, fuel);
        if (value === null) return null;
        total = (node.k === "add" ? total + value : total * value) % m;
      }
      return total;
    }
    case "pow": {
      const base = towerMod(node.a, m, fuel);
      if (base === null) return null;
      const size = capped(node.b, fuel);
      if (size < CAP) return powMod(base, size, m, fuel);
      const phi = totient(m, fuel);
      if (phi === null) return null;
      const exponent = towerMod(node.b, phi, fuel);
      return exponent === null ? null : powMod(base, exponent + phi, m, fuel);
    }
    case "fn": {
      const n = capped(node.args[0]!, fuel);
      if (n >= CAP) return factorialVanishes(m, fuel) ? 0n : null;
      let product = 1n;
      fuel.spend(Number(n));
      for (let i = 2n; i <= n; i++) product = (product * i) % m;
      return product;
    }
    default:
      return null;
  }
}

/** Does m divide 4096!? Its prime powers are all small then. */
function factorialVanishes(m: bigint, fuel: Fuel): boolean {
  const factors = factorize(m, fuel);
  return factors?.every(([p, k]) => p * BigInt(k) <= CAP) ?? false;
}

/** Euler's φ; null where a factor is out of reach of trial division. */
function totient(m: bigint, fuel: Fuel): bigint | null {
  const factors = factorize(m, fuel);
  return factors?.reduce((phi, [p, k]) => phi * (p - 1n) * p ** BigInt(k - 1), 1n) ?? null;
}

/** Every prime in the chains m → φ(m) → … → 1 that start at 2^61−2 and 2^89−2. */
const CHAIN_PRIMES = [
  ...[2n, 3n, 5n, 7n, 11n, 13n, 17n, 23n, 29n, 31n, 41n, 61n, 89n, 151n, 239n, 331n, 353n, 397n, 683n, 1321n, 1451n],
  ...[1913n, 2113n, 8707n, 2931542417n],
];

/** Prime powers of a modulus of those chains; null for any other number. */
function factorize(m: bigint, fuel: Fuel): readonly (readonly [bigint, number])[] | null {
  fuel.spend(30);
  const factors: [bigint, number][] = [];
  let rest = m;
  for (const p of CHAIN_PRIMES) {
    let k = 0;
    for (; rest % p === 0n; k++) rest /= p;
    if (k > 0) factors.push([p, k]);
  }
  return rest === 1n ? factors : null;
}
