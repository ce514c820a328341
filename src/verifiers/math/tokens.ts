/**
 * LaTeX or plain text → tokens. One pass, no backtracking: each character is looked at a bounded number of times.
 *
 * A comma between digits has up to three meanings, so the caller says how to read it: `1,024` is 1024 ("thousands"),
 * 1 and 024 ("list") or 1.024 ("decimal"). Marked separators (`1{,}024`, `1,\!024`, `1\,024`, `1 024`) need no choice.
 */
import {
  BIG_OPERATORS,
  CONSTANTS,
  FUNCTIONS,
  LETTERS,
  OPERATORS,
  RELATIONS,
  SET_NAMES,
  SPACES,
  STYLES,
  TEXTS,
} from "./commands.ts";
import type { Fuel } from "./fuel.ts";
import { isDigit, scanNumber } from "./scan-number.ts";

export const MAX_TOKENS = 2_000;

export type CommaReading = "thousands" | "list" | "decimal";

export type TokenKind =
  | "num"
  | "sym"
  | "word"
  | "const"
  | "fn"
  | "big"
  | "text"
  | "set"
  | "op"
  | "rel"
  | "sep"
  | "open"
  | "close"
  | "bar"
  | "cmd"
  | "base";

export interface Token {
  readonly t: TokenKind;
  readonly v: string;
  /** White space stood before it. */
  readonly space: boolean;
  /** For "num": the value times 10^places, and the digits after the point (−1: no point). Repeating: `d` is set. */
  readonly n?: bigint;
  readonly d?: bigint;
  readonly places?: number;
}

/** Null where a character or a brace has no place in an answer. */
export function tokenize(text: string, comma: CommaReading, fuel: Fuel): readonly Token[] | null {
  return new Tokenizer(text, comma, fuel).run();
}

export class Tokenizer {
  readonly text: string;
  readonly comma: CommaReading;
  readonly fuel: Fuel;
  readonly tokens: Token[] = [];
  readonly closes: Int32Array; // position of "{" → position of its "}", or −1
  readonly singleDigit = new Set<number>(); // positions where a TeX argument is one digit: \frac12
  at = 0;
  space = false;
  depth = 0;

  constructor(text: string, comma: CommaReading, fuel: Fuel) {
    this.text = text;
    this.comma = comma;
    this.fuel = fuel;
    this.closes = matchBraces(text);
  }

  run(): readonly Token[] | null {
    const { text } = this;
    while (this.at < text.length) {
      this.fuel.spend(3);
      if (this.tokens.length > MAX_TOKENS) return null;
      const c = text[this.at]!;
      if (c === " " || c === "\n" || c === "\t" || c === "\r" || c === "~" || c === "$") {
        this.at++;
        this.space = true;
      } else if (isDigit(c) || (c === "." && isDigit(text[this.at + 1] ?? ""))) {
        if (!scanNumber(this)) return null;
      } else if (c === "\\") {
        if (!this.command()) return null;
      } else if (isLetter(c)) {
        if (!this.word()) return null;
      } else if (!this.sign(c)) return null;
    }
    return this.tokens;
  }

  push(t: TokenKind, v: string, extra: Partial<Token> = {}): true {
    this.tokens.push({ t, v, space: this.space, ...extra });
    this.space = false;
    return true;
  }

  /** One sign of punctuation or arithmetic at `at`. */
  sign(c: string): boolean {
    const two = this.text.slice(this.at, this.at + 2);
    if (c === "*" && two === "**") return this.step(2, "op", "^");
    const relation = RELATIONS.get(two) ?? RELATIONS.get(c);
    if (relation !== undefined) return this.step(RELATIONS.has(two) ? 2 : 1, "rel", relation);
    switch (c) {
      case "+":
      case "-":
        if (two === "+-" || two === "+/") {
          if (two === "+-") return this.step(2, "op", "±");
          if (this.text[this.at + 2] === "-") return this.step(3, "op", "±");
        }
        return this.step(1, "op", c);
      case "*":
      case "/":
      case "^":
      case "_":
      case "!":
      case "%":
      case "'":
      case ":":
        return this.step(1, "op", c);
      case ",":
      case ";":
        return this.step(1, "sep", c);
      case "(":
      case "[":
        this.depth++;
        return this.step(1, "open", c);
      case ")":
      case "]":
        this.depth--;
        return this.step(1, "close", c);
      case "{":
        if (this.closes[this.at] === -1) return false;
        return this.step(1, "open", "{");
      case "}":
        return this.step(1, "close", "}");
      case "|":
        return this.step(1, "bar", "|");
      case "&":
        return this.step(1, "sep", "&");
      case ".":
        return this.ellipsis();
      default:
        return false;
    }
  }

