/**
 * A number within a stated tolerance of `row.answer`:
 *
 *   |answer − gold| ≤ max(relative · |gold|, absolute)
 *
 * Both sides, both tolerances and the comparison are exact decimals: no rounding of doubles decides a border case.
 *
 * Accepted for 0.3 with absolute 0.1: `0.4` · `1/5` · `4e-1`. Refused: `0.41` · `NaN` · `about 0.3`.
 *
 * A tolerance is an attack surface: everything within it is paid in full. With `relative` 1e-4, 10001 is as good as 10000;
 * with `absolute` 1e-6, every tiny number is 0. Give one only where the answer is a measurement, and `exactNumber`
 * everywhere else. `relative` alone means that a gold of 0 is met by 0 alone.
 */
import { RlvrError } from "../../errors.ts";
import type { Extract } from "../answer-tag.ts";
import { type NumberRow, parseNumber } from "../exact-number.ts";
import { combineFractions, type Fraction, fractionText } from "../fraction.ts";
import { type Graded, graded } from "../verdict.ts";
import { checkNumberOption } from "./number-option.ts";

export interface Tolerance {
  /** Share of |gold|, below 1; 0 by default. */
  readonly relative?: number;
  /** In the unit of the answer; 0 by default. */
  readonly absolute?: number;
}

/** 1 within the tolerance, 0 outside it or for no number. Throws E_TASK_DATA where the row's answer is no number. */
export function numericMatch(extract: Extract, tolerance: Tolerance): (completion: string, row: NumberRow) => Graded {
  const { relative, absolute } = checkedTolerance(tolerance);
  return (completion, row) => {
    const gold = parseNumber(String(row.answer));
    if (gold === null) {
      throw new RlvrError("E_TASK_DATA", `the row's answer is ${JSON.stringify(row.answer)}, expected a number`);
    }
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    const got = parseNumber(answer);
    if (got === null) return graded(0, "unparsed", answer, "the answer is not a number");

    const distance = size(combineFractions(got, "-", gold)!);
    const near = atMost(distance, combineFractions(relative, "*", size(gold))!) || atMost(distance, absolute);
    const goldText = fractionText(gold);
    return near
      ? graded(1, "correct", answer, `within the tolerance of ${goldText}`)
      : graded(0, "incorrect", answer, `is ${fractionText(got)}, expected ${goldText} within the tolerance`);
  };
}

function checkedTolerance({ relative = 0, absolute = 0 }: Tolerance): { relative: Fraction; absolute: Fraction } {
  checkNumberOption("relative", relative, { min: 0, max: 1 });
  checkNumberOption("absolute", absolute, { min: 0 });
  if (relative === 1 || (relative === 0 && absolute === 0)) {
    throw new RlvrError(
      "E_VERIFIER",
      `the tolerance is { relative: ${relative}, absolute: ${absolute} }, expected one of them above 0 and relative below 1`,
      {
        hint: "use exactNumber where no tolerance is wanted",
      },
    );
  }
  return { relative: parseNumber(String(relative))!, absolute: parseNumber(String(absolute))! }; // every finite double
}

function size({ numerator, denominator }: Fraction): Fraction {
  return { numerator: numerator < 0n ? -numerator : numerator, denominator };
}

function atMost(a: Fraction, b: Fraction): boolean {
  return a.numerator * b.denominator <= b.numerator * a.denominator;
}
