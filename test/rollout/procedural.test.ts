import { describe, expect, test } from "vitest";
import { Levels, type Procedure, proceduralRows, type Split, splitByContent } from "../../src/rollout/task.ts";

/** Sums of two numbers up to 50·difficulty; 3+4 is 4+3. */
const SUMS: Procedure<{ a: number; b: number }> = {
  name: "sums",
  draw: (rng, difficulty) => ({ a: rng.integer(1, 50 * difficulty), b: rng.integer(1, 50 * difficulty) }),
  content: ({ a, b }) => [a, b].sort((x, y) => x - y).join("+"),
};

function rows(count: number, split: Split, seed: number, levels = "1-5") {
  const found = [];
  for (const row of proceduralRows(SUMS, { split, seed, difficulty: Levels.parse(levels) })) {
    if (found.push(row) === count) break;
  }
  return found;
}

describe("proceduralRows", () => {
  test("no content of 20,000 train rows is one of eval, whatever seeds and levels", () => {
    const evaluation = new Set([...rows(1000, "eval", 1), ...rows(1000, "eval", 1, "1")].map(SUMS.content));
    const train = [...rows(10_000, "train", 1), ...rows(10_000, "train", 2, "1")].map(SUMS.content);
    expect(train.filter((content) => evaluation.has(content))).toEqual([]);
  });

  test("eval is 1,000 distinct problems, the same for every seed; train depends on the seed and never ends", () => {
    const evaluation = rows(5000, "eval", 1);
    expect(new Set(evaluation.map(SUMS.content)).size).toBe(1000);
    expect(evaluation).toHaveLength(1000);
    expect(rows(5000, "eval", 2)).toEqual(evaluation);
    expect(rows(10, "train", 2)).not.toEqual(rows(10, "train", 1));
    expect(rows(10, "train", 1)).toEqual(rows(10, "train", 1));
    expect(rows(5000, "train", 1)).toHaveLength(5000);
  });

  test("eval ends where there are no more problems", () => {
    const all = new Set<string>();
    for (let a = 1; a <= 50; a++) for (let b = a; b <= 50; b++) all.add(`${a}+${b}`);
    const ofEval = [...all].filter((content) => splitByContent(content) === "eval");
    expect(new Set(rows(5000, "eval", 1, "1").map(SUMS.content))).toEqual(new Set(ofEval));
  });

  test("levels come as often as the mixture says", () => {
    const drawn = rows(4000, "train", 3, "1:3,5:1").map(({ difficulty }) => difficulty);
    const share = drawn.filter((level) => level === 1).length / drawn.length;
    expect(new Set(drawn)).toEqual(new Set([1, 5]));
    expect(share).toBeGreaterThan(0.7); // 0.75, with a standard deviation of 0.007
    expect(share).toBeLessThan(0.8);
  });

  test("ids are unique and say the split", () => {
    expect(rows(3, "eval", 1).map(({ id }) => id)).toEqual(["eval-0", "eval-1", "eval-2"]);
    expect(new Set(rows(2000, "train", 1).map(({ id }) => id)).size).toBe(2000);
  });

  test("a draw that never succeeds is an error, not a loop without end", () => {
    const never = { ...SUMS, draw: () => null };
    const stream = proceduralRows(never, { split: "train", seed: 1, difficulty: Levels.parse("1") });
    expect(() => stream.next()).toThrow(/sums draws no train problem in 20000 tries/);
  });
});

describe("splitByContent", () => {
  test("one content in five is eval, and the last bit of its bytes does not tell", () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `${i}`);
    const share = (chosen: readonly string[]) =>
      chosen.filter((text) => splitByContent(text) === "eval").length / chosen.length;
    expect(Math.abs(share(texts) - 0.2)).toBeLessThan(0.012); // four standard deviations
    const parity = (text: string) => [...text].reduce((sum, digit) => sum + Number(digit), 0) % 2;
    for (const odd of [0, 1])
      expect(Math.abs(share(texts.filter((text) => parity(text) === odd)) - 0.2)).toBeLessThan(0.016);
  });
});
