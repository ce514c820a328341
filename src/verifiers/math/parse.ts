/**
 * Tokens → tree: a Pratt parser. Binding powers, loosest first:
 *
 *   10 relations · 11 mod · 12 ratio · 15 ∪ ∩ ∖ · 20 + − ± · 30 × ÷, juxtaposition, units · 40 sign · 50 ^ · 60 ! % °
 *
 * Differs from TeX where answers do: `2^10` is 2 to the 10, `2\frac12` a mixed number, `\sin 2x` the sine of 2x.
 * Depth, list and matrix sizes are bounded; what does not parse is null, never an exception.
 */
import type { Node, Relation, Sequence } from "./ast.ts";
import type { Fuel } from "./fuel.ts";
import { NotMath } from "./not-math.ts";
import { absolute, bracket, reversedInterval } from "./parse-brackets.ts";
import { big, call } from "./parse-call.ts";
import { parseMatrix } from "./parse-matrix.ts";
import { grouped, isApplication, isProper, joined, letterNode, literal, product, ratio, sum } from "./parse-nodes.ts";
import { isUnitHere, unit } from "./parse-units.ts";
import type { Token } from "./tokens.ts";
import { unitName } from "./units.ts";

const MAX_DEPTH = 64;
const MAX_LIST = 64;

/** The tree, or null where the tokens are no answer. */
export function parseTokens(tokens: readonly Token[], fuel: Fuel): Node | null {
  if (tokens.length === 0) return null;
  const parser = new Parser(tokens, fuel);
  try {
    const node = parser.sequence("", null);
    return parser.at === tokens.length ? node : null;
  } catch (error) {
    if (error instanceof NotMath) return null;
    throw error;
  }
}

export class Parser {
  readonly tokens: readonly Token[];
  readonly fuel: Fuel;
  at = 0;
  depth = 0;
  bars = 0; // open | in this group
  noRatio = false; // inside set braces a colon means "such that"
  reversed = false; // inside ]a, b[

  constructor(tokens: readonly Token[], fuel: Fuel) {
    this.tokens = tokens;
    this.fuel = fuel;
  }

  get next(): Token | undefined {
    return this.tokens[this.at];
  }

  is(t: Token["t"], v?: string): boolean {
    const next = this.tokens[this.at];
    return next !== undefined && next.t === t && (v === undefined || next.v === v);
  }

  fail(): never {
    throw new NotMath("not an answer");
  }

  /** Items up to the closing token (not consumed) or the end, as one node: the item itself where there is only one. */
  sequence(open: Sequence["open"], wanted: ((token: Token) => boolean) | null): Node {
    const items: Node[] = [];
    const groupEnds: number[] = [];
    let by: Sequence["by"] = ",";
    for (;;) {
      let separated = items.length === 0;
      while (this.is("sep") && this.next!.v !== "&" && this.next!.v !== "\\\\") {
        const { v } = this.tokens[this.at++]!;
        if (items.length === 0) this.fail();
        separated = true;
        if (v === "or" || v === "and") by = v;
        if (v !== "," && groupEnds.at(-1) !== items.length) groupEnds.push(items.length);
      }
      if (this.next === undefined || (wanted?.(this.next) ?? false)) break;
      if (!separated) this.fail();
      if (items.length === MAX_LIST) this.fail();
      items.push(this.expression(0));
    }
    if (items.length === 0) this.fail();
    if (items.length === 1) return items[0]!;
    return open === "" ? grouped(items, groupEnds, by) : { k: "seq", open, close: "", args: items, by };
  }

  /** Runs inside brackets: bars and colons start afresh. */
  inside<T>(parse: () => T, noRatio = false, reversed = false): T {
    const saved = [this.bars, this.noRatio, this.reversed] as const;
    [this.bars, this.noRatio, this.reversed] = [0, noRatio, reversed];
    const result = parse();
    [this.bars, this.noRatio, this.reversed] = saved;
    return result;
  }

