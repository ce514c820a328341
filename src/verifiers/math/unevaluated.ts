/** Answers that leave the work undone: the problem itself, or arithmetic that was to be carried out. */
import { children, isClosed, type Node, some } from "./ast.ts";
import { gcd } from "./rational.ts";

/** Operators an answer may not contain unless the gold does: sums, integrals, limits, determinants, gcd(12, 18). */
export function unevaluated(gold: Node, answer: Node): boolean {
  const allowed = new Set(operators(gold));
  return operators(answer).some((name) => !allowed.has(name));
}

function operators(node: Node): string[] {
  const own =
    node.k === "big" || (node.k === "app" && (node.name === "det" || node.name === "'" || node.name === "cases"))
      ? [node.name]
      : node.k === "fn" && (node.name === "gcd" || node.name === "lcm" || node.name === "min" || node.name === "max")
        ? isClosed(node)
          ? [node.name]
          : []
        : node.k === "sym" && node.name === "…"
          ? ["…"]
          : [];
  return [...own, ...children(node).flatMap(operators)];
}

/** Arithmetic of literals left standing: 2 + 2, 3·4, 2^3, 6/4. Lowest terms, surds and mixed numbers are finished. */
export function unfinished(node: Node): boolean {
  return some(node, (inner) => {
    switch (inner.k) {
      case "add":
        return inner.args.filter(isLiteral).length > 1 && !isMixed(inner);
      case "mul":
        return inner.args.filter(isLiteral).length > 1;
      case "pow":
        return isLiteral(inner.a) && isLiteral(inner.b);
      case "div": {
        const [a, b] = [literalOf(inner.a), literalOf(inner.b)];
        return a !== null && b !== null && (a.d !== 1n || b.d !== 1n || gcd(a.n, b.n) !== 1n || b.n === 1n);
      }
      case "fn":
        return (inner.name === "factorial" || inner.name === "binom") && inner.args.every(isLiteral);
      default:
        return false;
    }
  });
}

function literalOf(node: Node): (Node & { readonly k: "num" }) | null {
  if (node.k === "neg") return literalOf(node.a);
  return node.k === "num" ? node : null;
}

function isLiteral(node: Node): boolean {
  return literalOf(node) !== null || (node.k === "div" && isLiteral(node.a) && isLiteral(node.b));
}

function isMixed({ args }: { readonly args: readonly Node[] }): boolean {
  return args.length === 2 && args[0]!.k === "num" && args[1]!.k === "div";
}
