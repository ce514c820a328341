import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  consensus,
  firstWrong,
  type Labeler,
  type LabelTools,
  prefixOf,
  verifiedLabels,
} from "../../src/prm/labels.ts";
import { bisectionLabels, countLabels, hardLabels, hoeffding, softLabels } from "../../src/prm/monte-carlo.ts";
import { Rng } from "../../src/rng.ts";
import { wilson } from "../../src/rollout/intervals.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

const solution = (S: number, correct: boolean | null = false) => ({
  id: "s",
  prompt: Int32Array.of(7, 8),
  completion: Int32Array.from({ length: 2 * S }, (_, t) => t),
  ends: Array.from({ length: S }, (_, k) => 2 * k + 1),
  correct,
});

/** Completions of step k succeed with the chance p[k], as an independent draw for each number. */
function world(p: readonly number[], length = 3): LabelTools & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    completeFrom: async ({ id }, n, first) => {
      asked.push(id);
      const k = Number(id.split("#")[1]);
      return Array.from({ length: n }, (_, i) => {
        const success = new Rng(1, `${id}/${first + i}`).next() < p[k]!;
        return { tokens: length, text: success ? "right" : "wrong" };
      });
    },
    judge: async (text) => text === "right",
  };
}

describe("countLabels", () => {
  type Inputs = { correctCounts: number[]; n: number };
  test.each(vectorsOf<Inputs, { hard: number[]; soft: number[] }>("mathshepherd"))("$id: $name", (vector) => {
    const { hard, soft } = countLabels(vector.inputs.correctCounts, vector.inputs.n);
    expect(hard).toEqual(vector.expected.hard);
    expectAllClose(soft, vector.expected.soft, 1e-12);
  });
});

test("prefixOf: the prompt and the steps so far, that step included", () => {
  expect(prefixOf(solution(3), 1)).toEqual({ id: "s#1", tokens: Int32Array.of(7, 8, 0, 1, 2, 3) });
});

describe("hardLabels", () => {
  test("are those of all N completions, for fewer of them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(0, 0.1, 0.5, 1), { maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
        async (p, N) => {
          const tools = world(p);
          const { labels, spent } = await hardLabels({ rollouts: N })(solution(p.length + 1), tools);
          const all = await Promise.all(
            p.map(async (_, k) => {
              const texts = await tools.completeFrom(prefixOf(solution(p.length + 1), k), N, 0);
              return texts.filter(({ text }) => text === "right").length;
            }),
          );
          expect(labels).toEqual([...countLabels(all, N).hard, 0]);
          expect(spent.rollouts).toBeLessThanOrEqual(N * p.length);
          expect(spent.tokens).toBe(3 * spent.rollouts);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("a sure success costs one completion, a sure failure N; the last step costs none", async () => {
    const { labels, spent } = await hardLabels({ rollouts: 8 })(solution(3), world([1, 0]));
    expect(labels).toEqual([1, 0, 0]);
    expect(spent).toEqual({ rollouts: 9, tokens: 27 });
    expect((await hardLabels({ rollouts: 8 })(solution(1, true), world([]))).labels).toEqual([1]);
  });

  test("what nobody could judge is not known", async () => {
    const tools = { ...world([1]), judge: async () => null };
    expect((await hardLabels({ rollouts: 2 })(solution(2, null), tools)).labels).toEqual([null, null]);
  });
});

describe("softLabels", () => {
  test("are the share of successes, and within the bound of the truth", async () => {
    const p = [0.9, 0.5, 0.1];
    const { labels, spent } = await softLabels({ rollouts: 400, width: 0, bound: wilson })(solution(4), world(p));
    expect(spent.rollouts).toBe(1200);
    for (const [k, share] of p.entries()) expect(Math.abs(labels[k]! - share)).toBeLessThan(0.07);
  });

  test("stop when the interval is narrow: sooner where the share is near 0 or 1", async () => {
    const rollouts = async (p: number) =>
      (await softLabels({ rollouts: 4096, width: 0.2, bound: wilson })(solution(2), world([p]))).spent.rollouts;
    expect(await rollouts(0)).toBe(16); // Wilson's interval at 0 of n is 3.84/(n + 3.84) wide: .194 at 16
    expect(await rollouts(0.5)).toBe(128);
  });

  test("Hoeffding's bound needs as many whatever the share: n = 2 ln(2/δ)/width²", async () => {
    // δ .05, width .2 → 185: the first round that has so many ends at 256
    for (const p of [0, 0.5]) {
      const labeler = softLabels({ rollouts: 4096, width: 0.2, bound: hoeffding(0.05) });
      const { rollouts } = (await labeler(solution(2), world([p]))).spent;
      expect(rollouts).toBe(p === 0 ? 64 : 256); // at 0 half of the interval is cut off
    }
    const [low, high] = hoeffding(0.05)(50, 100);
    expect(high - 0.5).toBeCloseTo(Math.sqrt(Math.log(40) / 200), 12);
    expect(0.5 - low).toBeCloseTo(high - 0.5, 12);
  });
});

describe("bisectionLabels", () => {
  test("finds the first error wherever it is, with about log₂ S prefixes", async () => {
    for (let S = 1; S <= 17; S++) {
      for (let wrong = 0; wrong < S; wrong++) {
        const tools = world(Array.from({ length: S }, (_, k) => (k < wrong ? 1 : 0)));
        const { labels } = await bisectionLabels({ rollouts: 4 })(solution(S), tools);
        expect(firstWrong(labels)).toBe(wrong);
        expect(new Set(tools.asked).size).toBeLessThanOrEqual(Math.ceil(Math.log2(S)) + 1);
      }
    }
  });

  test("a right solution costs nothing and has no wrong step", async () => {
    const { labels, spent } = await bisectionLabels({ rollouts: 4 })(solution(3, true), world([]));
    expect([labels, spent]).toEqual([[1, 1, 1], { rollouts: 0, tokens: 0 }]);
  });
});

describe("consensus", () => {
  const says =
    (...labels: (number | null)[]): Labeler =>
    async () => ({ labels, spent: { rollouts: 1, tokens: 2 } });
  const agreed = async (a: Labeler, b: Labeler) => (await consensus(a, b)(solution(3), world([]))).labels;

  test("keeps what two labelers say alike, up to the first wrong step", async () => {
    expect(await agreed(says(1, 0, 0), says(0.9, 0.2, 1))).toEqual([1, 0, null]);
    expect(await agreed(says(1, 1, 1), says(0.9, 0.6, 1))).toEqual([1, 1, 1]);
    expect(await agreed(says(1, 0, 0), says(1, 1, 0))).toEqual([null, null, null]);
    expect(await agreed(says(1, null, 0), says(1, 1, 0))).toEqual([1, null, 0]);
  });

  test("costs what both cost", async () => {
    expect((await consensus(says(1), says(1))(solution(1), world([]))).spent).toEqual({ rollouts: 2, tokens: 4 });
  });
});

test("verifiedLabels", () => expect(verifiedLabels([true, null, false]).labels).toEqual([1, null, 0]));