  expression(power: number): Node {
    this.fuel.spend(4);
    if (++this.depth > MAX_DEPTH) this.fail();
    let left = this.prefix();
    for (;;) {
      const more = this.infix(left, power);
      if (more === null) break;
      left = more;
    }
    this.depth--;
    return left;
  }

  prefix(): Node {
    const token = this.tokens[this.at++];
    if (token === undefined) return this.fail();
    switch (token.t) {
      case "num":
        return this.numberFrom(token);
      case "base":
        return { k: "based", digits: token.v.toUpperCase().replace(/^0+(?=.)/, ""), base: Number(token.n) };
      case "const":
        return { k: "const", name: token.v as "pi" };
      case "sym":
        return this.symbol(token.v);
      case "word":
        return this.wordFrom(token);
      case "set":
        return { k: "setname", name: token.v };
      case "text":
        return this.textFrom(token);
      case "fn":
        return call(this, token.v);
      case "big":
        return big(this, token.v);
      case "op":
        return this.sign(token.v);
      case "rel":
        // "= 5" and "≈ 3.14" are values
        return this.at === 1 && (token.v === "=" || token.v === "≈") ? this.expression(11) : this.fail();
      case "open":
        return bracket(this, token.v);
      case "close":
        return token.v === "]" ? reversedInterval(this) : this.fail();
      case "bar":
        return absolute(this, token.v);
      case "cmd":
        return this.commandFrom(token.v);
      default:
        return this.fail();
    }
  }

  sign(v: string): Node {
    if (v === "-") return { k: "neg", a: this.expression(30) };
    if (v === "+") return this.expression(30);
    if (v === "±" || v === "∓") return { k: "pm", a: null, b: this.expression(30), lower: v === "∓" };
    if (v === "…") return { k: "sym", name: "…" };
    return this.fail();
  }

  /** A literal, or a mixed number: an integer directly before a proper fraction of integers. */
  numberFrom(token: Token): Node {
    const whole = literal(token);
    if (whole.k !== "num" || whole.d !== 1n || whole.places >= 0) return whole;
    const start = this.at;
    if (this.is("cmd", "frac")) {
      this.at++;
      const fraction = this.commandFrom("frac");
      if (isProper(fraction) && !this.is("op", "^")) return { k: "add", args: [whole, fraction] };
      this.at = start;
    } else if (this.is("num") && this.next!.space && this.tokens[start + 1]?.v === "/") {
      const [a, b] = [literal(this.next!), this.tokens[start + 2]];
      const fraction: Node | null = b?.t === "num" ? { k: "div", a, b: literal(b) } : null;
      if (fraction !== null && isProper(fraction)) {
        this.at += 3;
        return { k: "add", args: [whole, fraction] };
      }
    }
    return whole;
  }

  /** A letter with its subscript and primes; before parentheses maybe a function. */
  symbol(letter: string): Node {
    let name = letter;
    if (this.is("op", "_")) {
      this.at++;
      name += `_${this.subscript()}`;
    }
    while (this.is("op", "'")) {
      this.at++;
      name += "'";
    }
    if (!this.is("open", "(") || this.next!.space) return { k: "sym", name };
    const start = this.at;
    this.at++;
    const argument = bracket(this, "(");
    const args = argument.k === "seq" && argument.open === "(" ? argument.args : [argument];
    if (isApplication(letter, name, args)) return { k: "app", name, args };
    this.at = start;
    return { k: "sym", name };
  }

  subscript(): string {
    const start = this.at;
    if (this.is("open", "{")) {
      let depth = 0;
      do {
        if (this.is("open", "{")) depth++;
        else if (this.is("close", "}")) depth--;
        this.at++;
      } while (depth > 0 && this.at < this.tokens.length);
      if (depth > 0) this.fail();
      return this.tokens
        .slice(start + 1, this.at - 1)
        .map(({ v }) => v)
        .join("");
    }
    if (this.next === undefined || !["num", "sym", "word", "text", "const"].includes(this.next.t)) this.fail();
    return this.tokens[this.at++]!.v;
  }

