/** Rewriting of trees: substitution, and ± written out. */
import type { Node } from "./ast.ts";
import { bareList, children, some } from "./ast.ts";

/** The tree with every child replaced. */
export function mapChildren(node: Node, f: (child: Node) => Node): Node {
  switch (node.k) {
    case "num":
    case "const":
    case "sym":
    case "based":
    case "setname":
    case "text":
      return node;
    case "div":
    case "pow":
      return { ...node, a: f(node.a), b: f(node.b) };
    case "neg":
    case "percent":
    case "degree":
    case "quantity":
      return { ...node, a: f(node.a) };
    case "pm":
      return { ...node, a: node.a === null ? null : f(node.a), b: f(node.b) };
    case "matrix":
      return { ...node, rows: node.rows.map((row) => row.map(f)) };
    default:
      return { ...node, args: node.args.map(f) };
  }
}

/** Every node that `test` picks is replaced; what replaces it is not searched. */
export function replace(node: Node, test: (node: Node) => boolean, by: Node): Node {
  return test(node) ? by : mapChildren(node, (child) => replace(child, test, by));
}

/** All signs at once: `1 ± √2` is the list 1 + √2, 1 − √2; ∓ takes the other sign. Lists are spliced. */
export function withoutPlusMinus(node: Node): Node {
  if (!some(node, ({ k }) => k === "pm")) return node;
  if (node.k === "rel" || (node.k === "seq" && (node.open === "" || node.open === "{" || node.open === "\\{"))) {
    if (node.k === "rel") {
      const [head, ...rest] = node.args as [Node, ...Node[]];
      if (rest.length !== 1 || node.ops[0] !== "=" || hasSign(head)) return node;
      return bareList([true, false].map((upper) => ({ ...node, args: [head, signed(rest[0]!, upper)] })));
    }
    const args = node.args.flatMap((arg) => {
      const expanded = withoutPlusMinus(arg);
      return expanded !== arg && expanded.k === "seq" ? expanded.args : [arg];
    });
    return { ...node, args };
  }
  return bareList([signed(node, true), signed(node, false)]);
}

function hasSign(node: Node): boolean {
  return some(node, ({ k }) => k === "pm");
}

function signed(node: Node, upper: boolean): Node {
  const inner = mapChildren(node, (child) => signed(child, upper));
  if (inner.k !== "pm") return inner;
  const b: Node = inner.lower === upper ? { k: "neg", a: inner.b } : inner.b;
  return inner.a === null ? b : { k: "add", args: [inner.a, b] };
}

/** Names of the symbols in a tree. */
export function symbolsOf(node: Node, found = new Set<string>()): Set<string> {
  if (node.k === "sym") found.add(node.name);
  for (const child of children(node)) symbolsOf(child, found);
  return found;
}

export function minus(a: Node, b: Node): Node {
  return { k: "add", args: [a, { k: "neg", a: b }] };
}
