import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fractionText, parseExpression } from "../../src/verifiers/index.ts";

describe("parseExpression", () => {
  test.each([
    ["7", "7", [7]],
    ["3*7+25", "46", [3, 7, 25]],
    ["25 + 7 * 3", "46", [25, 7, 3]],
    ["(25-7)/3", "6", [25, 7, 3]],
    ["10-4-3", "3", [10, 4, 3]], // from the left
    ["24/4/3", "2", [24, 4, 3]],
    ["10-(4-3)", "9", [10, 4, 3]],
    ["1/3*3", "1", [1, 3, 3]], // exact, where doubles need luck
    ["1/3+1/3+1/3", "1", [1, 3, 1, 3, 1, 3]],
    ["7/2", "7/2", [7, 2]],
    ["3-7", "-4", [3, 7]],
    ["((((2))))", "2", [2]],
    ["2×3÷4−1", "1/2", [2, 3, 4, 1]],
    ["007", "7", [7]],
    ["99999999999999999999*99999999999999999999", "9999999999999999999800000000000000000001", null],
  ])("%j is %s", (text, value, literals) => {
    const parsed = parseExpression(text);
    expect(parsed.ok && parsed.value !== null && fractionText(parsed.value)).toBe(value);
    if (literals !== null) expect(parsed.ok && parsed.literals.map(Number)).toEqual(literals);
  });

  test.each(["1/0", "5/(3-3)", "0/0", "1+2/(1-1)*0"])("%j parses and divides by 0", (text) => {
    expect(parseExpression(text)).toMatchObject({ ok: true, value: null });
  });

  test.each([
    ...[
      "",
      " ",
      "+",
      "()",
      "(",
      ")",
      "1+",
      "*1",
      "1 2",
      "1+(2",
      "1+2)",
      ")1+2(",
      "3(7)",
      "(3)(7)",
      "3**2",
      "3*/2",
      "3//2",
    ],
    ...[
      "-3+7",
      "+3",
      "3--2",
      "2^3",
      "3!",
      "1.5+2",
      "3*7+25=46",
      "a+1",
      "1e3",
      "0x10",
      "Math.max(1,2)",
      "1;2",
      "1,2",
      "1\n+2",
    ],
    ...["１+1", "__proto__", "constructor", "toString"],
    `${"(".repeat(33)}1${")".repeat(33)}`,
    "(".repeat(200),
    `${"1+".repeat(128)}1`,
  ])("%j does not parse", (text) => {
    expect(parseExpression(text).ok).toBe(false);
  });

  test("random trees of whole numbers have the value they were built with", () => {
    interface Built {
      text: string;
      value: bigint;
    }
    const apply = {
      "+": (a: bigint, b: bigint) => a + b,
      "-": (a: bigint, b: bigint) => a - b,
      "*": (a: bigint, b: bigint) => a * b,
    };
    const { node } = fc.letrec<{ node: Built }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.nat(99).map((n): Built => ({ text: String(n), value: BigInt(n) })),
        fc.tuple(tie("node"), fc.constantFrom("+", "-", "*"), tie("node")).map(
          ([left, operator, right]): Built => ({
            text: `(${left.text}${operator}${right.text})`,
            value: apply[operator](left.value, right.value),
          }),
        ),
      ),
    }));
    fc.assert(
      fc.property(
        node.filter(({ text }) => text.length <= 256),
        ({ text, value }) => {
          const parsed = parseExpression(text);
          expect(parsed.ok && parsed.value).toEqual({ numerator: value, denominator: 1n });
        },
      ),
    );
  });

  test("never throws, whatever the signs", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789+-*/() ×") }), (text) => void parseExpression(text)),
    );
  });
});