  /** Letters side by side are a product; a longer run is a word. */
  wordFrom(token: Token): Node {
    if (token.v.length > 5) return { k: "text", value: this.words(token.v) };
    const start = this.at;
    if (this.is("op", "_") && token.v === token.v.toUpperCase()) {
      this.at++;
      return { k: "sym", name: `${token.v}_${this.subscript()}` };
    }
    this.at = start;
    const letters = [...token.v].map((letter) => letterNode(letter));
    // ab^2 is a·b²: what follows binds to the last letter
    if (this.is("op", "^") || this.is("op", "_") || this.is("op", "!") || this.is("op", "'")) {
      const last = letters.pop()!;
      letters.push(this.tight(last.k === "sym" ? this.symbol(last.name) : last));
    }
    return { k: "mul", args: letters };
  }

  /** Powers and signs behind a factor. */
  tight(factor: Node): Node {
    let left = factor;
    for (let more = this.infix(left, 50); more !== null; more = this.infix(left, 50)) left = more;
    return left;
  }

  /** The words that follow. */
  words(first: string): string {
    let value = first;
    while (this.is("word") || this.is("text")) value += ` ${this.tokens[this.at++]!.v}`;
    return value;
  }

  textFrom(token: Token): Node {
    const unit = unitName(token.v);
    const money = ["$", "euro", "pound sterling", "rs", "usd", "rupee", "¢"].includes(unit);
    if (money && this.next !== undefined && this.startsOperand()) {
      return { k: "quantity", a: this.expression(40), unit: unit === "usd" ? "$" : unit };
    }
    return { k: "text", value: this.words(token.v) };
  }

  commandFrom(v: string): Node {
    if (v === "frac" || v === "binom") {
      const a = this.argument();
      const b = this.argument();
      return v === "frac" ? { k: "div", a, b } : { k: "fn", name: "binom", args: [a, b] };
    }
    if (v === "sqrt") {
      let degree: Node | null = null;
      if (this.is("open", "[")) {
        this.at++;
        degree = this.inside(() => this.expression(0));
        this.expect("close", "]");
      }
      const a = this.argument();
      return degree === null ? { k: "fn", name: "sqrt", args: [a] } : { k: "fn", name: "root", args: [degree, a] };
    }
    if (v.startsWith("begin:")) return this.inside(() => parseMatrix(this, v.slice(6)));
    return this.fail();
  }

  /** A TeX argument: a group or one token with what binds tightest. */
  argument(): Node {
    if (++this.depth > MAX_DEPTH) this.fail();
    const node = this.prefix();
    this.depth--;
    return node;
  }

  expect(t: Token["t"], v: string): void {
    if (!this.is(t, v)) this.fail();
    this.at++;
  }

  infix(left: Node, power: number): Node | null {
    const token = this.next;
    if (token === undefined) return null;
    this.fuel.spend(2);
    switch (token.t) {
      case "op":
        return this.operator(left, token, power);
      case "rel":
        return power <= 10 ? this.relation(left) : null;
      case "cmd":
        if (token.v === "mod") return power <= 11 ? this.modulus(left) : null;
        if (token.v.startsWith("rel:")) {
          if (power > 10) return null;
          this.at++;
          return { k: "app", name: token.v, args: [left, this.expression(11)] };
        }
        break;
      case "text":
        return power <= 30 ? unit(this, left) : null;
      case "word":
        if (isUnitHere(token)) return power <= 30 ? unit(this, left) : null;
        break;
      case "const":
      case "sym":
        if (token.v === "in" || left.k === "text") return null;
        break;
    }
    if (power > 30 || !this.startsOperand()) return null;
    if (left.k === "text" || (token.t === "num" && endsInNumber(this.tokens[this.at - 1]))) this.fail();
    return product(left, this.expression(31));
  }

