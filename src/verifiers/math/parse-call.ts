/** Functions and big operators with their arguments: `\sin^2 x`, `\log_2 3`, `\sum_{k=1}^n k`. */
import { type FunctionName, integer, type Node } from "./ast.ts";
import { FUNCTIONS, INVERSES } from "./commands.ts";
import type { Parser } from "./parse.ts";
import { bracket } from "./parse-brackets.ts";

const VARIADIC: ReadonlySet<FunctionName> = new Set(["gcd", "lcm", "min", "max"]);

export function call(parser: Parser, word: string): Node {
  const name = FUNCTIONS.get(word)!;
  let power: Node | null = null;
  let base: Node | null = word === "cbrt" ? integer(3) : null;
  while (parser.is("op", "^") || parser.is("op", "_")) {
    const { v } = parser.tokens[parser.at++]!;
    const value = parser.is("op", "-") && v === "^" ? parser.prefix() : parser.argument();
    if (v === "^") power = value;
    else base = value;
  }
  let args = callArguments(parser, name);
  let called: FunctionName = name;
  if (name === "log") args = [base ?? integer(10), ...args];
  else if (name === "root") args = [base ?? integer(3), ...args];
  else if (base !== null) parser.fail();
  if (power !== null && power.k === "neg" && power.a.k === "num" && power.a.n === 1n && power.a.d === 1n) {
    called = INVERSES[name] ?? name;
    if (called !== name) power = null;
  }
  const arity = name === "log" || name === "root" || name === "binom" ? 2 : 1;
  if (!VARIADIC.has(name) && args.length !== arity) parser.fail();
  const node: Node = { k: "fn", name: called, args };
  return power === null ? node : { k: "pow", a: node, b: power };
}

function callArguments(parser: Parser, name: FunctionName): readonly Node[] {
  if (parser.is("open", "(") || parser.is("open", "{") || parser.is("open", "[") || parser.is("open", "\\{")) {
    const token = parser.tokens[parser.at++]!;
    const inner = bracket(parser, token.v);
    return inner.k === "seq" && inner.open !== "" && (VARIADIC.has(name) || name === "binom" || name === "log")
      ? inner.args
      : [inner];
  }
  if (name === "sqrt" || name === "root") return [parser.expression(45)];
  // Without parentheses: factors side by side, up to the next function or operator.
  const factors = [parser.expression(45)];
  while (
    parser.next !== undefined &&
    !parser.is("fn") &&
    !parser.is("open") &&
    !parser.is("bar") &&
    parser.startsOperand()
  ) {
    factors.push(parser.expression(45));
  }
  let argument: Node = factors.length === 1 ? factors[0]! : { k: "mul", args: factors };
  while (parser.is("op", "°")) {
    parser.at++;
    argument = { k: "degree", a: argument };
  }
  return [argument];
}

export function big(parser: Parser, name: string): Node {
  const args: Node[] = [];
  while (parser.is("op", "^") || parser.is("op", "_")) {
    const { v } = parser.tokens[parser.at++]!;
    const bound = parser.is("open", "{") ? parser.argument() : parser.expression(45);
    args.push({ k: "app", name: v, args: [bound] });
  }
  args.push(parser.expression(25));
  return { k: "big", name, args };
}
