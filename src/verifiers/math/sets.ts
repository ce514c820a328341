/**
 * Sets of real numbers: intervals, points, unions, differences, and the inequalities that describe them.
 *
 * Everything becomes a sorted list of disjoint pieces with end points that touch merged, so that [0,1]∪(1,2) is [0,2).
 * End points are compared by the scalar ladder; doubles only sort.
 */
import { integer, isScalar, type Node, some } from "./ast.ts";
import * as big from "./bigfloat.ts";
import { canonical } from "./canonical.ts";
import { structure } from "./certificate.ts";
import type { Comparison, Context } from "./context.ts";
import { isName } from "./names.ts";
import { realValue } from "./numeric.ts";
import { identical } from "./scalar.ts";
import { minus, replace, symbolsOf } from "./transform.ts";

interface End {
  readonly node: Node;
  /** For sorting; ±∞ for infinite ends. */
  readonly at: number;
  readonly open: boolean;
}

interface Piece {
  readonly low: End;
  readonly high: End;
}

const MAX_PIECES = 64;
const CLOSE = 1e-9; // ends closer than this (relative) are compared exactly

/** Compares two sets of reals; null also where one side is none that we can describe. */
export function compareSets(gold: Node, answer: Node, c: Context): Comparison {
  const g = piecesOf(gold, c);
  const a = g === null ? null : piecesOf(answer, c);
  if (g === null || a === null || g.length !== a.length) return null;
  const parts = [];
  for (const [at, piece] of g.entries()) {
    const other = a[at]!;
    for (const side of ["low", "high"] as const) {
      const [x, y] = [piece[side], other[side]];
      if (Number.isFinite(x.at) !== Number.isFinite(y.at)) return null;
      if (!Number.isFinite(x.at)) {
        if (x.at !== y.at) return null;
        continue;
      }
      const part = x.open === y.open ? c.compare(x.node, y.node, c) : null;
      if (part === null) return null;
      parts.push(part);
    }
  }
  return structure("set of reals", parts);
}

/** Could this be a set of reals? An interval, a union, a named set. */
export function isSetLike(node: Node): boolean {
  switch (node.k) {
    case "union":
    case "intersection":
    case "minus":
    case "setname":
      return true;
    case "seq":
      return (
        (node.args.length === 2 && (node.open === "(" || node.open === "[") && node.args.every(isScalar)) ||
        node.open === "\\{"
      );
    default:
      return false;
  }
}

/** Half-open, or closed with brackets: an interval and no point. */
export function isInterval(node: Node): boolean {
  return node.k === "seq" && node.args.length === 2 && (node.open === "[" || node.close === "]");
}

function piecesOf(node: Node, c: Context): readonly Piece[] | null {
  const pieces = described(node, c);
  return pieces === null ? null : merged(pieces, c);
}

function described(node: Node, c: Context): readonly Piece[] | null {
  c.fuel.spend(10);
  switch (node.k) {
    case "setname":
      if (node.name === "empty") return [];
      return node.name === "R" ? [whole()] : null;
    case "seq":
      return fromSequence(node, c);
    case "union": {
      const all = node.args.map((arg) => described(arg, c));
      return all.includes(null) ? null : (all.flat() as Piece[]);
    }
    case "intersection":
      return node.args.map((arg) => described(arg, c)).reduce((x, y) => intersection(x, y));
    case "minus":
      return difference(described(node.args[0]!, c), described(node.args[1]!, c));
    case "rel":
      if (node.ops.length === 1 && node.ops[0] === "∈") return described(node.args[1]!, c);
      return fromInequality(node, c);
    default:
      return null;
  }
}

function fromSequence(node: Node & { readonly k: "seq" }, c: Context): readonly Piece[] | null {
  if (node.open === "\\{") {
    const points = node.args.map((arg) => end(arg, false, c));
    if (points.includes(null)) return null;
    return (points as End[]).map((point) => ({ low: point, high: point }));
  }
  if (node.open === "") {
    const parts = node.args.map((arg) => (arg.k === "rel" || isSetLike(arg) ? described(arg, c) : null));
    if (parts.includes(null)) return null;
    if (node.by === "or") return parts.flat() as Piece[];
    return node.args.every((arg) => arg.k === "rel") ? parts.reduce((x, y) => intersection(x, y)) : null;
  }
  if (node.args.length !== 2 || node.open === "{" || node.open === "<") return null;
  const low = end(node.args[0]!, node.open === "(", c);
  const high = end(node.args[1]!, node.close === ")", c);
  if (low === null || high === null || low.at > high.at) return null;
  return [{ low, high }];
}

