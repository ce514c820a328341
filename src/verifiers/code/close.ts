/** Numbers within a tolerance, in texts and in plain values. The rest must be exactly equal. */
import { Float, type Plain, Tuple } from "../../sandbox/plain.ts";
import { canonicalText, MAX_DEPTH } from "./canonical.ts";

const RELATIVE = 1e-7;
const ABSOLUTE = 1e-6;

/** |got − expected| ≤ max(1e-6, 1e-7·|expected|); NaN and infinities equal themselves. */
function closeNumbers(got: number, expected: number): boolean {
  if (Object.is(got, expected) || got === expected) return true;
  const far = Math.abs(got - expected); // NaN and ∞ where one side is not finite: no comparison holds
  return Number.isFinite(far) && far <= Math.max(ABSOLUTE, RELATIVE * Math.abs(expected));
}

const WHOLE = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  "-infinity": Number.NEGATIVE_INFINITY,
};

/** Word for word; where both words are numbers and one of them has a fraction or exponent, within the tolerance. */
export function closeTexts(got: readonly string[], expected: readonly string[]): boolean {
  return (
    got.length === expected.length &&
    got.every((word, i) => {
      const wanted = expected[i] as string;
      if (word === wanted) return true;
      if (WHOLE.test(word) && WHOLE.test(wanted)) return word.length < 400 && BigInt(word) === BigInt(wanted);
      const [left, right] = [numberIn(word), numberIn(wanted)];
      return left !== null && right !== null && closeNumbers(left, right);
    })
  );
}

function numberIn(word: string): number | null {
  return NUMBER.test(word) ? Number(word) : (SPECIAL[word.toLowerCase()] ?? null);
}

/** Item by item, with numbers compared as in texts. Sets and the keys of maps are compared exactly. */
export function closeValues(got: Plain, expected: Plain, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  const [left, right] = [floatOf(got), floatOf(expected)];
  if (left !== null && right !== null) {
    const bothWhole = Number.isSafeInteger(left) && Number.isSafeInteger(right);
    return bothWhole ? left === right : closeNumbers(left, right);
  }
  const [items, wanted] = [listOf(got), listOf(expected)];
  if (items !== null && wanted !== null) {
    return items.length === wanted.length && items.every((item, i) => closeValues(item, wanted[i] as Plain, depth + 1));
  }
  const [record, keys] = [entriesOf(got), entriesOf(expected)];
  if (record !== null && keys !== null) {
    return (
      record.size === keys.size &&
      [...keys].every(([key, value]) => record.has(key) && closeValues(record.get(key), value, depth + 1))
    );
  }
  const text = canonicalText(expected);
  return text !== null && canonicalText(got) === text;
}

/** Big integers stay apart: they are exact. */
function floatOf(value: Plain): number | null {
  if (value instanceof Float) return value.value;
  return typeof value === "number" ? value : null;
}

function listOf(value: Plain): readonly Plain[] | null {
  if (value instanceof Tuple) return value.items;
  return Array.isArray(value) ? value : null;
}

/** Values by the canonical text of their keys. */
function entriesOf(value: Plain): Map<string, Plain> | null {
  if (value === null || typeof value !== "object" || listOf(value) !== null) return null;
  if (value instanceof Set || value instanceof Uint8Array || value instanceof Float) return null;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(entries.map(([key, item]) => [canonicalText(key) ?? "", item as Plain]));
}
