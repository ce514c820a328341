import { evaluate } from "mathjs";
import { describe, expect, test } from "vitest";
import { combine, formulaText } from "../../tasks/boolean-evaluation/formulas.ts";
import task from "../../tasks/boolean-evaluation/task.ts";
import { expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no problem, in whatever order of formulas; solutions are right and fit", () =>
  expectSoundRows(task, ({ values, formulas }) => JSON.stringify([values, formulas.toSorted()])));

describe.each(LEVELS)("difficulty %d", (level) => {
  test("mathjs gives the same values", async () => {
    for (const { values, formulas, answer } of await rowsOf(task, level)) {
      // a implies b is a ≤ b for truth values; every part has its parentheses
      const got = formulas.map((formula) => evaluate(formula.replaceAll("implies", "<="), { ...values }));
      expect(got).toEqual(answer);
    }
  });

  test("every written step is true by the operator's table", async () => {
    const letter = (text: string | undefined) => text === "T";
    for (const { formulas, steps } of await rowsOf(task, level)) {
      for (const [i, text] of steps.entries()) {
        const written = [...text.matchAll(/(?:([TF]) (and|or|xor|implies) |(not) )([TF])=([TF])/g)];
        expect(written).toHaveLength([...(formulas[i] as string).matchAll(/and|or\b|implies|not/g)].length);
        for (const [, left, operator, not, right, result] of written) {
          const value = not ? !letter(right) : combine(letter(left), operator as "and", letter(right));
          expect(value).toBe(letter(result));
        }
      }
    }
  });

  test("each of the four is true about half of the time", async () => {
    const rows = await rowsOf(task, level);
    for (const i of [0, 1, 2, 3]) {
      const share = rows.filter(({ answer }) => answer[i]).length / rows.length;
      expect(Math.abs(share - 0.5)).toBeLessThan(0.1); // four standard deviations
    }
  });
});

test("the tables of the operators", () => {
  const pairs = [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const;
  const table = (operator: Parameters<typeof combine>[1]) =>
    pairs.map(([a, b]) => Number(combine(a, operator, b))).join("");
  expect([table("and"), table("or"), table("xor"), table("implies")]).toEqual(["0001", "0111", "0110", "1101"]);
});

test("operators within others have their parentheses", () => {
  const [p, q] = [
    { kind: "name", name: "p" },
    { kind: "name", name: "q" },
  ] as const;
  const both = { kind: "and", left: p, right: { kind: "not", inner: q } } as const;
  expect(formulaText(both)).toBe("p and not q");
  expect(formulaText({ kind: "not", inner: both })).toBe("not (p and not q)");
  expect(formulaText({ kind: "implies", left: both, right: p })).toBe("(p and not q) implies p");
});

describe("verify", () => {
  const row = {
    ...{ id: "x", difficulty: 1, values: { p: true, q: false } },
    formulas: ["p and q", "p or q", "not p", "q or p"],
    steps: ["T and F=F", "T or F=T", "not T=F", "F or T=T"],
    answer: [false, true, false, true],
  };

  test.each([
    ["F T F T", 1, "correct", 4],
    ["f, t, f, t", 1, "correct", 4],
    ["False True False True", 1, "correct", 4],
    ["T T F T", 0, "incorrect", 3],
    ["T F T F", 0, "incorrect", 0],
  ])("%j gets %d, %s, %d right", async (answer, reward, outcome, right) => {
    expect(await task.verify(`<answer>${answer}</answer>`, row)).toMatchObject({ reward, outcome, metrics: { right } });
  });

  test.each(["FTFT", "F T F", "F T F T T", "1. F 2. T 3. F 4. T", "F or T, T, F, T", "? ? ? ?", "T F ".repeat(5000)])(
    "%j is unparsed",
    async (answer) => {
      expect(await task.verify(`<answer>${answer}</answer>`, row)).toMatchObject({ reward: 0, outcome: "unparsed" });
    },
  );
});
