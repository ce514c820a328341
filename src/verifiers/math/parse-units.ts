/** What is written behind a value: `\text{ cm}^2`, `miles per hour`, `percent`; and 2 hours 30 minutes. */
import { integer, type Node } from "./ast.ts";
import type { Parser } from "./parse.ts";
import { sum } from "./parse-nodes.ts";
import type { Token } from "./tokens.ts";
import { isUnitWord, PERCENT_WORDS, unitName, unitOf } from "./units.ts";

export function isUnitHere(token: Token): boolean {
  return isUnitWord(token.v) || (token.v.length > 3 && token.space);
}

/** `\text{ cm}^2`, `miles per hour`, `percent`: what is written behind a value. */
export function unit(parser: Parser, left: Node): Node {
  let name = "";
  while (parser.is("text") || (parser.is("word") && (name !== "" || isUnitHere(parser.next!)))) {
    name += ` ${parser.tokens[parser.at++]!.v}`;
    if (parser.is("op", "^") && parser.tokens[parser.at + 1]?.t === "num") {
      name += `^${parser.tokens[parser.at + 1]!.v}`;
      parser.at += 2;
    } else if (
      parser.is("op", "^") &&
      parser.tokens[parser.at + 2]?.t === "num" &&
      parser.tokens[parser.at + 3]?.v === "}"
    ) {
      name += `^${parser.tokens[parser.at + 2]!.v}`;
      parser.at += 4;
    }
    const after = parser.tokens[parser.at + 1];
    if (parser.is("op", "/") && (after?.t === "text" || after?.t === "word")) {
      name += "/";
      parser.at++;
    }
  }
  const unit = unitName(name);
  if (PERCENT_WORDS.has(unit)) return { k: "percent", a: left };
  if (unit === "degree") return { k: "degree", a: left };
  return unit === "" ? left : (compound(left, unit) ?? { k: "quantity", a: left, unit });
}

/** 2 hours 30 minutes is 150 minutes: two quantities of one dimension, side by side. Null for anything else. */
function compound(left: Node, unit: string): Node | null {
  if (left.k !== "mul" || left.args.length !== 2 || left.args[0]!.k !== "quantity") return null;
  const [large, rest] = left.args as readonly [Node & { readonly k: "quantity" }, Node];
  const [from, to] = [unitOf(large.unit), unitOf(unit)];
  if (from === null || to === null || from.dimension !== to.dimension) return null;
  const up = from.factor.numerator * to.factor.denominator;
  const factor: Node = { k: "div", a: integer(up), b: integer(from.factor.denominator * to.factor.numerator) };
  return { k: "quantity", a: sum({ k: "mul", args: [large.a, factor] }, rest), unit };
}
