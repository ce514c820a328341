import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerTag, exactNumber, parseNumber } from "../../src/verifiers/index.ts";

describe("parseNumber", () => {
  test.each([
    ["44", 44n, 1n],
    ["-44", -44n, 1n],
    ["−44", -44n, 1n],
    ["+44", 44n, 1n],
    ["044", 44n, 1n],
    ["0.5", 1n, 2n],
    [".50", 1n, 2n],
    ["5.", 5n, 1n],
    ["1/2", 1n, 2n],
    ["-2 / 4", -1n, 2n],
    ["5e-1", 1n, 2n],
    ["1e-1", 1n, 10n],
    ["1E3", 1000n, 1n],
    ["1.5e+2", 150n, 1n],
    ["0", 0n, 1n],
    ["-0", 0n, 1n],
    ["0/7", 0n, 1n],
    ["1,234", 1234n, 1n],
    ["-12,345,678.25", -49382713n, 4n],
    [" 7\n", 7n, 1n],
    ["0.1000000000000000055511151231257827", 1000000000000000055511151231257827n, 10n ** 34n], // no double
  ])("%j is %i/%i", (text, numerator, denominator) => {
    const divisor = gcd(numerator < 0n ? -numerator : numerator, denominator);
    expect(parseNumber(text)).toEqual({ numerator: numerator / divisor, denominator: denominator / divisor });
  });

  test.each([
    ...["", " ", "-", ".", "-.", "e5", "1e", "1e5.5", "--1", "+-1", "1 2", "1_000", "0x10", "1n", "NaN", "Infinity"],
    ...["1,2", "12,34", "1,2345", "1234,567", "0,123", ",123", "1,234,", "1,,234", "1,234/2", "1,5e3"],
    ...[
      "1/0",
      "0/0",
      "1/-2",
      "1//2",
      "1/2/3",
      "1.5/2",
      "1/",
      "/2",
      "50%",
      "$5",
      "½",
      "٤",
      "1e401",
      "1e-401",
      "1e99999",
    ],
    "9".repeat(257),
  ])("%j is no number", (text) => {
    expect(parseNumber(text)).toBeNull();
  });

  test("d digits after the point mean a division by 10^d, exactly", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), fc.integer({ min: 0, max: 40 }), (digits, d) => {
        const padded = String(digits).padStart(d + 1, "0");
        const text = `${padded.slice(0, padded.length - d)}.${padded.slice(padded.length - d)}`;
        const { numerator, denominator } = parseNumber(text) ?? { numerator: -1n, denominator: 1n };
        expect(numerator * 10n ** BigInt(d)).toBe(digits * denominator);
      }),
    );
  });

  test("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789+-./,eE ") }), (text) => void parseNumber(text)),
    );
  });
});

describe("exactNumber", () => {
  const verify = exactNumber(answerTag);

  test.each([
    ["<answer>0.5</answer>", 1, "correct", "0.5"],
    ["<answer> 1/2 </answer>", 1, "correct", "1/2"],
    ["<answer>.50</answer>", 1, "correct", ".50"],
    ["<answer>5e-1</answer>", 1, "correct", "5e-1"],
    ["<answer>0.5000000000000000000001</answer>", 0, "incorrect", "0.5000000000000000000001"], // equal as doubles
    ["<answer>-0.5</answer>", 0, "incorrect", "-0.5"],
    ["<answer>50%</answer>", 0, "unparsed", "50%"],
    ["<answer>half</answer>", 0, "unparsed", "half"],
    ["<answer>0.5 or 0.6</answer>", 0, "unparsed", "0.5 or 0.6"],
    ["<answer>1=0.5</answer>", 0, "unparsed", "1=0.5"],
    ["0.5", 0, "unparsed", null],
    ["", 0, "unparsed", null],
  ])("%j gets %d, %s", (completion, reward, outcome, answer) => {
    expect(verify(completion, { answer: "0.5" })).toMatchObject({ status: "graded", reward, outcome, answer });
  });

  test("says what came and what was expected", () => {
    expect(verify("<answer>45.5</answer>", { answer: 44 }).reason).toBe("is 91/2, expected 44");
  });

  test("numbers of a row may be numbers, large ones too", () => {
    expect(verify("<answer>10e20</answer>", { answer: 1e21 }).outcome).toBe("correct");
    expect(verify("<answer>1000000000000000000001</answer>", { answer: 1e21 }).outcome).toBe("incorrect");
  });

  test.each(["", "forty", "1/0", Number.NaN, Number.POSITIVE_INFINITY])(
    "a row's answer of %j is our fault: it throws",
    (answer) => {
      expect(() => verify("<answer>1</answer>", { answer })).toThrow(/the row's answer is .*, expected a number/);
    },
  );

  test("is quick on the longest answers", () => {
    const start = performance.now();
    for (const answer of ["9".repeat(256), `${"9".repeat(120)}/${"7".repeat(120)}`, `0.${"3".repeat(240)}e-400`]) {
      verify(`<answer>${answer}</answer>`, { answer: "9".repeat(256) });
    }
    expect(performance.now() - start).toBeLessThan(200);
  });
});

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