function whole(): Piece {
  return { low: infinite(-1), high: infinite(1) };
}

function infinite(sign: 1 | -1): End {
  const inf: Node = { k: "const", name: "inf" };
  return { node: sign === 1 ? inf : { k: "neg", a: inf }, at: sign * Number.POSITIVE_INFINITY, open: true };
}

/** Null where the end is no real constant. */
function end(node: Node, open: boolean, c: Context): End | null {
  if (node.k === "const" && node.name === "inf") return infinite(1);
  if (node.k === "neg" && node.a.k === "const" && node.a.name === "inf") return infinite(-1);
  if (!isScalar(node) || some(node, ({ k }) => k === "pm")) return null;
  const value = realValue(node, c.fuel);
  return value === null ? null : { node, at: big.toDouble(value), open };
}

/** Sorted, with overlapping and touching pieces joined. Empty pieces, such as (1, 1), vanish. */
function merged(pieces: readonly Piece[], c: Context): readonly Piece[] | null {
  if (pieces.length > MAX_PIECES) return null;
  const sorted = pieces
    .filter(({ low, high }) => low.at < high.at || (!low.open && !high.open))
    .sort((x, y) => x.low.at - y.low.at || Number(x.low.open) - Number(y.low.open));
  const out: Piece[] = [];
  for (const piece of sorted) {
    const last = out.at(-1);
    if (last === undefined || !meets(last.high, piece.low, c)) out.push(piece);
    else if (piece.high.at > last.high.at || (piece.high.at === last.high.at && !piece.high.open)) {
      out[out.length - 1] = { low: last.low, high: piece.high };
    }
  }
  return out;
}

/** Do a piece that ends here and one that begins there leave no gap? */
function meets(high: End, low: End, c: Context): boolean {
  if (high.at === Number.POSITIVE_INFINITY || low.at === Number.NEGATIVE_INFINITY) return true;
  const gap = low.at - high.at;
  if (Math.abs(gap) > CLOSE * Math.max(1, Math.abs(high.at))) return gap < 0;
  const same =
    canonical(high.node, c.fuel) === canonical(low.node, c.fuel) || identical(high.node, low.node, c) !== null;
  return same ? !(high.open && low.open) : gap < 0;
}

function intersection(x: readonly Piece[] | null, y: readonly Piece[] | null): readonly Piece[] | null {
  if (x === null || y === null || x.length * y.length > MAX_PIECES) return null;
  return x.flatMap((a) =>
    y.flatMap((b) => {
      const low = a.low.at > b.low.at || (a.low.at === b.low.at && a.low.open) ? a.low : b.low;
      const high = a.high.at < b.high.at || (a.high.at === b.high.at && a.high.open) ? a.high : b.high;
      return low.at > high.at ? [] : [{ low, high }];
    }),
  );
}

function difference(from: readonly Piece[] | null, what: readonly Piece[] | null): readonly Piece[] | null {
  return from === null || what === null ? null : intersection(from, complement(what));
}

function complement(pieces: readonly Piece[]): readonly Piece[] {
  const sorted = [...pieces].sort((x, y) => x.low.at - y.low.at);
  const out: Piece[] = [];
  let low = infinite(-1);
  for (const piece of sorted) {
    if (piece.low.at > low.at || (piece.low.at === low.at && piece.low.open && !low.open)) {
      out.push({ low, high: { ...piece.low, open: !piece.low.open } });
    }
    if (piece.high.at >= low.at) low = { ...piece.high, open: !piece.high.open };
  }
  if (low.at < Number.POSITIVE_INFINITY) out.push({ low, high: infinite(1) });
  return out;
}

