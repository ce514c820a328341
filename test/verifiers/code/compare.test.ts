import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Float, type Plain, Tuple } from "../../../src/sandbox/plain.ts";
import { COMPARATORS, type ComparatorName } from "../../../src/verifiers/code/compare.ts";

const same = (name: ComparatorName, got: Plain, expected: Plain) => COMPARATORS[name](got, expected, { args: [] });

const nested = (depth: number) => {
  let value: Plain = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};

type Row = [name: ComparatorName, got: Plain, expected: Plain];

/** With a title that shows what JSON cannot. */
const titled = (rows: Row[]) =>
  rows.map((row) => [`${row[0]}: ${inspect(row[1])} for ${inspect(row[2])}`, ...row] as const);

describe("accepted", () => {
  test.each(
    titled([
      ["exact", 2, new Float(2)],
      ["exact", 2n, 2],
      ["exact", 2 ** 60, 1152921504606846976n],
      ["exact", -0, 0],
      ["exact", Number.NaN, Number.NaN],
      ["exact", new Tuple([1, "a"]), [1, "a"]],
      ["exact", { a: 1, b: [2] }, { b: [2], a: 1 }],
      ["exact", new Map([["a", 1]]), { a: 1 }],
      ["exact", new Set([1, 2]), new Set([2, 1])],
      ["exact", Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
      ["strict", Number.NaN, Number.NaN],
      ["strict", new Tuple([1]), new Tuple([1])],
      ["lines", "a \nb\n\n", "a\nb"],
      ["lines", "a\r\nb\r\n", "a\nb\n"],
      ["tokens", " 1\n2\t3 ", "1 2 3"],
      ["floats", 0.1 + 0.2, 0.3],
      ["floats", [1.0000001, new Tuple([2])], [1, [2]]],
      ["floats", { a: 1e9 + 50.5 }, { a: 1e9 }], // 1e-7 of 1e9 is 100
      ["floats", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      ["floats", Number.NaN, Number.NaN],
      ["floats", "x 0.3333333", "x 0.33333333"],
      ["floats", "1.0", "1"],
      ["floats", "007", "7"],
      ["unordered", [3, 1, 2, 1], [1, 1, 2, 3]],
      ["unordered", [[1, 2], [3]], [[3], [1, 2]]],
      ["unordered", new Set([1, 2]), [2, 1]],
      ["unordered", "b\na\n", "a\nb"],
    ]),
  )("%s", (_, name, got, expected) => {
    expect(same(name, got, expected)).toBe(true);
  });
});

describe("refused", () => {
  test.each(
    titled([
      ["exact", true, 1],
      ["exact", null, undefined],
      ["exact", "1", 1],
      ["exact", [1, 2], [2, 1]],
      ["exact", 0.1 + 0.2, 0.3],
      ["exact", 2 ** 53, 9007199254740993n],
      ["exact", [], {}],
      ["exact", [], new Set()],
      ["exact", { a: undefined }, {}],
      ["exact", ["a,b"], ["a", "b"]],
      ["exact", '"a"', ["a"]],
      ["exact", nested(5000), nested(5000)], // nobody returns that
      ["strict", 2n, 2],
      ["strict", new Float(2), 2],
      ["strict", new Tuple([1]), [1]],
      ["strict", -0, 0],
      ["lines", " a", "a"],
      ["lines", "a\n\nb", "a\nb"],
      ["lines", "a", 1],
      ["tokens", "12", "1 2"],
      ["floats", 1.00001, 1],
      ["floats", 1_000_000_001, 1_000_000_000], // whole numbers are exact
      ["floats", "1000000001", "1000000000"],
      ["floats", Number.NaN, 0],
      ["floats", Number.POSITIVE_INFINITY, Number.MAX_VALUE],
      ["floats", [1, 2], [1]],
      ["floats", true, 1],
      ["floats", "1e9999", "1"],
      ["unordered", [1, 1, 2], [1, 2, 2]],
      ["unordered", [1], [1, 1]],
      ["unordered", [[2, 1]], [[1, 2]]], // only the outermost order is free
    ]),
  )("%s", (_, name, got, expected) => {
    expect(same(name, got, expected)).toBe(false);
  });
});

describe("cost", () => {
  const texts = ["9", "1.", "1 ", " ", "\n", "a\n", "\t ", "1e", "0x", "-"].map((piece) =>
    piece.repeat(1_000_000 / piece.length),
  );

  test.each(Object.keys(COMPARATORS) as ComparatorName[])("of %s on a megabyte is bounded", (name) => {
    const start = performance.now();
    for (const text of texts) {
      same(name, text, `${text}1`);
      same(name, `${text}!`, text);
    }
    const list = Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_000);
    same(name, list, list.toReversed());
    same(name, nested(100), nested(100));
    expect(performance.now() - start).toBeLessThan(20_000); // under 2 s on an idle machine
  });
});
