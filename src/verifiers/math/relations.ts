/**
 * Equations, inequalities, assignments and chains.
 *
 * Equations are equal up to a constant factor, inequalities up to a positive one and a flip. But a gold that is solved
 * (x = 5, x < 3) wants a solved answer: 2x = 10 is the question. x = 5 gives its value to an answer 5 and the other way
 * around; the left side must be a name. A chain counts where all its members are equal.
 */
import { integer, isClosed, type Node, type Relation, some } from "./ast.ts";
import { toDouble } from "./bigfloat.ts";
import { structure } from "./certificate.ts";
import type { Comparison, Context } from "./context.ts";
import { assignment, spread } from "./lists.ts";
import { modularProportional } from "./modular.ts";
import { isName } from "./names.ts";
import { realValue, sampleDoubles } from "./numeric.ts";
import { identical } from "./scalar.ts";
import { compareSets, isSetLike } from "./sets.ts";
import { minus, replace } from "./transform.ts";

type Rel = Node & { readonly k: "rel" };

export function compareRelations(gold: Node, answer: Node, c: Context): Comparison {
  if (gold.k === "rel" && answer.k === "rel") return compareBoth(gold, answer, c);
  return gold.k === "rel" ? goldRelation(gold, answer, c) : answerRelation(gold, answer as Rel, c);
}

/** The gold is a relation, the answer is none. */
function goldRelation(gold: Rel, answer: Node, c: Context): Comparison {
  const value = goldValue(gold);
  if (value !== null) {
    const parts = assignment(gold);
    if (parts !== null && parts.name.k === "seq" && answer.k === "seq" && answer.args.every((arg) => arg.k === "rel")) {
      return c.compare(spread(gold), answer, c); // (p, q) = (3, 2) and q = 2, p = 3
    }
    return c.compare(value, answer, c);
  }
  if (gold.ops.length === 1 && gold.ops[0] === "∈") return c.compare(gold.args[1]!, answer, c);
  return isSetLike(answer) ? compareSets(gold, answer, c) : null;
}

/** What a gold says that its name is; the gold is trusted, so a chain gives its last member. */
function goldValue(gold: Rel): Node | null {
  if (!gold.ops.every((op) => op === "=" || op === "≈")) return null;
  const named = isName(gold.args[0]!);
  if (!named && !(gold.args.length > 2 && isClosed(gold.args[0]!))) {
    return isName(gold.args.at(-1)!) && gold.args.length === 2 ? gold.args[0]! : null;
  }
  return gold.args.at(-1)!;
}

/** The answer is a relation, the gold is none. */
function answerRelation(gold: Node, answer: Rel, c: Context): Comparison {
  const value = chainValue(answer, c);
  if (value !== null) return c.compare(gold, value, c);
  if (answer.ops.length === 1 && answer.ops[0] === "∈" && isName(answer.args[0]!)) {
    return c.compare(gold, answer.args[1]!, c);
  }
  // An inequality may be an echo of the question: only by option does it stand for an interval.
  return c.settings.relations === "both" && isSetLike(gold) ? compareSets(gold, answer, c) : null;
}

/** The one value of `x = a = b ≈ c`, or null. Names in front go; the rest must agree. */
export function chainValue(chain: Rel, c: Context): Node | null {
  if (!chain.ops.every((op) => op === "=" || op === "≈")) return null;
  const first = chain.args.findIndex((arg) => !isName(arg));
  if (first === -1) return null;
  if (first === 0 && chain.args.length === 2 && isName(chain.args[1]!)) return chain.args[0]!; // 5 = x
  const members = chain.args.slice(first);
  const ops = chain.ops.slice(first);
  const rounded = ops.indexOf("≈");
  const exact = rounded === -1 ? members : members.slice(0, rounded + 1);
  const value = exact.at(-1)!;
  if (c.lastOfChain && (first > 0 || c.settings.chains === "last")) return value;
  const agree = exact.every((member) => member === value || c.compare(value, member, c) !== null);
  const near = members.slice(exact.length).every((member) => isNear(value, member, c));
  return agree && near ? value : null;
}

/** a ≈ b within 1 %: a rounded value of the same number. */
function isNear(a: Node, b: Node, c: Context): boolean {
  const [x, y] = [realValue(a, c.fuel), realValue(b, c.fuel)];
  if (x === null || y === null) return false;
  const [p, q] = [toDouble(x), toDouble(y)];
  return Math.abs(p - q) <= 0.01 * Math.max(Math.abs(p), Math.abs(q));
}

function compareBoth(gold: Rel, answer: Rel, c: Context): Comparison {
  const [g, a] = [assignment(gold), assignment(answer)];
  if (g !== null && isClosed(g.value)) {
    const same = c.compare(g.name, answer.args[0]!, c) !== null;
    const value = chainValue(answer, c);
    if (
      value !== null &&
      (same || (isName(answer.args.at(-1)!) && c.compare(g.name, answer.args.at(-1)!, c) !== null))
    ) {
      return c.compare(g.value, value, c);
    }
    return definitions(g, a, c);
  }
  const elementwise = sameShape(gold, answer, c);
  if (elementwise !== null) return elementwise;
  if (g !== null && a !== null) {
    const renamed = definitions(g, a, c);
    if (renamed !== null) return renamed;
  }
  if (gold.ops.length > 1 || answer.ops.length > 1) return compareChains(gold, answer, c);
  return compareSingle(gold, answer, c);
}

