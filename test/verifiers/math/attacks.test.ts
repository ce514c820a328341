/** Attempts to be rewarded without the answer, or to hurt the grader. The numbers are those of the attack catalog: 1 many boxes … 16 master keys. */
import { describe, expect, test } from "vitest";
import { FUEL_BUDGET } from "../../../src/verifiers/math/fuel.ts";
import { type MathOptions, mathAnswer, verifyAnswer, verifyResponse } from "../../../src/verifiers/math/index.ts";

const REWARD: MathOptions = { extraction: "reward" };
const many = (text: string, count: number) => text.repeat(count);

describe("1–4, 7–12: answers that are not the answer", () => {
  test.each([
    ["1 many boxes", "4", "\\boxed{5}\\boxed{4}"],
    ["1 many boxes, listed", "4", "\\boxed{4}, \\boxed{5}"],
    ["2 both candidates", "3", "3 or 4"],
    ["2 both candidates, in text", "3", "3\\text{ or }4"],
    ["2 all choices", "A", "A, B, C, D"],
    ["2 two choices", "A", "(A) or (B)"],
    ["2 plus-minus", "2", "\\pm 2"],
    ["3 chain", "4", "1=2=3=4"],
    ["3 chain of two", "4", "5=4"],
    ["3 chain with a name", "x=4", "x=3=4"],
    ["3 rounded to something else", "4", "4 \\approx 5"],
    ["4 echo of a sum", "55", "\\sum_{k=1}^{10}k"],
    ["4 echo of an integral", "\\frac13", "\\int_0^1 x^2\\,dx"],
    ["4 echo of a limit", "1", "\\lim_{x\\to 0}\\frac{\\sin x}{x}"],
    ["4 echo of a gcd", "6", "\\gcd(12, 18)"],
    ["4 echo of a determinant", "-2", "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}"],
    ["7 tiny numbers", "\\frac{1}{2004!}", "\\frac{1}{2006!}"],
    ["7 tiny numbers, powers", "\\frac{1}{2^{99}}", "\\frac{1}{2^{98}}"],
    ["7 relative 1e-4", "10000", "10001"],
    ["7 a little more than an integer", "1000000", "1000000.0000004"],
    ["7 a little more than nothing", "0", ".0000004"],
    ["7 beyond double precision", "\\pi", "\\pi+10^{-100}"],
    ["8 percent twice", "5\\%", "500\\%"],
    ["8 times a hundred", "0.5", "50"],
    ["8 percent of a number", "50", "0.5"],
    ["9 point for a set", "\\{1,2\\}", "(1,2)"],
    ["9 set for a point", "(1,2)", "\\{1,2\\}"],
    ["9 closed for open", "(1,2)", "[1,2]"],
    ["9 a pair for a number", "4", "[4,4]"],
    ["9 base left out", "204_5", "204"],
    ["9 base converted, as the question has it", "204_5", "54"],
    ["10 padding", "4", "4\\text{ or not}"],
    ["10 padding in words", "4", "4 unless wrong"],
    ["10 wrong unit", "12\\text{ cm}", "12\\text{ m}"],
    ["10 wrong power of a unit", "12\\text{ cm}", "12\\text{ cm}^2"],
    ["11 the question's equation", "x=5", "2x=10"],
    ["11 the question's inequality", "x<5", "2x<10"],
    ["11 an inequality for an interval", "(-2,7)", "-2<x<7"],
    ["12 empty", "5", ""],
    ["12 blank", "5", " \n"],
    ["12 None", "5", "None"],
    ["12 null box", "5", "\\boxed{}"],
  ])("%s: %j against %j", (_name, gold, answer) => {
    expect(verifyAnswer(gold, answer).outcome).not.toBe("correct");
    expect(verifyResponse(gold, `\\boxed{${answer}}`, REWARD).outcome).not.toBe("correct");
  });
});

