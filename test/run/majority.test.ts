import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { majorityAtK, type Vote } from "../../src/run/majority.ts";

const votes = (text: string): Vote[] =>
  [...text].map((answer) => ({ answer: answer === "." ? null : answer, correct: answer === "a" }));

/** All draws, one by one. */
function byEnumeration(all: readonly Vote[], k: number): number {
  const scores: number[] = [];
  const draw = (from: number, drawn: readonly Vote[]): void => {
    if (drawn.length === k) {
      scores.push(score(drawn));
      return;
    }
    for (let i = from; i < all.length; i++) draw(i + 1, [...drawn, all[i]!]);
  };
  draw(0, []);
  return scores.reduce((sum, one) => sum + one, 0) / scores.length;
}

function score(drawn: readonly Vote[]): number {
  const counts = new Map<string, number>();
  for (const { answer } of drawn) if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const top = Math.max(0, ...counts.values());
  const winners = [...counts].filter(([, size]) => size === top);
  return winners.some(([answer]) => answer === "a") ? 1 / winners.length : 0;
}

describe("majorityAtK", () => {
  test.each([
    ["aab", 3, 1], // two of three
    ["aab", 1, 2 / 3], // one draw is accuracy
    ["ab", 2, 1 / 2], // a tie is broken evenly
    ["abc", 3, 1 / 3],
    ["aabb", 3, 1 / 2], // by symmetry
    ["a..", 3, 1], // those without an answer do not vote
    ["...", 2, 0],
    ["bbb", 2, 0],
  ])("%s, k=%i", (text, k, expected) => {
    expect(majorityAtK(votes(text), k)).toBeCloseTo(expected, 12);
  });

  test("is the mean over all draws", () => {
    const answers = fc.array(fc.constantFrom("a", "b", "c", "d", "."), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(answers, fc.nat(), (letters, seed) => {
        const all = votes(letters.join(""));
        const k = 1 + (seed % all.length);
        expect(majorityAtK(all, k)).toBeCloseTo(byEnumeration(all, k), 9);
      }),
      { numRuns: 60 },
    );
  });

  test("one answer with two verdicts counts as far as it was right", () => {
    const mixed: Vote[] = [
      { answer: "7", correct: true },
      { answer: "7", correct: false },
    ];
    expect(majorityAtK(mixed, 2)).toBe(0.5);
  });

  test("64 of 256 is quick", () => {
    const many = votes(["a".repeat(100), "b".repeat(80), "cdefgh".repeat(12), "...."].join(""));
    expect(majorityAtK(many, 64)).toBeGreaterThan(0.8);
  });
});
