/**
 * Exact rational comparison of an answer with `row.answer`: 0.5, 1/2, .50 and 5e-1 are the same number.
 *
 * Accepted for 1234.5: `1234.50` · `2469/2` · `1,234.5`.
 * Refused for 1234.5: `1234.5000001` (no tolerance) · `1234,5` (a comma only before groups of three) · `$1234.5` (no units).
 *
 * A number is a decimal with an optional sign, exponent and thousands commas, or a fraction of two whole numbers.
 * Commas are thousands separators: the first group has 1–3 digits and does not begin with 0, the others exactly three.
 */
import { RlvrError } from "../errors.ts";
import type { Extract } from "./answer-tag.ts";
import { equalFractions, type Fraction, fractionText, toFraction } from "./fraction.ts";
import { type Graded, graded } from "./verdict.ts";

const MAX_CHARACTERS = 256; // the longest answer of a public competition set has 81
const MAX_EXPONENT = 400; // covers every double; keeps 10^e small

// All anchored, each character has one reading: linear time.
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const RATIO = /^([+-]?)(\d+) ?\/ ?(\d+)$/;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/;

/** The number that a text writes, or null. Never throws. */
export function parseNumber(text: string): Fraction | null {
  if (text.length > MAX_CHARACTERS) return null;
  const trimmed = text.trim().replace("−", "-"); // U+2212, the typographic minus
  if (trimmed.includes(",")) return THOUSANDS.test(trimmed) ? parseDecimal(trimmed.replaceAll(",", "")) : null;

  const ratio = RATIO.exec(trimmed);
  if (ratio === null) return parseDecimal(trimmed);
  const [, sign, over, under] = ratio as unknown as [string, string, string, string];
  return toFraction(BigInt(over) * (sign === "-" ? -1n : 1n), BigInt(under));
}

function parseDecimal(text: string): Fraction | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = "", decimals = "", exponentText = "0"] = match;
  if (whole === "" && decimals === "") return null;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_EXPONENT) return null;

  const digits = BigInt(whole + decimals) * (sign === "-" ? -1n : 1n);
  const power = exponent - decimals.length;
  return power >= 0 ? toFraction(digits * 10n ** BigInt(power)) : toFraction(digits, 10n ** BigInt(-power));
}

/** A row with the right answer: a number, or a text that `parseNumber` reads. */
export interface NumberRow {
  readonly answer: string | number;
}

/** 1 for the right number, 0 for another or none. Throws E_TASK_DATA where the row's own answer is no number. */
export function exactNumber(extract: Extract): (completion: string, row: NumberRow) => Graded {
  return (completion, row) => {
    const wanted = parseNumber(String(row.answer));
    if (wanted === null) {
      throw new RlvrError("E_TASK_DATA", `the row's answer is ${JSON.stringify(row.answer)}, expected a number`);
    }
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);

    const got = parseNumber(extracted.answer);
    if (got === null) return graded(0, "unparsed", extracted.answer, "the answer is not a number");
    return equalFractions(got, wanted)
      ? graded(1, "correct", extracted.answer, `equals ${fractionText(wanted)}`)
      : graded(0, "incorrect", extracted.answer, `is ${fractionText(got)}, expected ${fractionText(wanted)}`);
  };
}
