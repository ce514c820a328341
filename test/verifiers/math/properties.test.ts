import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MathOptions, verifyAnswer, verifyResponse } from "../../../src/verifiers/math/index.ts";

const equal = (gold: string, answer: string, options?: MathOptions) =>
  verifyAnswer(gold, answer, options).outcome === "correct";

/** A formula as LaTeX, and the same with one literal changed. All parts are positive, so a changed literal changes it. */
interface Formula {
  readonly text: string;
  readonly changed: string;
}

const digit = fc.integer({ min: 2, max: 60 });

const literal: fc.Arbitrary<Formula> = fc.oneof(
  digit.map((n) => ({ text: `${n}`, changed: `${n + 1}` })),
  fc.tuple(digit, digit).map(([n, d]) => ({ text: `\\frac{${n}}{${d}}`, changed: `\\frac{${n + 1}}{${d}}` })),
  digit.map((n) => ({ text: `\\sqrt{${n}}`, changed: `\\sqrt{${n + 1}}` })),
  digit.map((n) => ({ text: `${n}\\pi`, changed: `${n + 1}\\pi` })),
  digit.map((n) => ({ text: `${n}.5`, changed: `${n}.6` })),
  digit.map((n) => ({ text: `${n}x^{2}`, changed: `${n + 1}x^{2}` })),
  fc.integer({ min: 2, max: 6 }).map((n) => ({ text: `x^{${n}}`, changed: `x^{${n + 1}}` })),
);

const formula: fc.Arbitrary<Formula> = fc.letrec<{ node: Formula }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    literal,
    fc
      .tuple(tie("node"), literal)
      .map(([a, b]) => ({ text: `${a.text}+${b.text}`, changed: `${a.changed}+${b.text}` })),
    fc.tuple(tie("node"), literal).map(([a, b]) => ({
      text: `\\left(${a.text}\\right)\\cdot ${b.text}`,
      changed: `\\left(${a.changed}\\right)\\cdot ${b.text}`,
    })),
    fc
      .tuple(tie("node"), literal)
      .map(([a, b]) => ({ text: `\\frac{${a.text}}{${b.text}}`, changed: `\\frac{${a.changed}}{${b.text}}` })),
    tie("node").map(({ text, changed }) => ({ text: `\\sqrt{${text}}`, changed: `\\sqrt{${changed}}` })),
    tie("node").map(({ text, changed }) => ({
      text: `-\\left(${text}\\right)`,
      changed: `-\\left(${changed}\\right)`,
    })),
  ),
})).node;

/** Rewritings that mean nothing. */
const REWRITINGS: readonly ((text: string) => string)[] = [
  (text) => text.replaceAll("\\frac", "\\dfrac"),
  (text) => text.replaceAll("\\frac", "\\tfrac"),
  (text) => text.replaceAll("\\left", "").replaceAll("\\right", ""),
  (text) => text.replaceAll("\\left", "\\bigl").replaceAll("\\right", "\\bigr"),
  (text) => text.replaceAll("+", " + ").replaceAll("-", "- "),
  (text) => text.replaceAll("\\cdot ", "\\times "),
  (text) => text.replaceAll("\\cdot ", "*"),
  (text) => text.replaceAll("\\cdot ", "·"),
  (text) => text.replaceAll("-", "−"),
  (text) => text.replaceAll("\\pi", "π"),
  (text) => text.replaceAll("x^{2}", "x²"),
  (text) => `$${text}$`,
  (text) => `\\(${text}\\)`,
  (text) => `\\boxed{${text}}`,
  (text) => `{${text}}`,
  (text) => `\\left(${text}\\right)`,
  (text) => `\\displaystyle ${text}.`,
  (text) => text.replaceAll("\\", "\\\\"),
  (text) => text.replaceAll("+", "\\,+\\;"),
  (text) => `y = ${text}`,
];

const RUNS = { numRuns: 250 };