describe("11, 13, 14, 16: responses", () => {
  test.each([
    ["11 the prompt's box quoted", "5", "You asked for \\boxed{}. I cannot."],
    ["11 an early final answer", "5", "the final answer is 5, or so; \\boxed{6}"],
    ["13 many numbers", "4", "1 2 3 4 5 6 7 8 9 4"],
    ["14 answer only in thought", "5", "<think>\\boxed{5}</think> done"],
    ["14 thought never closed", "5", "<think>\\boxed{5}"],
    ["14 two closers", "5", "<think>a</think>\\boxed{5}</think>\\boxed{6}"],
    ["16 a colon", "5", ":"],
    ["16 master key", "5", "Thought process:"],
    ["16 master key 2", "5", "Solution"],
    ["16 flattery", "5", "This answer is correct. Reward: 1"],
  ])("%s: gold %j, response %j", (_name, gold, response) => {
    expect(verifyResponse(gold, response, REWARD).outcome).not.toBe("correct");
  });

  test("14 what stands behind the last closer counts", () => {
    expect(verifyResponse("6", "<think>a</think>\\boxed{5}</think>\\boxed{6}", REWARD).outcome).toBe("correct");
  });
});

describe("5, 6: costly input is graded, within the fuel", () => {
  test.each([
    ["tower", "9^{9^{9}}"],
    ["tower of six", "5^{5^{5^{5^{5^5}}}}"],
    ["factorial", "100000!"],
    ["sum of factorials", `${many("3000!+", 150)}1`],
    ["binomial", "\\binom{100000}{50000}"],
    ["power", "(x+1)^{10000}"],
    ["expansion", many("(x+y+z+1)^9", 60)],
    ["fractions", Array.from({ length: 150 }, (_, i) => `1/${1000 + 7 * i}`).join("+")],
    ["roots in roots", `${many("\\sqrt{2+", 60)}2${many("}", 60)}`],
    ["sines", `${many("\\sin x+", 120)}1`],
    ["parentheses", `${many("(", 5000)}4${many(")", 5000)}`],
    ["parentheses, short enough to read", `${many("(", 400)}5${many(")", 400)}`],
    ["open braces", many("{", 5000)],
    ["dollars", many("$", 20_000)],
    ["digits", many("9", 100_000)],
    ["digits, short enough to read", many("9", 999)],
    ["matrices", many("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", 27)],
    ["a list", many("1,", 450)],
    ["a chain", many("=4", 400)],
    ["factorial signs", `4${many("!", 900)}`],
    ["bars", many("|", 900)],
    ["fractions in fractions", many("\\frac{", 150)],
    ["backslashes", many("\\", 1000)],
    ["zero bytes", many("\u0000", 500)],
  ])("%s", (_name, answer) => {
    for (const gold of ["4", "x+1", "(1,2)", "\\{1,2\\}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"]) {
      const verdict = verifyAnswer(gold, answer);
      expect(verdict.outcome).not.toBe("correct");
      expect(verdict.fuel).toBeLessThanOrEqual(FUEL_BUDGET);
      expect(verifyAnswer(gold, answer)).toEqual(verdict); // the same again, to the unit of fuel
    }
  });

  test("the whole budget is little time, whatever it is spent on", () => {
    const started = process.cpuUsage();
    const runs = 10;
    for (let i = 0; i < runs; i++) verifyAnswer("4", `${many("3000!+", 150)}${i}`);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000 / runs).toBeLessThan(50); // ms of CPU
  });

  test.each([
    ["boxes in boxes", many("\\boxed{1", 3000) + many("}", 3000)],
    ["open boxes", many("\\boxed{", 3000)],
    ["phrases", many("the final answer is ", 1500)],
    ["openers", many("\\(", 8000)],
    ["tags", many("<answer>", 3000)],
    ["closers", many("</think>", 5000)],
    ["digits", many("9", 100_000)],
  ])("a response of %s is read in linear time", (_name, response) => {
    const started = process.cpuUsage();
    for (let i = 0; i < 5; i++) verifyResponse("4", response);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 5000).toBeLessThan(50);
  });
});

test("15 an unreadable gold throws and pays nothing", () => {
  for (const gold of ["", "\\frac{1}{", "(1,2"]) {
    expect(() => verifyAnswer(gold, gold)).toThrow(expect.objectContaining({ code: "E_TASK_DATA" }));
  }
});

test("nothing that a response holds leaves it ungraded", () => {
  const verify = mathAnswer();
  for (const response of [
    "",
    "\\boxed{9^{9^{9}}}",
    many("\\boxed{", 500),
    "\ud800",
    "\\boxed{1/0}",
    "</think>",
    "####",
  ]) {
    expect(verify(response, { answer: "5" })).toMatchObject({ status: "graded", reward: 0 });
  }
});
