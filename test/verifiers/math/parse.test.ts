import { describe, expect, test } from "vitest";
import { canonical } from "../../../src/verifiers/math/canonical.ts";
import { cleanAnswer } from "../../../src/verifiers/math/clean.ts";
import { Fuel } from "../../../src/verifiers/math/fuel.ts";
import { parseTokens } from "../../../src/verifiers/math/parse.ts";
import { readingsOf } from "../../../src/verifiers/math/readings.ts";
import { tokenize } from "../../../src/verifiers/math/tokens.ts";

function parsed(text: string): string | null {
  const fuel = new Fuel();
  const tokens = tokenize(cleanAnswer(text), "thousands", fuel);
  const node = tokens === null ? null : parseTokens(tokens, fuel);
  return node === null ? null : canonical(node, fuel);
}

describe("the parser", () => {
  // Expected trees in prefix form, sorted where order does not matter.
  test.each([
    ["7", "7"],
    ["-7", "-7"],
    ["\\frac12", "1/2"],
    ["\\frac1{72}", "1/72"],
    ["\\frac{x}{y}", "(* (^ y -1) x)"],
    ["\\sqrt3", "(^ 3 1/2)"],
    ["\\sqrt[3]{x}", "(root 3 x)"],
    ["√2", "(^ 2 1/2)"],
    ["2\\frac12", "(+ 1/2 2)"],
    ["2 1/2", "(+ 1/2 2)"],
    ["2\\frac32", "(* 1/2 2 3)"],
    ["x^2y", "(* (^ x 2) y)"],
    ["2^{10}", "(^ 2 10)"],
    ["2^10", "(^ 2 10)"],
    ["-x^2", "(* (^ x 2) -1)"],
    ["2^3^2", "(^ 2 (^ 3 2))"],
    ["x²", "(^ x 2)"],
    ["a-b-c", "(+ (* -1 b) (* -1 c) a)"],
    ["a/bc", "(* (^ b -1) (^ c -1) a)"],
    ["ab^2", "(* (^ b 2) a)"],
    ["xy_1", "(* x y_1)"],
    ["\\sin 2x", "(sin (* 2 x))"],
    ["\\sin^2 x", "(^ (sin x) 2)"],
    ["\\sin^{-1} x", "(asin x)"],
    ["2\\sin b\\cos a", "(* (cos a) (sin b) 2)"],
    ["\\log_2 3", "(log 2 3)"],
    ["\\ln|x|", "(ln (abs x))"],
    ["n!", "(factorial n)"],
    ["\\binom{5}{2}", "(binom 5 2)"],
    ["\\lfloor x\\rfloor", "(floor x)"],
    ["f(x)", "(app:f x)"],
    ["n(n+1)", "(* (+ 1 n) n)"],
    ["x_{1}", "x_1"],
    ["x_1", "x_1"],
    ["204_5", "204_5"],
    ["A1_{16}", "A1_16"],
    ["0.\\overline{3}", "1/3"],
    ["0.1\\overline{6}", "1/6"],
    ["1.5e-3", "3/2000"],
    ["1{,}024", "1024"],
    ["11,\\! 111,\\! 100", "11111100"],
    ["1 000", "1000"],
    ["3{,}5", "7/2"],
    ["(1,2)", "(seq() 1 2)"],
    ["[1,2)", "(seq[) 1 2)"],
    ["]1,2]", "(seq(] 1 2)"],
    ["\\{1,2\\}", "(seq\\{} 1 2)"],
    ["{1,2}", "(seq{} 1 2)"],
    ["1, 2", "(seq 1 2)"],
    ["19, 46, and 82", "(seq 19 46 82)"],
    ["(11,7)or(7,11)", "(seq (seq() 11 7) (seq() 7 11))"],
    ["\\left(1;2\\right)", "(seq() 1 2)"],
    ["1\\pm\\sqrt2", "(pm+ 1 (^ 2 1/2))"],
    ["\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "(matrix [1 2][3 4])"],
    ["\\left[\\begin{array}{cc}1&2\\\\3&4\\end{array}\\right]", "(matrix [1 2][3 4])"],
    ["x\\ge5", "(rel ≥ x 5)"],
    ["1<x\\leq2", "(rel < ≤ 1 x 2)"],
    ["x\\in[1,2]", "(rel ∈ x (seq[] 1 2))"],
    ["15\\mbox{ cm}^2", "(unit 15 cm^2)"],
    ["5 miles per hour", "(unit 5 mile/hour)"],
    ["\\$5", "(unit 5 $)"],
    ["28 percent", "(percent 28)"],
    ["90^{\\circ}", "(degree 90)"],
    ["7:32", "(ratio 7 32)"],
    ["\\text{Evelyn}", '"Evelyn"'],
    ["\\\\frac{1}{2}", "1/2"],
    ["\\quadx", "x"],
    ["$$x$$", "x"],
  ])("%j is %s", (text, tree) => {
    expect(parsed(text)).toBe(tree);
  });

  test.each([
    "",
    "(",
    "1+",
    "\\frac{1}",
    "{",
    "1 2",
    "(1,2",
    "1))",
    "^2",
    "\\sqrt",
    "a=",
    "\\begin{pmatrix}1",
    "#",
    "5 @ 3",
  ])("%j is no answer", (text) => {
    expect(parsed(text)).toBeNull();
  });

  test.each([
    ["1,024", 2],
    ["1,22", 2],
    ["0,5", 2],
    ["1024", 1],
    ["32, 349", 1],
  ])("an answer %j has %i readings", (text, count) => {
    expect(readingsOf(text, "answer", new Fuel())?.nodes).toHaveLength(count);
  });

  test("nesting beyond 64 is no answer, and costs little", () => {
    const fuel = new Fuel();
    const deep = `${"(".repeat(400)}4${")".repeat(400)}`;
    expect(readingsOf(deep, "answer", fuel)?.nodes).toEqual([]);
    expect(fuel.left).toBeGreaterThan(30_000);
  });
});
