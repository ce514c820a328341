/**
 * Regular expressions that take linear time on any text: RE2's syntax and automata (the package re2js).
 *
 * A pattern is written as in JavaScript. What RE2 cannot do in linear time (look-around, backreferences, repeats above
 * 1000) is refused. An automaton costs up to program size × length, so the longest text depends on the pattern.
 */
import { createRequire } from "node:module";
import type * as Re2 from "re2js";
import { RlvrError } from "../../errors.ts";

const FLAGS = { i: "CASE_INSENSITIVE", m: "MULTILINE", s: "DOTALL" } as const;
const MAX_WORK = 50_000_000; // instructions × UTF-16 units, about half a second at worst
const MAX_LENGTH = 1_048_576; // UTF-16 units

export interface LinearRegex {
  readonly source: string;
  /** Instructions of the automaton: a test costs at most this much for each UTF-16 unit of its text. */
  readonly size: number;
  /** Longer texts are not to be tested, in UTF-16 units. */
  readonly maxLength: number;
  /** Does it match anywhere in the text? */
  readonly test: (text: string) => boolean;
  /** Does it match the text as a whole? */
  readonly testWhole: (text: string) => boolean;
}

/** Throws E_VERIFIER for a pattern that RE2 refuses, and for flags other than i, m, s and u. */
export function linearRegex(pattern: string | RegExp, flags = ""): LinearRegex {
  const { RE2JS } = re2();
  const source = typeof pattern === "string" ? pattern : pattern.source;
  const given = typeof pattern === "string" ? flags : flags + pattern.flags;
  let bits = 0;
  for (const flag of given) {
    if (flag === "u") continue; // RE2 always reads code points
    if (!Object.hasOwn(FLAGS, flag)) {
      throw new RlvrError("E_VERIFIER", `the flags are ${JSON.stringify(given)}, expected some of i, m, s, u`);
    }
    bits |= RE2JS[FLAGS[flag as keyof typeof FLAGS]];
  }
  const compiled = compile(source, bits);
  const size = compiled.programSize();
  return {
    source,
    size,
    maxLength: Math.min(MAX_LENGTH, Math.floor(MAX_WORK / size)),
    test: (text) => compiled.test(text),
    testWhole: (text) => compiled.testExact(text),
  };
}

function compile(source: string, flags: number): Re2.RE2JS {
  const { RE2JS, RE2JSException } = re2();
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source), flags);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new RlvrError("E_VERIFIER", `the pattern ${JSON.stringify(source)} is refused by RE2: ${error.message}`, {
      hint: "write it without look-around and backreferences, and with repeats of at most 1000",
      cause: error,
    });
  }
}

/** Loaded by the first pattern: most tasks have none. */
function re2(): typeof Re2 {
  return createRequire(import.meta.url)("re2js") as typeof Re2;
}
