/**
 * Equality by evaluation: at 6 points in doubles, then at 2 of them (a constant: its one value) with 77 digits.
 *
 * Doubles only ever refuse. What they cannot tell apart must agree within the error bound of the long arithmetic, and
 * that bound must lie 45 digits below the value: a coincidence of 45 digits is no accident, and near-integers such as
 * e^(π√163) are told from integers. Points are rational, seeded by the symbol's name, half of them with negative values.
 */
import { isClosed, type Node, some } from "./ast.ts";
import * as big from "./bigfloat.ts";
import { type Complex, Evaluator, type Point } from "./complex.ts";
import type { Fuel } from "./fuel.ts";
import type { Rational } from "./rational.ts";
import { doubles, precise } from "./reals.ts";

const POINTS = 6;
const PRECISE_POINTS = 2;
const MAX_ATTEMPTS = 20; // poles and undefined values are sampled anew
const MIN_POINTS = 3;
const CERTAIN_BITS = 150; // 45 digits
export const DIGITS = 45;

export type NumericAnswer =
  | { readonly verdict: "equal"; readonly points: number }
  | { readonly verdict: "different" | "unknown" };

/** Compares two scalars with either convention for odd roots of negative numbers. */
export function numericCompare(a: Node, b: Node, fuel: Fuel): NumericAnswer {
  const first = compareWith(a, b, true, fuel);
  if (first.verdict === "equal" || !(some(a, isRoot) || some(b, isRoot))) return first;
  const second = compareWith(a, b, false, fuel);
  return second.verdict === "equal" ? second : first;
}

function isRoot(node: Node): boolean {
  return (node.k === "fn" && node.name === "root") || (node.k === "pow" && node.b.k !== "num");
}

function compareWith(a: Node, b: Node, realRoots: boolean, fuel: Fuel): NumericAnswer {
  const closed = isClosed(a) && isClosed(b);
  const whole = !closed && (needsWholePoints(a) || needsWholePoints(b));
  const fast = doubles(fuel);
  const wanted = closed ? 1 : POINTS;
  const good: number[] = [];
  for (let attempt = 0; attempt < (closed ? 1 : MAX_ATTEMPTS) && good.length < wanted; attempt++) {
    const evaluator = new Evaluator(fast, pointOf(attempt, whole), realRoots, fuel);
    const left = evaluator.value(a);
    const right = left === null ? null : evaluator.value(b);
    if (left === null || right === null) {
      if (closed) good.push(attempt); // out of a double's range, perhaps: the long arithmetic decides
      continue;
    }
    const gap = Math.hypot(left.re - right.re, left.im - right.im);
    const size = Math.max(Math.hypot(left.re, left.im), Math.hypot(right.re, right.im));
    if (gap > 1e-3 * size && size > 1e-6) return { verdict: "different" };
    good.push(attempt);
  }
  if (good.length < (closed ? 1 : MIN_POINTS)) return { verdict: "unknown" };

  const slow = precise(fuel);
  // A point where doubles saw a difference too small to trust is the first to be looked at closely.
  const close = closed ? good : [...new Set([good[0]!, good.at(-1)!, ...good])].slice(0, Math.max(PRECISE_POINTS, 2));
  for (const attempt of close) {
    const evaluator = new Evaluator(slow, pointOf(attempt, whole), realRoots, fuel);
    const left = evaluator.value(a);
    const right = left === null ? null : evaluator.value(b);
    if (left === null || right === null) return { verdict: "unknown" };
    const verdict = preciseCompare(left, right);
    if (verdict !== "equal") return { verdict };
  }
  return { verdict: "equal", points: good.length };
}

function preciseCompare(a: Complex<big.Real>, b: Complex<big.Real>): "equal" | "different" | "unknown" {
  const size = Math.max(
    ...[a.re, a.im, b.re, b.im].map((x) => (big.isZero(x) ? Number.NEGATIVE_INFINITY : big.magnitude(x))),
  );
  const bar = (size === Number.NEGATIVE_INFINITY ? 0 : size) - CERTAIN_BITS;
  for (const [x, y] of [
    [a.re, b.re],
    [a.im, b.im],
  ] as const) {
    const gap = big.subtract(x, y);
    if (gap === null) return "unknown";
    if (!big.isZero(gap)) return "different";
    if (gap.error > bar) return "unknown";
  }
  return "equal";
}

/** Factorials and binomials of a symbol are compared at whole numbers. */
function needsWholePoints(node: Node): boolean {
  return some(
    node,
    (inner) => inner.k === "fn" && (inner.name === "factorial" || inner.name === "binom") && !isClosed(inner),
  );
}

/** A rational in ±(0.2, 3.2) for each name, all positive at even attempts; whole numbers 2…13 on demand. */
function pointOf(attempt: number, whole: boolean): Point {
  const known = new Map<string, Rational>();
  return (name) => {
    const old = known.get(name);
    if (old !== undefined) return old;
    let hash = (0x811c9dc5 ^ Math.imul(attempt + 1, 0x9e3779b1)) >>> 0;
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
    hash = (hash ^ (hash >>> 13)) >>> 0;
    const size = 819n + BigInt(hash % 12_289); // / 4096
    const negative = attempt % 2 === 1 && hash & 0x10000;
    const value = whole ? { n: BigInt(2 + (hash % 12)), d: 1n } : { n: negative ? -size : size, d: 4096n };
    known.set(name, value);
    return value;
  };
}

/** A closed real value with its error bound; null where it has none. */
export function realValue(node: Node, fuel: Fuel): big.Real | null {
  const evaluator = new Evaluator(precise(fuel), pointOf(0, false), true, fuel);
  const value = isClosed(node) ? evaluator.value(node) : null;
  return value !== null && big.isZero(value.im) ? value.re : null;
}

/** Values of two expressions at a few common points, in doubles; undefined points are left out. */
export function sampleDoubles(a: Node, b: Node, count: number, fuel: Fuel): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  const fast = doubles(fuel);
  for (let attempt = 0; attempt < MAX_ATTEMPTS && pairs.length < count; attempt++) {
    const evaluator = new Evaluator(fast, pointOf(attempt, false), true, fuel);
    const left = evaluator.value(a);
    const right = left === null ? null : evaluator.value(b);
    if (left !== null && right !== null && left.im === 0 && right.im === 0) pairs.push([left.re, right.re]);
  }
  return pairs;
}
