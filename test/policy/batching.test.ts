import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lanes, microBatches, padNumbers, padTokens } from "../../src/policy/batching.ts";

const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 80 });
const maxTokens = fc.integer({ min: 1, max: 5000 });
const count = fc.integer({ min: 1, max: 5 });
const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n));

describe("microBatches", () => {
  test("puts every row into exactly one micro-batch, long enough for it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 })), maxTokens, count, (lengths, maxTokens, count) => {
        const batches = microBatches(lengths, maxTokens, count);
        const rows = batches.flatMap((batch) => batch.rows);
        expect(rows.toSorted((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
        for (const { rows, B, T } of batches) {
          expect(rows.length).toBeGreaterThan(0);
          expect(rows.length).toBeLessThanOrEqual(B);
          for (const row of rows) expect(lengths[row]).toBeLessThanOrEqual(T);
        }
      }),
    );
  });

  test("keeps B·T within the limit, but for a row that is longer alone", () => {
    fc.assert(
      fc.property(lengths, maxTokens, count, (lengths, maxTokens, count) => {
        for (const { B, T } of microBatches(lengths, maxTokens, count)) {
          if (B > 1) expect(B * T).toBeLessThanOrEqual(maxTokens);
        }
      }),
    );
  });

  test("wastes less than 32 places of a row, and makes B a power of two or full", () => {
    fc.assert(
      fc.property(lengths, maxTokens, count, (lengths, maxTokens, count) => {
        for (const { rows, B, T } of microBatches(lengths, maxTokens, count)) {
          expect(T % 8).toBe(0);
          for (const row of rows) expect(T - lengths[row]!).toBeLessThan(32);
          expect(isPowerOfTwo(B) || B === Math.floor(maxTokens / T)).toBe(true);
          expect(rows.length).toBeGreaterThan(B / 2 - 1);
        }
      }),
    );
  });

  test("needs few shapes, whatever the number of rows and their lengths", () => {
    const shapes = new Set<string>();
    for (let rows = 1; rows <= 200; rows++) {
      const lengths = Array.from({ length: rows }, (_, i) => 20 + ((i * 7 + rows * 13) % 60)); // T of 24, 32, … 80
      for (const { B, T } of microBatches(lengths, 2048, 2)) shapes.add(`${B}x${T}`);
    }
    expect(shapes.size).toBeLessThanOrEqual(8 * 7); // B of 1, 2, 4, … 32 and one that is full, for each T
  });

  test("splits equal rows evenly among lanes", () => {
    const equal = new Array<number>(64).fill(40);
    expect(microBatches(equal, 1e6, 1).map(({ B, T }) => [B, T])).toEqual([[64, 40]]);
    expect(microBatches(equal, 1e6, 2).map(({ B, T }) => [B, T])).toEqual([
      [32, 40],
      [32, 40],
    ]);
  });

  test("goes from long rows to short ones, and cuts where they get much shorter", () => {
    expect(microBatches([10, 100, 90, 12, 85], 1000)).toEqual([
      { rows: [1, 2, 4], B: 4, T: 104 },
      { rows: [3, 0], B: 2, T: 16 },
    ]);
    expect(microBatches([], 1000)).toEqual([]);
  });
});

describe("lanes", () => {
  test("gives each micro-batch to one lane, in order, and no lane more than the others and one batch", () => {
    fc.assert(
      fc.property(lengths, maxTokens, count, (lengths, maxTokens, count) => {
        const batches = microBatches(lengths, maxTokens, count);
        const dealt = lanes(batches, count);
        expect(dealt).toHaveLength(count);
        expect(dealt.flat().sort((a, b) => a - b)).toEqual(batches.map((_, i) => i));
        for (const lane of dealt) expect(lane).toEqual(lane.toSorted((a, b) => a - b));
        const loads = dealt.map((lane) => lane.reduce((sum, i) => sum + batches[i]!.B * batches[i]!.T, 0));
        const largest = Math.max(0, ...batches.map(({ B, T }) => B * T));
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(largest);
      }),
    );
  });
});

describe("padding", () => {
  const batch = { rows: [2, 0], B: 4, T: 3 };

  test("fills the end of rows, and whole rows, with the padding id", () => {
    const tokens = [Int32Array.of(1), Int32Array.of(9), Int32Array.of(5, 6, 7)];
    expect([...padTokens(batch, (row) => tokens[row]!, 3)]).toEqual([5, 6, 7, 1, 3, 3, 3, 3, 3, 3, 3, 3]);
  });

  test("fills numbers with 0, which means: not trained", () => {
    const numbers = [Float32Array.of(0.5), Float32Array.of(9), Float32Array.of(1, 2, 3)];
    expect([...padNumbers(batch, (row) => numbers[row]!)]).toEqual([1, 2, 3, 0.5, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