/** A relation or chain of < ≤ > ≥ ≠ in one unknown that occurs linearly, or as |linear|. */
function fromInequality(node: Node & { readonly k: "rel" }, c: Context): readonly Piece[] | null {
  const unknown = unknownOf(node);
  if (unknown === null) return null;
  let total: readonly Piece[] | null = [whole()];
  for (const [at, op] of node.ops.entries()) {
    total = intersection(total, solve(node.args[at]!, op, node.args[at + 1]!, unknown, c));
    if (total === null) return null;
  }
  return total;
}

/** The one name that a relation is about: x, f(x), |z|'s z. */
function unknownOf(node: Node & { readonly k: "rel" }): Node | null {
  const application = node.args.find((arg) => arg.k === "app" && isName(arg));
  if (application !== undefined) return application;
  const names = [...symbolsOf(node)];
  return names.length === 1 ? { k: "sym", name: names[0]! } : null;
}

const MIRROR = { "<": ">", ">": "<", "≤": "≥", "≥": "≤", "=": "=", "≠": "≠" } as const;
type Order = keyof typeof MIRROR;

function solve(left: Node, op: string, right: Node, unknown: Node, c: Context): readonly Piece[] | null {
  if (!Object.hasOwn(MIRROR, op)) return null;
  const key = canonical(unknown, c.fuel);
  const has = (node: Node) => some(node, (inner) => inner.k === unknown.k && canonical(inner, c.fuel) === key);
  if (left.k === "fn" && left.name === "abs" && !has(right))
    return solveAbsolute(left.args[0]!, op as Order, right, unknown, c);
  if (right.k === "fn" && right.name === "abs" && !has(left)) {
    return solveAbsolute(right.args[0]!, MIRROR[op as Order], left, unknown, c);
  }
  return solveLinear(minus(left, right), op as Order, unknown, key, c);
}

/** |u| ≤ b, |u| ≥ b, … by two linear relations. */
function solveAbsolute(u: Node, op: Order, bound: Node, unknown: Node, c: Context): readonly Piece[] | null {
  const b = end(bound, false, c);
  if (b === null || b.at < 0 || op === "=" || op === "≠") return null;
  const upper = solve(u, op, bound, unknown, c);
  const lower = solve(u, MIRROR[op], { k: "neg", a: bound }, unknown, c);
  if (upper === null || lower === null) return null;
  return op === "<" || op === "≤" ? intersection(upper, lower) : [...upper, ...lower];
}

/** α·x + β op 0 with constants α ≠ 0 and β. */
function solveLinear(d: Node, op: Order, unknown: Node, key: string, c: Context): readonly Piece[] | null {
  const at = (value: number) =>
    replace(d, (node) => node.k === unknown.k && canonical(node, c.fuel) === key, integer(value));
  const beta = at(0);
  const alpha = minus(at(1), beta);
  const slope = realValue(alpha, c.fuel);
  if (slope === null || big.signOf(slope) === 0) return null;
  // Linear? Then the values at 2 and −5 follow.
  for (const x of [2, -5]) {
    const expected: Node = { k: "add", args: [beta, { k: "mul", args: [integer(x), alpha] }] };
    if (identical(expected, at(x), c) === null) return null;
  }
  const bare = d.k === "add" && d.args.length === 2 ? d : null;
  const zero: Node = plainRoot(bare, unknown) ?? { k: "neg", a: { k: "div", a: beta, b: alpha } };
  const direction = big.signOf(slope) > 0 ? op : MIRROR[op];
  if (direction === "=" || direction === "≠") {
    const point = end(zero, false, c);
    if (point === null) return null;
    const single = [{ low: point, high: point }];
    return direction === "=" ? single : complement(single);
  }
  const point = end(zero, direction === "<" || direction === ">", c);
  if (point === null) return null;
  if (direction === "<" || direction === "≤") return [{ low: infinite(-1), high: point }];
  return [{ low: point, high: infinite(1) }];
}

/** x − b has the root b as written, so that decimals keep their places. */
function plainRoot(d: (Node & { readonly k: "add" | "mul" }) | null, unknown: Node): Node | null {
  const [left, right] = d?.args ?? [];
  if (left === undefined || right?.k !== "neg") return null;
  if (left.k === unknown.k && left.k === "sym" && unknown.k === "sym" && left.name === unknown.name) return right.a;
  const isUnknown = right.a.k === "sym" && unknown.k === "sym" && right.a.name === unknown.name;
  return isUnknown ? left : null;
}