/** Member by member, also read from right to left. */
function sameShape(gold: Rel, answer: Rel, c: Context): Comparison {
  if (gold.args.length !== answer.args.length) return null;
  const tryWith = (other: Rel): Comparison => {
    if (gold.ops.some((op, at) => op !== other.ops[at])) return null;
    const parts = [];
    for (const [at, arg] of gold.args.entries()) {
      const part = c.compare(arg, other.args[at]!, c);
      if (part === null) return null;
      parts.push(part);
    }
    return structure("relation", parts);
  };
  return tryWith(answer) ?? tryWith(mirrored(answer));
}

function mirrored(rel: Rel): Rel {
  return { k: "rel", ops: rel.ops.map((op) => FLIPPED[op] ?? op).reverse(), args: [...rel.args].reverse() };
}

const FLIPPED: Readonly<Partial<Record<Relation, Relation>>> = { "<": ">", ">": "<", "≤": "≥", "≥": "≤" };

/** f(x) = x² and f(t) = t² define the same function. */
function definitions(g: ReturnType<typeof assignment>, a: ReturnType<typeof assignment>, c: Context): Comparison {
  if (g === null || a === null || g.name.k !== "app" || a.name.k !== "app" || g.name.name !== a.name.name) return null;
  const [from, to] = [a.name.args[0], g.name.args[0]];
  if (from?.k !== "sym" || to?.k !== "sym" || a.name.args.length !== 1 || g.name.args.length !== 1) return null;
  if (from.name !== to.name && some(a.value, (node) => node.k === "sym" && node.name === to.name)) return null;
  return c.compare(
    g.value,
    replace(a.value, (node) => node.k === "sym" && node.name === from.name, to),
    c,
  );
}

function compareChains(gold: Rel, answer: Rel, c: Context): Comparison {
  const inequality = gold.ops.every((op) => FLIPPED[op] !== undefined);
  if (inequality) return compareSets(gold, answer, c);
  if (gold.ops[0] === "∈") return c.settings.relations === "both" ? compareSets(gold, answer, c) : null;
  const [g, a] = [goldValue(gold), chainValue(answer, c)];
  if (g === null || a === null) return null;
  // x = 2 + 3 = 5: by value, under the same name
  const named = isName(gold.args[0]!) && isName(answer.args[0]!);
  if (named && c.compare(gold.args[0]!, answer.args[0]!, c) === null) return null;
  return c.compare(g, a, c);
}

/** One relation sign on each side. */
function compareSingle(gold: Rel, answer: Rel, c: Context): Comparison {
  const [op, other] = [gold.ops[0]!, answer.ops[0]!];
  if (op === "∈" || other === "∈") {
    // the gold says where x lies, by a relation or by a set; a relation for a gold set only by option
    const reverse = op === "∈" && other !== "∈";
    if (op === "∈" && other === "∈") return null; // compared by shape
    return !reverse || c.settings.relations === "both" ? compareSets(gold, answer, c) : null;
  }
  if (isSolved(gold) && !isSolved(answer)) return null;
  const [d, e] = [minus(gold.args[0]!, gold.args[1]!), minus(answer.args[0]!, answer.args[1]!)];
  const factor = proportion(d, e, c);
  if (factor === null) return null;
  const flipped = factor < 0 ? (FLIPPED[other] ?? other) : other;
  return flipped === op ? structure("relation", [{ kind: "modular", primes: ["2^61-1", "2^89-1"] }]) : null;
}

/** x < 5, −x > −5: the unknown alone, up to its sign. */
function isSolved({ args }: Rel): boolean {
  const [left, right] = args as readonly [Node, Node];
  const unknown = (node: Node) => isName(node.k === "neg" ? node.a : node);
  return (unknown(left) && isClosed(right)) || (unknown(right) && isClosed(left));
}

/** The constant k ≠ 0 with d = k·e, or null. Its sign is what matters. */
function proportion(d: Node, e: Node, c: Context): number | null {
  const modular = modularProportional(d, e, c.fuel);
  if (modular === "different") return null;
  const pairs = sampleDoubles(d, e, 4, c.fuel).filter(([x, y]) => Math.abs(x) > 1e-9 && Math.abs(y) > 1e-9);
  if (pairs.length < 2) return null;
  const ratio = pairs[0]![0] / pairs[0]![1];
  if (modular === "equal") return ratio;
  if (pairs.some(([x, y]) => Math.abs(x / y - ratio) > 1e-6 * Math.abs(ratio))) return null;
  // Not rational functions: the ratio must be a small fraction, and then the identity must hold to all digits.
  for (let q = 1; q <= 12; q++) {
    const p = Math.round(ratio * q);
    if (p === 0 || Math.abs(p / q - ratio) > 1e-6) continue;
    const scaled: Node = { k: "mul", args: [{ k: "div", a: integer(p), b: integer(q) }, e] };
    return identical(d, scaled, c) === null ? null : ratio;
  }
  return null;
}