  step(length: number, t: TokenKind, v: string): true {
    this.at += length;
    return this.push(t, v);
  }

  /** "..." is an ellipsis; a period at the very end is nothing. */
  ellipsis(): boolean {
    if (this.text.startsWith("...", this.at)) return this.step(3, "op", "…");
    if (this.text.slice(this.at + 1).trim() !== "") return false;
    this.at++;
    return true;
  }

  word(): boolean {
    const { text } = this;
    const start = this.at;
    const based = /^([A-Z0-9]{1,12})_\{?(1[1-9]|2\d|3[0-6])\}?/.exec(text.slice(start, start + 20));
    if (based !== null) {
      this.at += based[0].length;
      return this.push("base", based[1]!, { n: BigInt(based[2]!) });
    }
    while (isLetter(text[this.at] ?? "")) this.at++;
    return this.letters(text.slice(start, this.at));
  }

  /** A run of letters: a name, a conjunction, or letters side by side. */
  letters(run: string): boolean {
    const lower = run.toLowerCase();
    if (lower === "and" || lower === "or") return this.push("sep", lower);
    const glued = /^(or|and)(?=[A-Z])/.exec(run); // 1orW(x)
    if (glued !== null && this.tokens.length > 0) {
      this.push("sep", glued[1]!);
      return this.letters(run.slice(glued[1]!.length));
    }
    if (run.length === 1) return this.single(run);
    if (this.isTimeUnit(run)) return this.push("text", run);
    if (FUNCTIONS.has(run)) return this.push("fn", run);
    if (CONSTANTS.has(lower)) return this.push("const", CONSTANTS.get(lower)!);
    if (BIG_OPERATORS.has(run)) return this.push("big", run);
    if (LETTERS.has(run)) return this.push("sym", run);
    for (const length of [6, 5, 4, 3, 2]) {
      const head = run.slice(0, length);
      const rest = run.slice(length);
      if (rest.length === 0 || rest.length > 2 || head.length < length) continue;
      if (FUNCTIONS.has(head) && head !== "Re" && head !== "Im") return this.push("fn", head) && this.letters(rest); // sinx
      if (head === "pi") return this.push("const", "pi") && this.letters(rest);
    }
    return this.push("word", run);
  }

  /** Behind a number, min and sec are minutes and seconds. */
  isTimeUnit(run: string): boolean {
    return (run === "min" || run === "sec") && this.tokens.at(-1)?.t === "num";
  }

  single(letter: string): boolean {
    const constant = CONSTANTS.get(letter);
    return constant === undefined ? this.push("sym", letter) : this.push("const", constant);
  }

  command(): boolean {
    const { text } = this;
    const next = text[this.at + 1] ?? "";
    if (!isLetter(next)) return this.escape(next);
    const start = this.at + 1;
    this.at = start;
    while (isLetter(text[this.at] ?? "")) this.at++;
    return this.named(text.slice(start, this.at));
  }

  escape(next: string): boolean {
    if (next === "") return false;
    this.at += 2;
    switch (next) {
      case "{":
        this.depth++;
        return this.push("open", "\\{");
      case "}":
        this.depth--;
        return this.push("close", "\\}");
      case "\\":
        return this.push("sep", "\\\\");
      case "%":
        return this.push("op", "%");
      case "$":
        return this.push("text", "$");
      case "|":
        return this.push("bar", "|");
      case "&":
        return this.push("sep", "and");
      case "_":
      case "#":
        return false;
      default: // \, \! \; \: "\ " \( \) \[ \] and other spacing
        if (next !== "!") this.space = true;
        return true;
    }
  }

