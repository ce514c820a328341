/**
 * Lists, sets and tuples.
 *
 * A bare list `1, 2` and weak braces `{1, 2}` are lists, unordered by default; `\{1, 2\}` is a set; `(1, 2)` a tuple.
 * A list may stand for a set, or for a tuple whose parentheses were left out (in order). Never: a tuple for a set, a set
 * for a tuple, one value for several. A value may be listed twice by the answer, but none may be missing or extra.
 */
import { bareList, type Node, type Sequence } from "./ast.ts";
import { canonical } from "./canonical.ts";
import { type Certificate, structure } from "./certificate.ts";
import type { Comparison, Context } from "./context.ts";
import { isName } from "./names.ts";

type Kind = "list" | "set" | "tuple";

function kindOf({ open }: Sequence): Kind {
  if (open === "" || open === "{") return "list";
  return open === "\\{" ? "set" : "tuple";
}

export function compareSequences(gold: Node, answer: Node, c: Context): Comparison {
  if (gold.k !== "seq" || answer.k !== "seq") return compareSingleton(gold, answer, c);
  const [g, a] = [kindOf(gold), kindOf(answer)];
  if (g === "tuple" && a === "tuple") return compareTuples(gold, answer, c);
  if (g === "tuple") return a === "list" ? ordered(valuesOf(gold), valuesOf(answer), "tuple", c) : null;

  const goldItems = named(gold.args);
  const answerItems = named(answer.args);
  const inOrder = goldItems.names.size > 1 && answerItems.names.size === 0;
  if (a === "tuple") {
    // (1, 2) may be a point or an interval, so it stands for a list only where it can be neither
    const plain = g === "list" && answer.open === "(" && answer.close === ")";
    if (!plain || (!inOrder && answer.args.length < 3)) return null;
    return ordered(goldItems.values, valuesOf(answer), "list", c);
  }
  const bothNamed = goldItems.names.size > 0 && answerItems.names.size > 0;
  if (bothNamed && goldItems.names.size === 1 && answerItems.names.size === 1) {
    // n = 1, 2, 3 and n = 3, 2, 1; other names are other unknowns
    if ([...goldItems.names][0] === [...answerItems.names][0])
      return unordered(goldItems.values, answerItems.values, g, c);
  }
  if (bothNamed) return unordered(gold.args, answer.args, g, c);
  if (inOrder || c.settings.listOrder === "ordered") return ordered(goldItems.values, answerItems.values, g, c);
  if (goldItems.names.size === 0 && answerItems.names.size > 1) {
    return ordered(goldItems.values, answerItems.values, g, c);
  }
  return unordered(goldItems.values, answerItems.values, g, c);
}

/** {5} and 5; nothing else with one value. */
function compareSingleton(gold: Node, answer: Node, c: Context): Comparison {
  const single = (node: Node): Node | null =>
    node.k === "seq" && node.open === "\\{" && node.args.length === 1 ? node.args[0]! : null;
  const [g, a] = [single(gold), single(answer)];
  if (g === null && a === null) return null;
  c.flags.add("singleton");
  return c.compare(g ?? gold, a ?? answer, c);
}

/** Brackets must agree, except that vectors of three and more are written with any. */
function compareTuples(gold: Sequence, answer: Sequence, c: Context): Comparison {
  if (gold.args.length !== answer.args.length) return null;
  const same = gold.open === answer.open && gold.close === answer.close;
  const round = (s: Sequence) => (s.open === "(" && s.close === ")") || s.open === "<";
  const square = (s: Sequence) => s.open === "[" && s.close === "]";
  const vectors = gold.args.length > 2 && (round(gold) || square(gold)) && (round(answer) || square(answer));
  if (!same && !(round(gold) && round(answer)) && !vectors) return null;
  return ordered(valuesOf(gold), valuesOf(answer), "tuple", c) ?? ordered(gold.args, answer.args, "tuple", c);
}

