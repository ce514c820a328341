/** What may stand left of "=" as the name of the answer: x, f(x), AB, ∠ABC, S₁ : S₂, (p, q), "Area". */
import type { Node } from "./ast.ts";

export function isName(node: Node): boolean {
  switch (node.k) {
    case "sym":
    case "app":
    case "text":
      return true;
    case "mul":
      return node.args.every(isSegment) || isDerivative(node) || isInverse(node);
    case "div":
      return isName(node.a) && isName(node.b);
    case "ratio":
      return node.args.every(isName);
    case "seq":
      return node.open !== "\\{" && node.args.every((arg) => arg.k === "sym");
    case "fn":
      return node.args.every(isName) && node.name !== "factorial" && node.name !== "sqrt";
    case "degree":
      return isName(node.a);
    default:
      return false;
  }
}

/** A letter of a segment, angle or triangle: AB, m∠ABC. */
function isSegment(node: Node): boolean {
  return node.k === "sym" && (/^[A-Z](?:_\w+|'*)$/.test(node.name) || node.name === "m" || node.name === "\\angle");
}

/** dy, the parts of dy/dx. */
function isDerivative(node: Node & { readonly k: "add" | "mul" }): boolean {
  const [d, x] = node.args;
  return node.args.length === 2 && d?.k === "sym" && d.name === "d" && x?.k === "sym";
}

/** f^{-1}(x). */
function isInverse(node: Node & { readonly k: "add" | "mul" }): boolean {
  const [f, x] = node.args;
  return node.args.length === 2 && f?.k === "pow" && f.a.k === "sym" && f.b.k === "neg" && x?.k === "sym";
}