  named(name: string): boolean {
    if (STYLES.has(name)) return this.style(name);
    if (SPACES.has(name)) return this.blank();
    if (TEXTS.has(name)) return this.textCommand();
    if (FUNCTIONS.has(name) && name !== "sqrt" && name !== "binom") return this.push("fn", name);
    if (CONSTANTS.has(name)) return this.push("const", CONSTANTS.get(name)!);
    if (LETTERS.has(name)) return this.push("sym", name);
    if (BIG_OPERATORS.has(name)) return this.push("big", name);
    const relation = RELATIONS.get(name);
    if (relation !== undefined) return this.push("rel", relation);
    if (SET_NAMES.has(name) && name.length > 1) return this.push("set", SET_NAMES.get(name)!);
    const operator = OPERATORS.get(name);
    if (operator !== undefined) return this.operator(operator);
    switch (name) {
      case "frac":
      case "dfrac":
      case "tfrac":
      case "cfrac":
      case "binom":
      case "dbinom":
      case "tbinom":
        this.markSingleDigits(2);
        return this.push("cmd", name.endsWith("binom") ? "binom" : "frac");
      case "sqrt":
        this.markSingleDigits(1);
        return this.push("cmd", "sqrt");
      case "begin":
      case "end":
        return this.environment(name);
      case "mathbb":
      case "Bbb":
        return this.blackboard();
      case "mathrm":
      case "operatorname":
      case "rm":
        return this.upright();
      case "pmod":
      case "bmod":
      case "mod":
        return this.push("cmd", "mod");
      case "not":
        return this.negated();
      case "to":
      case "rightarrow":
      case "Rightarrow":
      case "implies":
      case "leftrightarrow":
      case "iff":
      case "perp":
      case "parallel":
      case "sim":
      case "subset":
      case "subseteq":
      case "propto":
      case "forall":
      case "exists":
      case "notin":
        return this.push("cmd", `rel:${name}`);
      default:
        return this.glued(name);
    }
  }

