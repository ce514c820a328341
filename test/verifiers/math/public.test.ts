/** Math-Verify's public suite, where its file lies beside the repository: third-party data, not part of it. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type MathOptions, mathVerifyOptions, verifyResponse } from "../../../src/verifiers/math/index.ts";

interface Case {
  readonly id: string;
  readonly gold: string;
  readonly pred: string;
  readonly expected: boolean;
  readonly float_rounding: number;
  readonly strict: boolean;
  readonly allow_set_relation_comp: boolean;
  readonly flags: readonly string[];
}

const FILE = new URL("../../../../shared/cases/math-verify.json", import.meta.url);
const cases: readonly Case[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")).cases : [];
if (cases.length === 0) console.log("the public suite of Math-Verify is not here: its counts are not checked");

/** A case's own parameters, where they are not the suite's defaults; each has an option of ours. */
function optionsOf(one: Case, preset: "default" | "math-verify"): MathOptions {
  const { rounding, ...options } = mathVerifyOptions({
    floatRounding: one.float_rounding,
    strict: one.strict,
    allowSetRelationComp: one.allow_set_relation_comp,
  });
  return { ...options, preset, ...(preset === "default" && one.float_rounding >= 5 ? {} : { rounding: rounding! }) };
}

function misses(preset: "default" | "math-verify"): string[] {
  return cases
    .filter(
      (one) => (verifyResponse(one.gold, one.pred, optionsOf(one, preset)).outcome === "correct") !== one.expected,
    )
    .map(({ id }) => id);
}

test("all 269 with math-verify, but for the label that is mathematically wrong", () => {
  // 1 − 1/e is not 1 + 1/e, whatever the label says: refused under every preset
  const wrong = cases.filter(({ flags }) => flags.includes("label_wrong_mathematically")).map(({ id }) => id);
  expect(misses("math-verify")).toEqual(wrong);
});

test("267 of 269 with default: a chain 1/2 = 10/9 is refused, too", () => {
  expect(misses("default").length).toBe(cases.length === 0 ? 0 : 2);
});
