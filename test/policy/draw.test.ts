import { describe, expect, test } from "vitest";
import { type DrawOptions, draw } from "../../src/policy/draw.ts";
import { expectAllClose } from "../allclose.ts";

/** Probabilities 4/8, 2/8, 1/8, 1/8, at the ids 2, 0, 1, 3. */
const LOGITS = Float32Array.from([2, 1, 4, 1], Math.log);
const PLAIN: DrawOptions = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** The 99.9 % quantiles of χ² with 1, 2, 3 degrees of freedom. */
const CHI_SQUARE = [10.83, 13.82, 16.27];
const DRAWS = 20_000;

/** By id; 0 = never drawn. Hand-computed. */
const CASES: [name: string, options: Partial<DrawOptions>, distribution: number[]][] = [
  ["temperature 1", {}, [2 / 8, 1 / 8, 4 / 8, 1 / 8]],
  ["temperature ½ squares probabilities", { temperature: 0.5 }, [4 / 22, 1 / 22, 16 / 22, 1 / 22]],
  ["top-k 2", { topK: 2 }, [1 / 3, 0, 2 / 3, 0]],
  ["top-k 3 keeps the first of equals", { topK: 3 }, [2 / 7, 1 / 7, 4 / 7, 0]],
  ["top-k 1", { topK: 1 }, [0, 0, 1, 0]],
  ["top-k above V", { topK: 9 }, [2 / 8, 1 / 8, 4 / 8, 1 / 8]],
  ["top-p 0.7 keeps the token that crosses it", { topP: 0.7 }, [1 / 3, 0, 2 / 3, 0]],
  ["top-p 0.8", { topP: 0.8 }, [2 / 7, 1 / 7, 4 / 7, 0]],
  ["top-p near 0 keeps the likeliest", { topP: 1e-6 }, [0, 0, 1, 0]],
  ["min-p 0.3 is relative to the likeliest", { minP: 0.3 }, [1 / 3, 0, 2 / 3, 0]],
  ["min-p 0.2", { minP: 0.2 }, [2 / 8, 1 / 8, 4 / 8, 1 / 8]],
  ["top-p of what top-k left: 6/7 ≥ 0.8, but 6/8 is not", { topK: 3, topP: 0.8 }, [1 / 3, 0, 2 / 3, 0]],
  ["truncation sees the temperature: 16/22 ≥ 0.7", { temperature: 0.5, topP: 0.7 }, [0, 0, 1, 0]],
];

describe("draw", () => {
  test.each(CASES)("%s", (_, change, distribution) => {
    const options = { ...PLAIN, ...change };
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < DRAWS; i++) {
      const { token, logProb } = draw(LOGITS, 0, 4, options, 7, [1, 2, i, 4]);
      counts[token]!++;
      if (i < 100) expectAllClose(logProb, Math.log(distribution[token]!), 1e-6, 1e-6);
    }
    let chiSquare = 0;
    for (const [v, p] of distribution.entries()) {
      if (p === 0) expect(counts[v]).toBe(0);
      else chiSquare += (counts[v]! - DRAWS * p) ** 2 / (DRAWS * p);
    }
    const freedom = distribution.filter((p) => p > 0).length - 1;
    expect(chiSquare).toBeLessThanOrEqual(freedom === 0 ? 0 : CHI_SQUARE[freedom - 1]!);
  });

  test("temperature 0 takes the likeliest token, with its log-probability at temperature 1", () => {
    const { token, logProb } = draw(LOGITS, 0, 4, { ...PLAIN, temperature: 0 }, 7, [1, 2, 3, 4]);
    expect(token).toBe(2);
    expectAllClose(logProb, Math.log(1 / 2));
  });

  test("depends on seed and counter alone, and on each of their numbers", () => {
    const V = 2000;
    const flat = new Float32Array(V);
    const at = (seed: number, ...counter: [number, number, number, number]) => {
      return draw(flat, 0, V, PLAIN, seed, counter).token;
    };
    expect(at(1, 2, 3, 4, 5)).toBe(at(1, 2, 3, 4, 5));
    const drawn = [at(1, 2, 3, 4, 5), at(9, 2, 3, 4, 5), at(1, 9, 3, 4, 5), at(1, 2, 9, 4, 5), at(1, 2, 3, 9, 5)];
    expect(new Set([...drawn, at(1, 2, 3, 4, 9)]).size).toBe(6);
  });

  test("reads the row at its offset", () => {
    const rows = Float32Array.of(9, 9, 9, ...LOGITS, 9, 9);
    for (let i = 0; i < 50; i++) {
      const counter = [0, 0, i, 0] as const;
      expect(draw(rows, 3, 4, PLAIN, 7, counter)).toEqual(draw(LOGITS, 0, 4, PLAIN, 7, counter));
    }
  });

  test("stays finite at logits of any size", () => {
    const logits = Float32Array.of(1e30, -1e30, 1e30, Number.NEGATIVE_INFINITY);
    for (const topP of [1, 0.99]) {
      const drawn = Array.from({ length: 200 }, (_, i) => draw(logits, 0, 4, { ...PLAIN, topP }, 7, [0, 0, i, 0]));
      expect(new Set(drawn.map(({ token }) => token))).toEqual(new Set([0, 2]));
      for (const { logProb } of drawn) expectAllClose(logProb, Math.log(1 / 2));
    }
  });
});
