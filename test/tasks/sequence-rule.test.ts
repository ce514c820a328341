import { describe, expect, test } from "vitest";
import { explanations, FAMILIES } from "../../tasks/sequence-rule/rules.ts";
import task from "../../tasks/sequence-rule/task.ts";
import { expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no sequence; solutions are right and fit", () => expectSoundRows(task, ({ terms }) => terms.join()));

const range = (low: number, high: number) => Array.from({ length: high - low + 1 }, (_, i) => low + i);

/**
 * Every sequence of the eleven families that begins as the terms do, by trying parameters: a rule is run forward from its
 * first terms and compared. It shares nothing with the task's own way of reading a sequence.
 */
function nextByTrying(terms: readonly number[]): Set<number> {
  const found = new Set<number>();
  const [t0, t1, t2] = terms as [number, number, number];
  const run = (first: readonly number[], next: (before: readonly number[]) => number) => {
    const built = [...first];
    while (built.length <= terms.length) {
      if (built.at(-1) !== terms[built.length - 1]) return;
      built.push(next(built));
    }
    found.add((built.at(-1) as number) + 0);
  };
  const at = (before: readonly number[], back: number) => before.at(-back) as number;
  run([t0], (b) => at(b, 1) + (t1 - t0)); // arithmetic
  for (const factor of range(-9, 9)) {
    run([t0], (b) => at(b, 1) * factor); // geometric
    const added = t1 - factor * t0;
    run([t0], (b) => at(b, 1) * factor + added); // affine: the second term gives what is added
    run([t0], (b) => (b.length % 2 === 1 ? at(b, 1) * factor : at(b, 1) + (t2 - t1))); // times, plus
    run([t0], (b) => (b.length % 2 === 0 ? at(b, 1) * factor : at(b, 1) + (t1 - t0))); // plus, times
    for (const other of range(-9, 9)) run([t0, t1], (b) => factor * at(b, 1) + other * at(b, 2)); // second order
  }
  run([t0, t1], (b) => at(b, 1) + (b.length % 2 === 1 ? t1 - t0 : t2 - t1)); // two steps in turn
  run([t0, t1], (b) => at(b, 1) + at(b, 2));
  run([t0, t1, t2], (b) => at(b, 1) + at(b, 2) + at(b, 3));
  const [u, v] = [t2 - t0, (terms[3] as number) - t1];
  run([t0, t1], (b) => at(b, 2) + (b.length % 2 === 0 ? u : v)); // two sequences in turn
  // polynomials of degree 2 and 3 continue with a third or fourth difference of 0
  run(terms.slice(0, 3), (b) => 3 * at(b, 1) - 3 * at(b, 2) + at(b, 3));
  run(terms.slice(0, 4), (b) => 4 * at(b, 1) - 6 * at(b, 2) + 4 * at(b, 3) - at(b, 4));
  return found;
}

describe.each(LEVELS)("difficulty %d", (level) => {
  test("rules found by trying parameters give one next term: the answer", async () => {
    for (const { terms, answer } of await rowsOf(task, level)) {
      expect({ terms, next: [...nextByTrying(terms)] }).toEqual({ terms, next: [answer] });
    }
  });

  test("the simplest explanation is the one that is written down", async () => {
    for (const { terms, why, answer } of await rowsOf(task, level)) {
      expect(explanations(terms)[0]).toEqual({ why, next: answer });
    }
  });
});

describe("explain", () => {
  test.each([
    ["arithmetic", [3, 7, 11, 15, 19], 23],
    ["geometric", [3, -6, 12, -24, 48], -96],
    ["alternating-steps", [1, 4, 3, 6, 5, 8], 7],
    ["quadratic", [1, 4, 9, 16, 25, 36], 49],
    ["affine", [1, 3, 7, 15, 31], 63],
    ["sum-of-two", [1, 1, 2, 3, 5, 8], 13],
    ["interleaved", [1, 10, 3, 8, 5, 6], 7],
    ["times-plus", [2, 6, 7, 21, 22, 66], 67],
    ["times-plus", [0, 0, 5, 10, 15, 30], 35], // 0 times 2 hides the factor at first
    ["times-plus", [1, 4, 8, 11, 22, 25], 50],
    ["second-order", [1, 2, 5, 12, 29, 70], 169], // Pell numbers
    ["sum-of-three", [1, 1, 2, 4, 7, 13, 24], 44],
    ["cubic", [1, 8, 27, 64, 125, 216], 343],
  ] as const)("%s: %j goes on with %d", (family, terms, next) => {
    expect(FAMILIES[family].explain(terms)?.next).toBe(next);
  });

  test.each([
    ["arithmetic", [3, 7, 11, 15, 20]],
    ["geometric", [4, 6, 9]], // the factor is not whole
    ["affine", [5, 5, 5, 5]],
    ["cubic", [1, 8, 27, 64, 125, 217]],
    ["interleaved", [1, 10, 3, 8, 5, 7]],
  ] as const)("%s does not explain %j", (family, terms) => {
    expect(FAMILIES[family].explain(terms)).toBe(null);
  });

  test("where families disagree, all of them are heard", () => {
    // 1, 2, 4 doubles, or its steps grow by one, or each is the sum of those before and one more
    const next = new Set(explanations([1, 2, 4]).map((one) => one.next));
    expect(next.has(8)).toBe(true);
    expect(next.size).toBeGreaterThan(1);
  });
});
