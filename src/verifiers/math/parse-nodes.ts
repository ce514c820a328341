/** Building blocks of the tree: literals, mixed numbers, applications, lists. */
import { bareList, type Node, type Sequence } from "./ast.ts";
import { CONSTANTS } from "./commands.ts";
import { NotMath } from "./not-math.ts";
import type { Token } from "./tokens.ts";

export function literal({ n, d, places, v }: Token): Node {
  if (n === undefined) throw new NotMath("no number");
  const scale = d ?? (places !== undefined && places > 0 ? 10n ** BigInt(places) : 1n);
  return { k: "num", ...lowest(n, scale), places: places ?? -1, raw: v };
}

/** Lowest terms for literals: denominators are powers of ten or of the form 99…0. */
export function lowest(n: bigint, d: bigint): { n: bigint; d: bigint } {
  if (d === 1n) return { n, d };
  let [x, y] = [n, d];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? { n: 0n, d: 1n } : { n: n / x, d: d / x };
}

export function isProper(node: Node): boolean {
  if (node.k !== "div" || node.a.k !== "num" || node.b.k !== "num") return false;
  const { a, b } = node;
  return a.d === 1n && b.d === 1n && a.places < 0 && b.places < 0 && a.n > 0n && a.n < b.n;
}

export function letterNode(letter: string): Node {
  const constant = CONSTANTS.get(letter);
  return constant === undefined ? { k: "sym", name: letter } : { k: "const", name: constant };
}

/** f(x) is an application, n(n+1) a product: by the letter, and by what stands in the parentheses. */
export function isApplication(letter: string, name: string, args: readonly Node[]): boolean {
  if (args.length > 1 || name.endsWith("'")) return true;
  if (letter === "f" || letter === "g" || letter === "F" || letter === "G" || letter === "W") return true;
  const [only] = args as [Node];
  if (!/^[hpqPQRSTEVLDHKNAudvwyσφψ]$|^(?:phi|psi|sigma|tau|varphi|mu|Gamma)$/.test(letter)) return false;
  if (only.k === "sym") return /^[xtnzs]$/.test(only.name) || (/^[PEVN]$/.test(letter) && /^[A-Z]/.test(only.name));
  return only.k === "num" && /^[hpqPQRSTy]$|^[a-z]{3,}$/.test(letter);
}

export function sum(a: Node, b: Node): Node {
  return { k: "add", args: a.k === "add" ? [...a.args, b] : [a, b] };
}

export function product(a: Node, b: Node): Node {
  return { k: "mul", args: a.k === "mul" ? [...a.args, b] : [a, b] };
}

export function joined(k: "union" | "intersection" | "ratio", a: Node, b: Node): Node {
  return { k, args: a.k === k ? [...a.args, b] : [a, b] };
}

/** A unit behind a ratio or a time of day belongs to all of it: 12:30 p.m. */
export function ratio(a: Node, b: Node): Node {
  if (b.k === "quantity") return { ...b, a: joined("ratio", a, b.a) };
  return joined("ratio", a, b);
}

/** `p=5, q=2; p=7, q=2`: equal groups of assignments are tuples. Everything else is one flat list. */
export function grouped(items: readonly Node[], groupEnds: readonly number[], by: Sequence["by"]): Node {
  const ends = [...groupEnds.filter((end) => end < items.length), items.length];
  const size = ends[0]!;
  const even = ends.length > 1 && size > 1 && ends.every((end, at) => end === size * (at + 1));
  if (!even || !items.every((item) => item.k === "rel" && item.ops.every((op) => op === "="))) {
    return bareList(items, by);
  }
  return bareList(
    ends.map((end) => ({ k: "seq", open: "(", close: ")", args: items.slice(end - size, end), by: "," })),
  );
}
