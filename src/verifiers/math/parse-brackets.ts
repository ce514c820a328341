/** What stands between brackets: groups, tuples, intervals, sets, floors, absolute values. */
import type { Node } from "./ast.ts";
import type { Parser } from "./parse.ts";
import type { Token } from "./tokens.ts";

export function bracket(parser: Parser, open: string): Node {
  switch (open) {
    case "(":
    case "[":
      return round(parser, open);
    case "{": {
      const start = parser.at;
      if (parser.is("close", "}")) {
        parser.at++; // {} is nothing
        return parser.prefix();
      }
      const items = parser.inside(() => parser.sequence("{", ({ t, v }) => t === "close" && v === "}"));
      parser.expect("close", "}");
      const several = items.k === "seq" && items.open === "{" && items.close === "" && parser.at > start;
      return several ? { ...items, close: "}" } : items;
    }
    case "\\{":
      return setBraces(parser);
    case "⟨": {
      const items = parser.inside(() => parser.sequence("<", ({ t }) => t === "close"));
      parser.expect("close", "⟩");
      return items.k === "seq" && items.close === "" ? { ...items, close: ">" } : items;
    }
    case "⌊":
    case "⌈": {
      const a = parser.inside(() => parser.expression(0));
      parser.expect("close", open === "⌊" ? "⌋" : "⌉");
      return { k: "fn", name: open === "⌊" ? "floor" : "ceil", args: [a] };
    }
    default:
      return parser.fail();
  }
}

function round(parser: Parser, open: "(" | "["): Node {
  const items = parser.inside(() => parser.sequence(open, ({ t, v }) => t === "close" && (v === ")" || v === "]")));
  const close = parser.tokens[parser.at++];
  if (close === undefined || close.t !== "close") parser.fail();
  const several = items.k === "seq" && items.close === "" && items.open === open;
  if (several) return { ...items, close: close!.v as ")" };
  return (open === "(") === (close!.v === ")") ? items : parser.fail();
}

/** ]a, b[ and its half-open forms, written with ( ). */
export function reversedInterval(parser: Parser): Node {
  const ends = ({ t, v }: Token) => (t === "open" && v === "[") || (t === "close" && v === "]");
  const items = parser.inside(() => parser.sequence("(", ends), false, true);
  const close = parser.tokens[parser.at++];
  if (items.k !== "seq" || items.open !== "(" || items.args.length !== 2 || close === undefined) return parser.fail();
  return { ...items, close: close.v === "[" ? ")" : "]" };
}

/** `\{…\}`: the elements, or a condition after a bar or colon. */
function setBraces(parser: Parser): Node {
  if (parser.is("close", "\\}")) {
    parser.at++;
    return { k: "setname", name: "empty" };
  }
  const stops = ({ t, v }: Token) => (t === "close" && v === "\\}") || (t === "bar" && v === "|") || v === ":";
  const items = parser.inside(() => {
    parser.bars = 0;
    return parser.sequence("\\{", stops);
  }, true);
  if (parser.is("bar") || parser.is("op", ":")) {
    parser.at++;
    const condition = parser.inside(() => parser.sequence("", ({ t, v }) => t === "close" && v === "\\}"));
    parser.expect("close", "\\}");
    return { k: "union", args: [condition] };
  }
  parser.expect("close", "\\}");
  if (items.k === "seq" && items.open === "\\{" && items.close === "") return { ...items, close: "}" };
  return { k: "seq", open: "\\{", close: "}", args: [items], by: "," };
}

export function absolute(parser: Parser, v: string): Node {
  if (v === "|)") parser.fail();
  const saved = parser.bars;
  parser.bars = saved + 1;
  const a = parser.expression(0);
  parser.bars = saved;
  if (!parser.is("bar")) parser.fail();
  parser.at++;
  return { k: "fn", name: "abs", args: [a] };
}
