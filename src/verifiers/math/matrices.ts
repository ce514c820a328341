/** Matrices, element by element; sums, products and whole powers of matrices are carried out first. */
import { type Node, some } from "./ast.ts";
import { structure } from "./certificate.ts";
import type { Comparison, Context } from "./context.ts";
import { compareAll } from "./lists.ts";

type Rows = readonly (readonly Node[])[];

const MAX_SIDE = 12;

/** Null where a side is no matrix, or the shapes differ. A column stands for the vector written (a, b, c) or ⟨a, b, c⟩. */
export function compareMatrices(gold: Node, answer: Node, c: Context): Comparison {
  const g = matrixOf(gold, c);
  const a = matrixOf(answer, c);
  if (g !== null && a !== null) return compareRows(g, a, c);
  const vector = g === null ? gold : answer;
  const rows = g ?? a;
  if (rows === null || vector.k !== "seq" || vector.open === "" || vector.open === "\\{" || vector.open === "[")
    return null;
  const entries = rows[0]!.length === 1 ? rows.map((row) => row[0]!) : rows.length === 1 ? [...rows[0]!] : null;
  if (entries === null || vector.close === "]") return null;
  const parts = g === null ? compareAll(vector.args, entries, c) : compareAll(entries, vector.args, c);
  return parts === null ? null : structure("vector", parts);
}

function compareRows(g: Rows, a: Rows, c: Context): Comparison {
  if (g.length !== a.length || g[0]!.length !== a[0]!.length) return null;
  const parts = compareAll(g.flat(), a.flat(), c);
  return parts === null ? null : structure("matrix", parts);
}

export function hasMatrix(node: Node): boolean {
  return some(node, ({ k }) => k === "matrix");
}

/** The rows of a matrix expression, as unevaluated entries; null where it is none. */
function matrixOf(node: Node, c: Context): Rows | null {
  c.fuel.spend(5);
  switch (node.k) {
    case "matrix":
      return node.rows;
    case "neg":
      return scaled({ k: "num", n: -1n, d: 1n, places: -1, raw: "-1" }, matrixOf(node.a, c));
    case "div": {
      const inverse: Node = { k: "div", a: { k: "num", n: 1n, d: 1n, places: -1, raw: "1" }, b: node.b };
      return hasMatrix(node.b) ? null : scaled(inverse, matrixOf(node.a, c));
    }
    case "add":
      return node.args.map((arg) => matrixOf(arg, c)).reduce(plus);
    case "mul":
      return product(node.args, c);
    case "pow": {
      const power = node.b.k === "num" && node.b.d === 1n ? Number(node.b.n) : 0;
      if (power < 1 || power > 4) return null;
      return product(new Array<Node>(power).fill(node.a), c);
    }
    default:
      return null;
  }
}

function scaled(factor: Node, rows: Rows | null): Rows | null {
  return rows?.map((row) => row.map((entry): Node => ({ k: "mul", args: [factor, entry] }))) ?? null;
}

function plus(a: Rows | null, b: Rows | null): Rows | null {
  if (a === null || b === null || a.length !== b.length || a[0]!.length !== b[0]!.length) return null;
  return a.map((row, i) => row.map((entry, j): Node => ({ k: "add", args: [entry, b[i]![j]!] })));
}

function product(args: readonly Node[], c: Context): Rows | null {
  let total: Rows | null = null;
  const scalars: Node[] = [];
  for (const arg of args) {
    if (!hasMatrix(arg)) {
      scalars.push(arg);
      continue;
    }
    const rows = matrixOf(arg, c);
    if (rows === null) return null;
    total = total === null ? rows : times(total, rows, c);
    if (total === null) return null;
  }
  return scalars.length === 0 ? total : scaled({ k: "mul", args: scalars }, total);
}

function times(a: Rows, b: Rows, c: Context): Rows | null {
  if (a[0]!.length !== b.length || a.length > MAX_SIDE) return null;
  c.fuel.spend(a.length * b.length * b[0]!.length * 4);
  return a.map((row) =>
    b[0]!.map(
      (_, j): Node => ({
        k: "add",
        args: row.map((entry, k): Node => ({ k: "mul", args: [entry, b[k]![j]!] })),
      }),
    ),
  );
}