interface Named {
  readonly values: readonly Node[];
  readonly names: ReadonlySet<string>;
}

/** `x = 1, y = 2` → values with their names; `n = 1, 2, 3` → the values of one name; anything else as it is. */
function named(items: readonly Node[]): Named {
  const names = new Set<string>();
  const values: Node[] = [];
  for (const [at, item] of items.entries()) {
    const assigned = assignment(item);
    if (assigned === null && (at === 0 || item.k === "rel" || names.size > 1))
      return { values: items, names: new Set() };
    if (assigned !== null) names.add(JSON.stringify(assigned.name, (_, v) => (typeof v === "bigint" ? String(v) : v)));
    values.push(assigned?.value ?? item);
  }
  return { values, names };
}

/** The parts of a tuple or list without their names: p = 5, q = 2 → 5, 2. */
function valuesOf({ args }: Sequence): readonly Node[] {
  return named(args).values;
}

/** name = value, two members only. */
export function assignment(node: Node): { readonly name: Node; readonly value: Node } | null {
  if (node.k !== "rel" || node.ops.length !== 1 || (node.ops[0] !== "=" && node.ops[0] !== "≈")) return null;
  const [name, value] = node.args as [Node, Node];
  return isName(name) ? { name, value } : null;
}

/** (x, y) = (1, 2) → x = 1, y = 2. */
export function spread(node: Node): Node {
  const parts = assignment(node);
  if (parts === null || parts.name.k !== "seq" || parts.value.k !== "seq") return node;
  const { name, value } = parts;
  if (name.args.length !== value.args.length) return node;
  return bareList(name.args.map((arg, at): Node => ({ k: "rel", ops: ["="], args: [arg, value.args[at]!] })));
}

function ordered(gold: readonly Node[], answer: readonly Node[], type: string, c: Context): Comparison {
  const parts = compareAll(gold, answer, c);
  return parts === null ? null : structure(type, parts);
}

/** Pairwise; null where one pair fails. */
export function compareAll(gold: readonly Node[], answer: readonly Node[], c: Context): Certificate[] | null {
  if (gold.length !== answer.length) return null;
  const parts: Certificate[] = [];
  for (const [at, item] of gold.entries()) {
    const part = c.compare(item, answer[at]!, c);
    if (part === null) return null;
    parts.push(part);
  }
  return parts;
}

/** As multisets; what the answer lists more often than the gold must still be in the gold. */
function unordered(gold: readonly Node[], answer: readonly Node[], type: string, c: Context): Comparison {
  if (answer.length < gold.length) return type === "set" ? unorderedSet(gold, answer, c) : null;
  const free = answer.map((item) => ({ item, text: canonical(item, c.fuel) }));
  const parts: Certificate[] = [];
  for (const item of gold) {
    const text = canonical(item, c.fuel);
    let at = free.findIndex((other) => other.text === text);
    let part: Comparison = at === -1 ? null : { kind: "string" };
    for (let other = 0; part === null && other < free.length; other++) {
      part = c.compare(item, free[other]!.item, c);
      at = other;
    }
    if (part === null) return null;
    parts.push(part);
    free.splice(at, 1);
  }
  for (const { item } of free) {
    if (!gold.some((known) => c.compare(known, item, c) !== null)) return null;
    c.flags.add("repeated");
  }
  return structure(type, parts);
}

/** {1, 1, 2} is {1, 2}: every element of either side is one of the other. */
function unorderedSet(gold: readonly Node[], answer: readonly Node[], c: Context): Comparison {
  const parts = gold.map(
    (item) => answer.map((other) => c.compare(item, other, c)).find((part) => part !== null) ?? null,
  );
  if (parts.includes(null)) return null;
  const covered = answer.every((other) => gold.some((item) => c.compare(item, other, c) !== null));
  return covered ? structure("set", parts as Certificate[]) : null;
}