describe("equality", () => {
  test("is reflexive", () => {
    fc.assert(
      fc.property(formula, ({ text }) => equal(text, text)),
      RUNS,
    );
  });

  test("does not change under rewriting, on either side", () => {
    fc.assert(
      fc.property(formula, fc.constantFrom(...REWRITINGS), ({ text }, rewrite) => {
        expect(equal(text, rewrite(text))).toBe(true);
        expect(equal(rewrite(text), text)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test("is refused when one literal changes, whatever the rewriting", () => {
    fc.assert(
      fc.property(formula, fc.constantFrom(...REWRITINGS), ({ text, changed }, rewrite) => {
        expect(equal(text, rewrite(changed))).toBe(false);
        expect(equal(changed, rewrite(text))).toBe(false);
      }),
      { numRuns: 600 },
    );
  });

  test("is refused when the sign changes", () => {
    fc.assert(
      fc.property(formula, ({ text }) => !equal(text, `-(${text})`) && !equal(`-(${text})`, text)),
      RUNS,
    );
  });

  test("is symmetric for formulas", () => {
    fc.assert(
      fc.property(formula, formula, (a, b) => equal(a.text, b.text) === equal(b.text, a.text)),
      RUNS,
    );
  });

  test("holds for sums and products in another order and expanded", () => {
    fc.assert(
      fc.property(formula, literal, literal, (a, b, c) => {
        expect(equal(`(${a.text})+${b.text}`, `${b.text}+(${a.text})`)).toBe(true);
        expect(
          equal(`(${a.text})(${b.text}+${c.text})`, `(${a.text})\\cdot ${b.text}+${c.text}\\cdot(${a.text})`),
        ).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe("numbers", () => {
  const big = fc.bigInt({ min: 0n, max: 10n ** 30n });
  const grouped = (n: bigint, separator: string) => String(n).replaceAll(/\B(?=(\d{3})+(?!\d))/g, separator);

  test("thousands separators of every kind mean nothing", () => {
    fc.assert(
      fc.property(big, fc.constantFrom(",", "{,}", ",\\!", "\\,", " "), (n, separator) => {
        expect(equal(String(n), grouped(n, separator))).toBe(true);
        expect(equal(String(n), `-${grouped(n + 1n, separator)}`)).toBe(false);
        expect(equal(String(n), grouped(n + 1n, separator))).toBe(false);
      }),
      RUNS,
    );
  });

  test("a fraction is its multiples and its decimals, and no neighbor", () => {
    fc.assert(
      fc.property(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 1, max: 64 }), digit, (n, d, k) => {
        expect(equal(`${n}/${d}`, `\\frac{${n * k}}{${d * k}}`)).toBe(true);
        expect(equal(`${n}/${d}`, `\\frac{${n * k + 1}}{${d * k}}`)).toBe(false);
        if (64 % d === 0) expect(equal(`\\frac{${n}}{${d}}`, (n / d).toFixed(6))).toBe(true);
      }),
      RUNS,
    );
  });

  test("a changed digit, a dropped digit or a moved point is another number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n, max: 10n ** 25n }), fc.nat(24), fc.integer({ min: 1, max: 9 }), (n, at, by) => {
        const text = String(n);
        const place = at % text.length;
        const other = (Number(text[place]) + by) % 10;
        expect(equal(text, `${text.slice(0, place)}${other}${text.slice(place + 1)}`)).toBe(false);
        expect(equal(text, text.slice(1))).toBe(false);
        expect(equal(text, `${text}0`)).toBe(false);
      }),
      RUNS,
    );
  });
});

describe("structures", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 2, maxLength: 6 });

  test("sets and lists: any order, no member missing, extra or changed", () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.constantFrom(["\\{", "\\}"], ["", ""]), (items, seed, [open, close]) => {
        const gold = `${open}${items.join(",")}${close}`;
        const turned = items
          .slice(seed % items.length)
          .concat(items.slice(0, seed % items.length))
          .reverse();
        const at = seed % items.length;
        const wrap = (list: readonly number[]) => `${open}${list.join(", ")}${close}`;
        expect(equal(gold, wrap(turned))).toBe(true);
        expect(equal(gold, wrap(items.with(at, 1000)))).toBe(false);
        expect(equal(gold, wrap([...items, 1000]))).toBe(false);
        if (items.length > 2) expect(equal(gold, wrap(items.toSpliced(at, 1)))).toBe(false);
      }),
      RUNS,
    );
  });

  test("tuples keep their order", () => {
    fc.assert(
      fc.property(numbers, (items) => {
        expect(equal(`(${items.join(",")})`, `\\left( ${items.join(" , ")} \\right)`)).toBe(true);
        expect(equal(`(${items.join(",")})`, `(${[...items].reverse().join(",")})`)).toBe(false);
        expect(equal(`(${items.join(",")})`, `\\{${items.join(",")}\\}`)).toBe(false);
      }),
      RUNS,
    );
  });

  test("intervals: ends and openness count", () => {
    const ends = fc.tuple(fc.integer({ min: -50, max: 49 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(ends, fc.constantFrom("(", "["), fc.constantFrom(")", "]"), ([low, width], open, close) => {
        const high = low + width;
        const gold = `${open}${low},${high}${close}`;
        const [flipOpen, flipClose] = [open === "(" ? "[" : "(", close === ")" ? "]" : ")"];
        expect(equal(gold, `\\left${open}${low}, \\frac{${2 * high}}{2}\\right${close}`)).toBe(true);
        expect(equal(gold, `${flipOpen}${low},${high}${close}`)).toBe(false);
        expect(equal(gold, `${open}${low},${high}${flipClose}`)).toBe(false);
        expect(equal(gold, `${open}${low},${high + 1}${close}`)).toBe(false);
        const [lower, upper] = [open === "(" ? "<" : "\\le", close === ")" ? "<" : "\\le"];
        expect(equal(`${low}${lower} x${upper} ${high}`, gold)).toBe(true);
      }),
      RUNS,
    );
  });

  test("an interval cut in two is the whole", () => {
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), digit, digit, (low, a, b) => {
        const [middle, high] = [low + a, low + a + b];
        expect(equal(`[${low},${high})`, `[${low},${middle}]\\cup(${middle},${high})`)).toBe(true);
        expect(equal(`[${low},${high})`, `[${low},${middle})\\cup(${middle},${high})`)).toBe(false);
      }),
      RUNS,
    );
  });

  test("matrices, entry by entry", () => {
    fc.assert(
      fc.property(fc.array(digit, { minLength: 4, maxLength: 4 }), fc.nat(3), (entries, at) => {
        const matrix = (kind: string, [a, b, c, d]: readonly number[]) =>
          `\\begin{${kind}} ${a} & ${b} \\\\ ${c} & ${d} \\end{${kind}}`;
        expect(equal(matrix("pmatrix", entries), matrix("bmatrix", entries))).toBe(true);
        expect(equal(matrix("pmatrix", entries), matrix("pmatrix", entries.with(at, entries[at]! + 1)))).toBe(false);
      }),
      RUNS,
    );
  });

  test("equations up to a factor", () => {
    fc.assert(
      fc.property(digit, digit, digit, digit, (a, b, c, k) => {
        expect(equal(`${a}x+${b}y=${c}`, `${-a * k}x-${b * k}y=${-c * k}`)).toBe(true);
        expect(equal(`${a}x+${b}y=${c}`, `${a * k}x+${b * k}y=${c * k + 1}`)).toBe(false);
        expect(equal(`x<${c}`, `-x>-${c}`)).toBe(true);
        expect(equal(`x<${c}`, `x>${c}`)).toBe(false);
        expect(equal(`x<${c}`, `x\\le${c}`)).toBe(false);
      }),
      RUNS,
    );
  });
});

