/** `\begin{pmatrix} … \end{pmatrix}` and its kin: matrices, determinants, systems of equations. */
import { bareList, type Node } from "./ast.ts";
import type { Parser } from "./parse.ts";

const MAX_SIDE = 12;

const MATRICES: ReadonlySet<string> = new Set(["matrix", "pmatrix", "bmatrix", "Bmatrix", "array", "smallmatrix"]);

/** Reads rows up to `\end{name}`; the parser stands behind `\begin{name}`. */
export function parseMatrix(parser: Parser, name: string): Node {
  const system = name === "cases" || name === "aligned" || name === "gathered";
  if (!MATRICES.has(name) && name !== "vmatrix" && !system) parser.fail();
  const rows: Node[][] = [[]];
  while (!parser.is("cmd", `end:${name}`)) {
    if (parser.next === undefined) parser.fail();
    if (parser.is("sep", "\\\\")) {
      parser.at++;
      rows.push([]);
    } else if (parser.is("sep", "&")) parser.at++;
    else if (system && parser.is("sep", ",")) parser.at++;
    else rows.at(-1)!.push(parser.expression(0));
    if (rows.length > MAX_SIDE + 1 || rows.at(-1)!.length > MAX_SIDE) parser.fail();
  }
  parser.at++;
  if (rows.at(-1)!.length === 0) rows.pop();

  const width = rows[0]?.length ?? 0;
  if (width === 0 || rows.some((row) => row.length !== width)) parser.fail();
  if (!system) {
    const matrix: Node = { k: "matrix", rows };
    return name === "vmatrix" ? { k: "app", name: "det", args: [matrix] } : matrix;
  }
  if (width === 1) return rows.length === 1 ? rows[0]![0]! : bareList(rows.flat(), "and");
  return { k: "app", name: "cases", args: rows.flat() };
}
