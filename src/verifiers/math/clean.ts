/**
 * From the characters of an answer to plain LaTeX: Unicode signs become commands, doubled backslashes single ones, and
 * wrappers that mean nothing (dollar signs, bold marks, quotes, a final period) go away. Linear; never throws.
 */
import {
  FUNCTIONS,
  LETTERS,
  OPERATORS,
  SUBSCRIPTS,
  SUPERSCRIPTS,
  SUPERSCRIPTS_PLAIN,
  TEXTS,
  UNICODE,
} from "./commands.ts";

/** The text that the tokenizer reads. */
export function cleanAnswer(text: string): string {
  return unwrapped(singleBackslashes(fromUnicode(text)));
}

function fromUnicode(text: string): string {
  let out = "";
  let raised = false; // inside a run of superscript digits
  let lowered = false;
  for (const character of text) {
    const up = SUPERSCRIPTS.indexOf(character);
    const down = SUBSCRIPTS.indexOf(character);
    if (raised && up === -1) out += "}";
    if (lowered && down === -1) out += "}";
    if (up !== -1) out += `${raised ? "" : "^{"}${SUPERSCRIPTS_PLAIN[up]}`;
    else if (down !== -1) out += `${lowered ? "" : "_{"}${down}`;
    else if (character < "\u0080") out += character;
    else out += UNICODE.get(character) ?? character;
    raised = up !== -1;
    lowered = down !== -1;
  }
  return out + (raised || lowered ? "}" : "");
}

const KNOWN_COMMANDS: ReadonlySet<string> = new Set([
  ...["frac", "dfrac", "tfrac", "cfrac", "sqrt", "left", "right", "begin", "end", "infty", "pi", "boxed", "mathbf"],
  ...["mathrm", "binom", "sum", "int", "prod", "lim", "quad", "qquad", "mathbb", "overline", "circ", "cdots"],
  ...FUNCTIONS.keys(),
  ...LETTERS,
  ...OPERATORS.keys(),
  ...TEXTS,
  ...["le", "leq", "ge", "geq", "neq", "approx", "in", "equiv"],
]);

/** `\\frac` → `\frac`: escaped once too often. A row break before a command is written with three backslashes. */
function singleBackslashes(text: string): string {
  if (!text.includes("\\\\")) return text;
  return text.replace(/(?<!\\)\\\\(?=([a-zA-Z]{1,12}|[{}%$]))/g, (whole, name: string) =>
    KNOWN_COMMANDS.has(name) || /[{}%$]/.test(name) ? "\\" : whole,
  );
}

const WRAPPERS: readonly (readonly [string, string])[] = [
  ["$$", "$$"],
  ["$", "$"],
  ["\\(", "\\)"],
  ["\\[", "\\]"],
  ["**", "**"],
  ['"', '"'],
  ["“", "”"],
  ["`", "`"],
];

/** Strips wrappers and final punctuation, from the outside in, a bounded number of times. */
function unwrapped(text: string): string {
  let inside = text.trim();
  for (let round = 0; round < 8; round++) {
    const before = inside;
    while (/[.,;:!]$/.test(inside) && !/(?:\d!|[a-z)}]!|\\[.,;:!]|\.\.|\\left\.|\\right\.)$/i.test(inside)) {
      inside = inside.slice(0, -1).trimEnd();
    }
    for (const [open, close] of WRAPPERS) {
      const body = inside.slice(open.length, inside.length - close.length);
      if (inside.length > open.length + close.length && inside.startsWith(open) && inside.endsWith(close)) {
        if (body.includes(open) || body.endsWith("\\")) continue; // two spans, or an escaped dollar
        inside = body.trim();
      }
    }
    if (inside === before) break;
  }
  return inside;
}
