/** Figures from RapidFuzz 3.14.6 (normalized Levenshtein, Jaro–Winkler). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jaroWinkler, levenshteinSimilarity } from "../../../src/verifiers/text/edit-distance.ts";
import { shownText } from "../../../src/verifiers/text/shown-text.ts";
import { similarity } from "../../../src/verifiers/text/similarity.ts";

describe("levenshteinSimilarity and jaroWinkler", () => {
  test.each([
    ["MARTHA", "MARHTA", 0.66666667, 0.96111111],
    ["DIXON", "DICKSONX", 0.5, 0.81333333],
    ["DWAYNE", "DUANE", 0.66666667, 0.84],
    ["kitten", "sitting", 0.57142857, 0.74603175],
    ["flaw", "lawn", 0.5, 0.83333333],
    ["", "abc", 0, 0],
    ["abc", "abc", 1, 1],
    ["JELLYFISH", "SMELLYFISH", 0.8, 0.8962963],
    ["crate", "trace", 0.6, 0.73333333],
    ["résumé", "resume", 0.66666667, 0.8],
    ["ab", "ba", 0, 0],
    ["a", "b", 0, 0],
    ["\u{1d4b3}y", "\u{1d4b3}z", 0.5, 0.66666667],
  ])("of %j and %j are %d and %d", (a, b, levenshtein, winkler) => {
    expect(levenshteinSimilarity(a, b)).toBeCloseTo(levenshtein, 7);
    expect(jaroWinkler(a, b)).toBeCloseTo(winkler, 7);
  });

  test("are symmetric, 1 for equal texts alone, and in [0, 1]", () => {
    const short = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(levenshteinSimilarity(a, b)).toBe(levenshteinSimilarity(b, a));
        for (const measure of [levenshteinSimilarity, jaroWinkler]) {
          expect(measure(a, b) === 1).toBe(a === b);
          expect(measure(a, b)).toBeGreaterThanOrEqual(0);
          expect(measure(a, b)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe("similarity", () => {
  test.each([
    ["levenshtein", "kitten", "sitting", 0.57142857, "partial"],
    ["jaro-winkler", "MARTHA", "MARHTA", 0.96111111, "partial"],
    // 2 words in common of 5 and 3: P = 2/5, R = 2/3
    ["token-f1", "the Rhine, of course the", "the long Rhine", 0.5, "partial"],
    ["token-f1", "Rhine the long!", "The Rhine: long", 0.99999999, "correct"],
    ["levenshtein", "e\u0301", "\u00e9", 1, "correct"],
    ["levenshtein", "abc", "xyz", 0, "incorrect"],
  ] as const)("%s of %j to %j is %d", (measure, text, answer, reward, outcome) => {
    const verdict = similarity(shownText, { measure })(text, { answer });
    expect(verdict.reward).toBeCloseTo(reward, 7);
    expect(verdict).toMatchObject({ outcome, answer: text });
  });

  test("compares up to 4,096 characters, quickly", () => {
    const [gold, answer] = ["ab".repeat(2048), "ba".repeat(2048)];
    const start = performance.now();
    for (const measure of ["levenshtein", "jaro-winkler", "token-f1"] as const) {
      expect(similarity(shownText, { measure })(answer, { answer: gold }).status).toBe("graded");
      expect(similarity(shownText, { measure })(`${answer}a`, { answer: gold })).toMatchObject({ reward: 0 });
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test("a gold without words and an unknown measure are refused", () => {
    expect(() => similarity(shownText, { measure: "token-f1" })("a", { answer: "!" })).toThrow(/expected words/);
    expect(() => similarity(shownText, { measure: "cosine" as "levenshtein" })).toThrow(/the measure is "cosine"/);
  });
});