  operator(left: Node, token: Token, power: number): Node | null {
    const binary = (strength: number): boolean => {
      if (power > strength) return false;
      this.at++;
      return true;
    };
    switch (token.v) {
      case "+":
      case "-": {
        if (!binary(20)) return null;
        const right = this.expression(21);
        return sum(left, token.v === "+" ? right : { k: "neg", a: right });
      }
      case "±":
      case "∓":
        return binary(20) ? { k: "pm", a: left, b: this.expression(21), lower: token.v === "∓" } : null;
      case "*":
        return binary(30) ? product(left, this.expression(31)) : null;
      case "/":
        return binary(30) ? { k: "div", a: left, b: this.expression(31) } : null;
      case "^":
        if (power > 50) return null;
        this.at++;
        return this.raised(left);
      case "!":
        this.at++;
        return { k: "fn", name: "factorial", args: [left] };
      case "%":
        this.at++;
        return { k: "percent", a: left };
      case "°":
        this.at++;
        return this.degrees(left);
      case "∪":
        return binary(15) ? joined("union", left, this.expression(16)) : null;
      case "∩":
        return binary(15) ? joined("intersection", left, this.expression(16)) : null;
      case "∖":
        return binary(15) ? { k: "minus", args: [left, this.expression(16)] } : null;
      case ":":
        if (this.noRatio || !binary(12)) return null;
        return ratio(left, this.expression(13));
      case "…":
        this.at++;
        return left.k === "num" && (this.next === undefined || this.is("sep") || this.is("close")) ? left : this.fail();
      case "'":
        if (left.k !== "fn" && left.k !== "app") return null;
        this.at++;
        return { k: "app", name: "'", args: [left] };
      default:
        return null;
    }
  }

  raised(left: Node): Node {
    if (this.is("op", "-") || this.is("op", "+")) {
      const negative = this.tokens[this.at++]!.v === "-";
      const b = this.expression(50);
      return { k: "pow", a: left, b: negative ? { k: "neg", a: b } : b };
    }
    if (this.is("op", "*")) this.fail();
    const b = this.expression(50);
    if (b.k === "text") return /^(?:st|nd|rd|th)$/.test(b.value) ? left : this.fail();
    return { k: "pow", a: left, b };
  }

  degrees(left: Node): Node {
    const scale = this.next;
    if (scale !== undefined && (scale.t === "sym" || scale.t === "text") && /^[CF]$/.test(scale.v)) {
      this.at++;
      return { k: "quantity", a: left, unit: `°${scale.v.toLowerCase()}` };
    }
    return { k: "degree", a: left };
  }

  relation(left: Node): Node {
    const ops: Relation[] = [];
    const args: Node[] = [left];
    while (this.is("rel")) {
      let op = this.tokens[this.at++]!.v as Relation;
      if (this.is("rel", "=") && (op === "<" || op === ">")) {
        this.at++; // "< ="
        op = op === "<" ? "≤" : "≥";
      }
      ops.push(op);
      args.push(this.expression(11));
      if (args.length > MAX_LIST) this.fail();
    }
    return { k: "rel", ops, args };
  }

  modulus(left: Node): Node {
    this.at++;
    const m = this.expression(31);
    return m.k === "num" && m.d === 1n ? { k: "quantity", a: left, unit: `mod ${m.n}` } : this.fail();
  }

  /** Can the next token begin a factor that is multiplied by juxtaposition? */
  startsOperand(): boolean {
    const token = this.next!;
    switch (token.t) {
      case "num":
      case "sym":
      case "word":
      case "const":
      case "fn":
      case "base":
      case "big":
        return true;
      case "open":
        return !(this.reversed && token.v === "[");
      case "bar":
        return token.v === "|(" || (token.v === "|" && this.bars === 0 && !this.noRatio);
      case "cmd":
        return token.v === "frac" || token.v === "sqrt" || token.v === "binom" || token.v.startsWith("begin:");
      default:
        return false;
    }
  }
}

function endsInNumber(token: Token | undefined): boolean {
  return token?.t === "num" || token?.t === "base";
}