  operator(sign: string): boolean {
    if (sign === "°" || sign === "'") {
      // ^\circ and ^{\circ} are postfix signs: the caret goes.
      const last = this.tokens.at(-1);
      if (last?.t === "open" && last.v === "{" && this.tokens.at(-2)?.v === "^") {
        const close = /^\s*\}/.exec(this.text.slice(this.at, this.at + 8));
        if (close !== null) {
          this.tokens.length -= 2;
          this.at += close[0].length;
        }
      } else if (last?.v === "^") this.tokens.length -= 1;
      return this.push("op", sign);
    }
    if (sign.startsWith(";")) return this.push("sep", sign.slice(1));
    if (sign === "|" || sign === "|(" || sign === "|)") return this.push("bar", sign);
    if (sign === "[" || sign === "(" || sign === "\\{" || sign === "⟨" || sign === "⌊" || sign === "⌈") {
      this.depth++;
      return this.push("open", sign);
    }
    if (sign === "]" || sign === ")" || sign === "\\}" || sign === "⟩" || sign === "⌋" || sign === "⌉") {
      this.depth--;
      return this.push("close", sign);
    }
    return this.push("op", sign);
  }

  style(name: string): boolean {
    if (name === "left" || name === "right" || name === "middle") {
      const dot = /^\s*\./.exec(this.text.slice(this.at, this.at + 4));
      if (dot !== null) this.at += dot[0].length;
      const bar = /^\s*(?:\||\\vert|\\\|)/.exec(this.text.slice(this.at, this.at + 8));
      if (bar !== null && name !== "middle") {
        this.at += bar[0].length;
        return this.push("bar", name === "left" ? "|(" : "|)");
      }
    }
    return true;
  }

  blank(): true {
    this.space = true;
    return true;
  }

  /** `\text{…}`: conjunctions and numbers are math, all else is words. */
  textCommand(): boolean {
    const body = this.group1();
    if (body === null) return false;
    const words = body.replaceAll(/\\[ ,;:!]|~|\$/g, " ").trim();
    const lower = words.toLowerCase().replaceAll(/[,.]/g, "").trim();
    if (lower === "") return words === "," ? this.push("sep", ",") : this.blank();
    if (lower === "and" || lower === "or" || lower === "and or") return this.push("sep", lower.slice(0, 3).trim());
    if (!/[a-zA-Z]/.test(words) && /^[\d\s.,/()+:-]+$/.test(words)) {
      return this.splice(words);
    }
    if (UPRIGHT_FUNCTIONS.has(words)) return this.push("fn", words);
    if (/^-?\d[\d.,]*\s+[a-zA-Z]/.test(words)) return this.splice(words); // \text{2 cm}
    const base = /^_\{?(1[1-9]|2\d|3[0-6])\}?/.exec(this.text.slice(this.at, this.at + 6)); // \text{A4}_{16}
    if (base !== null && /^[0-9A-Z]{1,12}$/.test(words)) {
      this.at += base[0].length;
      return this.push("base", words, { n: BigInt(base[1]!) });
    }
    this.space = /^\s/.test(body) || this.space;
    return this.push("text", words);
  }

  /** Reads words as math after all. */
  splice(words: string): boolean {
    const inner = tokenize(words, this.comma, this.fuel);
    if (inner === null) return false;
    this.space = true;
    for (const token of inner) this.tokens.push(token);
    return true;
  }

  /** `\mathrm{…}`, `\operatorname{…}`: a function, a constant, one letter, or words. */
  upright(): boolean {
    const body = this.group1()
      ?.replaceAll(/\\[ ,;:!]|~|\*/g, "")
      .trim();
    if (body === undefined) return true; // {\rm …}: a switch
    if (this.isTimeUnit(body)) return this.push("text", body);
    if (FUNCTIONS.has(body)) return this.push("fn", body);
    if (body.length === 1 && isLetter(body)) return this.single(body);
    if (body === "and" || body === "or") return this.push("sep", body);
    return body === "" ? true : this.push("text", body);
  }

  blackboard(): boolean {
    const name = this.group1()?.trim();
    if (name === undefined || !/^[A-Z]$/.test(name)) return false;
    return this.push("set", SET_NAMES.get(name) ?? name);
  }

  negated(): boolean {
    const next = /^\s*(=|\\in\b)/.exec(this.text.slice(this.at, this.at + 8));
    if (next === null || next[1] !== "=") return false;
    this.at += next[0].length;
    return this.push("rel", "≠");
  }

  environment(which: string): boolean {
    const name = this.group1()?.trim().replace("*", "");
    if (name === undefined) return false;
    if (name === "array" && which === "begin" && this.text[this.at] === "{") this.at = this.closes[this.at]! + 1;
    return this.push("cmd", `${which}:${name}`);
  }

  /** `\quadx`: a spacing command with a letter stuck to it. */
  glued(name: string): boolean {
    const head = ["qquad", "quad", "cdot", "times", "pm"].find((known) => name.startsWith(known));
    if (head === undefined) {
      if (name.length > 24) return false;
      return this.push("sym", `\\${name}`); // an unknown command is a name, equal only to itself
    }
    this.at -= name.length - head.length;
    return this.named(head);
  }

  /** The braced group at `at`, consumed; a single letter counts. Null where there is none. */
  group1(): string | null {
    while (this.text[this.at] === " ") this.at++;
    if (this.text[this.at] !== "{") {
      if (!isLetter(this.text[this.at] ?? "")) return null;
      return this.text[this.at++]!;
    }
    const close = this.closes[this.at]!;
    if (close === -1) return null;
    const body = this.text.slice(this.at + 1, close);
    this.at = close + 1;
    return body;
  }

  /** TeX takes one digit as an argument: `\frac12` is ½. Marks the digits that stand as arguments of the next command. */
  markSingleDigits(count: number): void {
    const { text } = this;
    let at = this.at;
    for (let argument = 0; argument < count; argument++) {
      while (text[at] === " ") at++;
      if (text[at] === "[") return;
      if (text[at] === "{") {
        if (this.closes[at] === -1) return;
        at = this.closes[at]! + 1;
      } else if (text[at] === "\\") {
        at++;
        while (isLetter(text[at] ?? "")) at++;
      } else {
        // sqrt of a bare number of several digits: \sqrt 12 is meant as √12 by whoever writes it with a space
        if (isDigit(text[at] ?? "")) this.singleDigit.add(at);
        at++;
      }
    }
  }
}

/** Functions that people set in text; "min" and "sec" are units there. */
const UPRIGHT_FUNCTIONS: ReadonlySet<string> = new Set([
  "cis",
  "lcm",
  "gcd",
  "sin",
  "cos",
  "tan",
  "arctan",
  "ln",
  "log",
]);

function matchBraces(text: string): Int32Array {
  const closes = new Int32Array(text.length).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") open.push(at);
    else if (text[at] === "}" && open.length > 0) closes[open.pop()!] = at;
  }
  return closes;
}

function isLetter(c: string): boolean {
  return c.length === 1 && ((c >= "a" && c <= "z") || (c >= "A" && c <= "Z"));
}