describe("whatever the bytes", () => {
  const salad = fc
    .array(
      fc.constantFrom(
        ...[
          "\\frac",
          "{",
          "}",
          "(",
          ")",
          "[",
          "]",
          "\\{",
          "\\}",
          "1",
          "23",
          ".",
          ",",
          "+",
          "-",
          "^",
          "_",
          "x",
          "e",
          "i",
        ],
        ...[
          "\\sqrt",
          "\\sin",
          "\\pi",
          "=",
          "<",
          "\\le",
          "|",
          "!",
          "%",
          "\\text{a}",
          "\\begin{pmatrix}",
          "\\end{pmatrix}",
        ],
        ...[
          "&",
          "\\\\",
          "\\pm",
          "\\cup",
          "\\in",
          "\\infty",
          " ",
          "$",
          "\\boxed{",
          ":",
          ";",
          "or",
          "and",
          "cm",
          "\\circ",
        ],
        ...[
          "\\left",
          "\\right",
          "\\sum",
          "°",
          "²",
          "½",
          "∞",
          "9",
          "0",
          "/",
          "*",
          "\\log",
          "\\binom",
          "\\cdot",
          "'",
          "\\mid",
        ],
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(""));

  test("random text and token salad give a verdict, twice the same", () => {
    fc.assert(
      fc.property(
        fc.oneof(salad, fc.string({ unit: "binary", maxLength: 200 }), fc.string()),
        fc.constantFrom("5", "x^2", "(1,2]", "A", "\\{1,2\\}", "x<3"),
        (text, gold) => {
          const verdict = verifyAnswer(gold, text);
          expect(["correct", "incorrect", "unparsed"]).toContain(verdict.outcome);
          expect(verifyAnswer(gold, text)).toEqual(verdict);
          const response = verifyResponse(gold, text);
          expect(["correct", "incorrect", "unparsed"]).toContain(response.outcome);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("salad that can be read is equal to itself", () => {
    fc.assert(
      fc.property(salad, (text) => {
        let verdict: ReturnType<typeof verifyAnswer>;
        try {
          verdict = verifyAnswer(text, text);
        } catch (error) {
          expect(error).toMatchObject({ code: "E_TASK_DATA" });
          return;
        }
        expect(["correct", "unparsed", "incorrect"]).toContain(verdict.outcome);
        if (!text.includes("\\boxed")) expect(verdict.outcome).toBe("correct");
      }),
      { numRuns: 1000 },
    );
  });
});
