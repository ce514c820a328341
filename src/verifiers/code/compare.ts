/**
 * Comparators: whether what came out of the box is what was expected. They run outside the box on plain data, so nothing in
 * the box can change what "equal" means, and their cost is bounded by a sort of what they read.
 *
 * Accepted by `exact`: 2 for 2.0 and for 2n · a tuple for a list of the same items · −0 for 0, NaN for NaN.
 * Refused by `exact`: true for 1 · null for undefined · [1, 2] for [2, 1] · 0.30000000000000004 for 0.3.
 */
import type { Plain } from "../../sandbox/plain.ts";
import { canonicalText } from "./canonical.ts";
import { closeTexts, closeValues } from "./close.ts";

/** What the function was called with, or the program read: all that a comparator may know besides the two results. */
export type TestInput = { readonly args: readonly Plain[] } | { readonly stdin: string };

/** Trusted code, run in the trainer. Returns whether `got` is right; a throw means that it cannot read `got`. */
export type Comparator = (got: Plain, expected: Plain, input: TestInput) => boolean;

const sameText = (got: string | null, expected: string | null) => got !== null && got === expected;

/** Equal as values: kinds of numbers and of sequences do not matter, kinds of everything else do. */
export const exact: Comparator = (got, expected) => sameText(canonicalText(got), canonicalText(expected));

/** Equal with all kinds: 2 is not 2.0 or 2n, a tuple is not a list, −0 is not 0. NaN is still NaN. */
export const strict: Comparator = (got, expected) =>
  sameText(canonicalText(got, { kinds: true }), canonicalText(expected, { kinds: true }));

/** Texts line by line; white space at the end of a line and empty lines at the end do not count. */
export const lines: Comparator = (got, expected) =>
  typeof got === "string" && typeof expected === "string"
    ? trimmedLines(got).join("\n") === trimmedLines(expected).join("\n")
    : exact(got, expected, NO_INPUT);

/** Texts word by word, however they are spaced. */
export const tokens: Comparator = (got, expected) =>
  typeof got === "string" && typeof expected === "string"
    ? words(got).join(" ") === words(expected).join(" ")
    : exact(got, expected, NO_INPUT);

/** Numbers within relative 1e-7 or absolute 1e-6, wherever they stand; whole numbers and all else exactly. */
export const floats: Comparator = (got, expected) =>
  typeof got === "string" && typeof expected === "string"
    ? closeTexts(words(got), words(expected))
    : closeValues(got, expected);

/** Lists, tuples and sets, or the lines of a text, in any order; each as often as expected. */
export const unordered: Comparator = (got, expected) =>
  typeof got === "string" && typeof expected === "string"
    ? trimmedLines(got).toSorted().join("\n") === trimmedLines(expected).toSorted().join("\n")
    : sameText(canonicalText(got, { ordered: false }), canonicalText(expected, { ordered: false }));

export const COMPARATORS = { exact, strict, lines, tokens, floats, unordered } as const satisfies Record<
  string,
  Comparator
>;
export type ComparatorName = keyof typeof COMPARATORS;
export const COMPARATOR_NAMES = Object.keys(COMPARATORS) as [ComparatorName, ...ComparatorName[]];

const NO_INPUT: TestInput = { stdin: "" };

function trimmedLines(text: string): string[] {
  const all = text.split("\n").map((line) => line.trimEnd());
  let end = all.length;
  while (end > 0 && all[end - 1] === "") end--;
  return all.slice(0, end);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
