import { describe, expect, test } from "vitest";
import { repeatedShare, repetitionPenalty } from "../../../src/verifiers/text/repetition.ts";
import { vectorsOf } from "../../vectors.ts";

interface Inputs {
  readonly ids: number[];
  readonly n: number;
  readonly maxPenalty: number;
}

describe("repetitionPenalty", () => {
  test.each(vectorsOf<Inputs, { penalty: number; shorter?: number }>("reward/repetition"))(
    "$id: $name",
    ({ inputs: { ids, n, maxPenalty }, expected: { penalty, shorter } }) => {
      expect(maxPenalty * repeatedShare(ids, n)).toBeCloseTo(penalty, 6);
      const verify = repetitionPenalty({ n, maxPenalty });
      expect(verify(ids.join(" ")).reward).toBeCloseTo(penalty, 6);
      if (shorter !== undefined) expect(verify(ids.slice(0, n - 1).join(" ")).reward).toBe(shorter);
    },
  );

  test("counts words without case and punctuation, reasoning included", () => {
    // 7 words, 5 trigrams, "a b c" and its successors once more: a b c · b c d · c d a · d a b · a b c
    expect(repetitionPenalty()("<think>A b, c; d. a b c")).toMatchObject({ outcome: "partial" });
    expect(repetitionPenalty()("A b, c; d. a b c").reward).toBeCloseTo(-0.2, 12);
    expect(repetitionPenalty({ maxPenalty: -0.5 })("A b, c; d. a b c").reward).toBeCloseTo(-0.1, 12);
  });

  test("is 0, not −0, where nothing repeats", () => {
    expect(Object.is(repetitionPenalty()("a b c d").reward, 0)).toBe(true);
  });

  test.each([
    { n: 0 },
    { n: 33 },
    { n: 1.5 },
    { maxPenalty: 0 },
    { maxPenalty: 1 },
    { maxPenalty: Number.NEGATIVE_INFINITY },
  ])("refuses %j", (options) => {
    expect(() => repetitionPenalty(options)).toThrow(expect.objectContaining({ code: "E_VERIFIER" }));
  });
});
