/**
 * The tree that answers are parsed to.
 *
 * Notation that has several meanings stays as it was written (`seq` keeps its delimiters, `percent` and `degree` are
 * nodes of their own): the comparison decides with the gold answer in view, not the parser.
 */

/** Functions with a meaning. All others are `app`: opaque, equal only to themselves. */
export type FunctionName =
  | "sqrt" // root(2, x)
  | "root" // [degree, radicand]
  | "abs"
  | "exp"
  | "ln"
  | "log" // [base, x]
  | "sin"
  | "cos"
  | "tan"
  | "cot"
  | "sec"
  | "csc"
  | "asin"
  | "acos"
  | "atan"
  | "acot"
  | "asec"
  | "acsc"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "floor"
  | "ceil"
  | "factorial"
  | "binom" // [n, k]
  | "gcd"
  | "lcm"
  | "min"
  | "max"
  | "re"
  | "im"
  | "conj"
  | "cis"; // cos θ + i sin θ

export type Relation = "=" | "<" | ">" | "≤" | "≥" | "≠" | "≈" | "∈" | "≡";

export type Node =
  /** n/d in lowest terms; `places` digits were written after a decimal point, −1 where there was no point. */
  | { readonly k: "num"; readonly n: bigint; readonly d: bigint; readonly places: number; readonly raw: string }
  | { readonly k: "const"; readonly name: "pi" | "e" | "i" | "inf" }
  | { readonly k: "sym"; readonly name: string }
  | { readonly k: "add" | "mul"; readonly args: readonly Node[] }
  | { readonly k: "div" | "pow"; readonly a: Node; readonly b: Node }
  | { readonly k: "neg" | "percent" | "degree"; readonly a: Node }
  | { readonly k: "fn"; readonly name: FunctionName; readonly args: readonly Node[] }
  | { readonly k: "app"; readonly name: string; readonly args: readonly Node[] }
  /** A sum, product, integral or limit, not evaluated: operator, bounds and body. */
  | { readonly k: "big"; readonly name: string; readonly args: readonly Node[] }
  /** a ± b, or ±b where a is null; `lower` is true for ∓. */
  | { readonly k: "pm"; readonly a: Node | null; readonly b: Node; readonly lower: boolean }
  | { readonly k: "quantity"; readonly a: Node; readonly unit: string }
  | { readonly k: "based"; readonly digits: string; readonly base: number }
  | { readonly k: "ratio"; readonly args: readonly Node[] }
  | Sequence
  | { readonly k: "union" | "intersection" | "minus"; readonly args: readonly Node[] }
  | { readonly k: "matrix"; readonly rows: readonly (readonly Node[])[] }
  | { readonly k: "rel"; readonly ops: readonly Relation[]; readonly args: readonly Node[] }
  | { readonly k: "setname"; readonly name: string }
  | { readonly k: "text"; readonly value: string };

/** Comma-separated items. `open` is "" for a bare list, "{" for weak braces, "\\{" for set braces, "<" for angles. */
export interface Sequence {
  readonly k: "seq";
  readonly open: "" | "(" | "[" | "{" | "\\{" | "<";
  readonly close: "" | ")" | "]" | "}" | ">";
  readonly args: readonly Node[];
  /** The word or sign between the items: "or" makes a union of conditions. */
  readonly by: "," | "or" | "and";
}

export function integer(value: bigint | number): Node {
  const n = BigInt(value);
  return { k: "num", n, d: 1n, places: -1, raw: String(n) };
}

export function bareList(args: readonly Node[], by: Sequence["by"] = ","): Node {
  return { k: "seq", open: "", close: "", args, by };
}

/** Direct children, whatever the kind. */
export function children(node: Node): readonly Node[] {
  switch (node.k) {
    case "num":
    case "const":
    case "sym":
    case "based":
    case "setname":
    case "text":
      return [];
    case "div":
    case "pow":
      return [node.a, node.b];
    case "neg":
    case "percent":
    case "degree":
    case "quantity":
      return [node.a];
    case "pm":
      return node.a === null ? [node.b] : [node.a, node.b];
    case "matrix":
      return node.rows.flat();
    default:
      return node.args;
  }
}

/** Is there a node of this kind anywhere? Depth is bounded by the parser. */
export function some(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || children(node).some((child) => some(child, test));
}

/** A number, a formula: something the scalar ladder can compare. */
export function isScalar(node: Node): boolean {
  switch (node.k) {
    case "seq":
    case "union":
    case "intersection":
    case "minus":
    case "matrix":
    case "rel":
    case "setname":
    case "text":
    case "ratio":
    case "quantity":
    case "based":
    case "pm":
      return false;
    case "app":
    case "big":
      return true;
    default:
      return children(node).every(isScalar);
  }
}

/** No symbol, nothing opaque: a constant. */
export function isClosed(node: Node): boolean {
  return !some(node, ({ k }) => k === "sym" || k === "app" || k === "big" || k === "text");
}
