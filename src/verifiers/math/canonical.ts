/**
 * Normal-form string: two trees with the same string are equal whatever their symbols mean.
 *
 * Sums and products are flattened and sorted, a − b is a + −1·b, a/b is a·b^−1, √x is x^(1/2), numbers are fractions in
 * lowest terms. Nothing is expanded or evaluated, so the cost is that of the tree.
 */
import { children, type Node, type Sequence } from "./ast.ts";
import type { Fuel } from "./fuel.ts";

export function canonical(node: Node, fuel: Fuel): string {
  fuel.spend(3);
  const text = (inner: Node) => canonical(inner, fuel);
  switch (node.k) {
    case "num":
      return node.d === 1n ? String(node.n) : `${node.n}/${node.d}`;
    case "const":
      return `\\${node.name}`;
    case "sym":
      return node.name;
    case "text":
      return `"${node.value}"`;
    case "setname":
      return `#${node.name}`;
    case "based":
      return `${node.digits}_${node.base}`;
    case "add":
      return `(+ ${sorted(terms(node, fuel))})`;
    case "neg":
      return node.a.k === "num" ? text({ ...node.a, n: -node.a.n }) : product(["-1", ...factors(node.a, fuel)]);
    case "mul":
    case "div":
      return product(factors(node, fuel));
    case "pow":
      return `(^ ${text(node.a)} ${text(node.b)})`;
    case "fn":
      if (node.name === "sqrt") return `(^ ${text(node.args[0]!)} 1/2)`;
      if (node.name === "min" || node.name === "max" || node.name === "gcd" || node.name === "lcm") {
        return `(${node.name} ${sorted(node.args.map(text))})`;
      }
      return `(${node.name} ${node.args.map(text).join(" ")})`;
    case "app":
    case "big":
      return `(${node.k}:${node.name} ${node.args.map(text).join(" ")})`;
    case "quantity":
      return `(unit ${text(node.a)} ${node.unit})`;
    case "seq":
      return `(seq${isCondition(node) ? node.by : ""}${node.open}${node.close} ${node.args.map(text).join(" ")})`;
    case "union":
    case "intersection":
      return `(${node.k} ${sorted(node.args.map(text))})`;
    case "rel":
      return `(rel ${node.ops.join(" ")} ${node.args.map(text).join(" ")})`;
    case "matrix":
      return `(matrix ${node.rows.map((row) => `[${row.map(text).join(" ")}]`).join("")})`;
    case "pm":
      return `(pm${node.lower ? "-" : "+"} ${children(node).map(text).join(" ")})`;
    default:
      return `(${node.k} ${children(node).map(text).join(" ")})`;
  }
}

/** x < 1 or x > 3: the word matters. */
function isCondition({ args }: Sequence): boolean {
  return args.some((arg) => arg.k === "rel" && arg.ops[0] !== "=");
}

function sorted(parts: string[]): string {
  return parts.sort().join(" ");
}

function product(parts: string[]): string {
  const kept = parts.filter((part) => part !== "1");
  if (kept.length === 0) return "1";
  return kept.length === 1 ? kept[0]! : `(* ${sorted(kept)})`;
}

function terms(node: Node, fuel: Fuel): string[] {
  return node.k === "add" ? node.args.flatMap((part) => terms(part, fuel)) : [canonical(node, fuel)];
}

function factors(node: Node, fuel: Fuel): string[] {
  fuel.spend(1);
  if (node.k === "mul") return node.args.flatMap((part) => factors(part, fuel));
  if (node.k === "neg") return ["-1", ...factors(node.a, fuel)];
  if (node.k === "div") return [...factors(node.a, fuel), ...inverse(node.b, fuel)];
  return [canonical(node, fuel)];
}

function inverse(node: Node, fuel: Fuel): string[] {
  if (node.k === "num" && node.n !== 0n)
    return [canonical({ ...node, n: node.n < 0n ? -node.d : node.d, d: node.n < 0n ? -node.n : node.n }, fuel)];
  return factors(node, fuel).map((part) => (part === "-1" ? part : `(^ ${part} -1)`));
}
