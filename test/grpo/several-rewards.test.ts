import { describe, expect, test } from "vitest";
import { normalizeThenSum, sumThenNormalize } from "../../src/grpo/several-rewards.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  rewardsPerFunc: [number, number][];
  weights: [number, number];
  aggregation: "sum_then_normalize" | "normalize_then_sum";
  eps: number;
}

const VARIANTS = { sum_then_normalize: sumThenNormalize, normalize_then_sum: normalizeThenSum };

test.each(vectorsOf<Inputs, { advantages: number[] }>("grpo/multireward"))("$id: $name", ({ inputs, expected }) => {
  const [a, b] = inputs.weights;
  const parts = inputs.rewardsPerFunc.map(([right, layout]) => ({ right, layout }));
  const group = { rewards: parts.map(() => 1), parts };
  const [advantages] = VARIANTS[inputs.aggregation]({ right: a, layout: b }, { eps: inputs.eps })([group]);
  expectAllClose(advantages!, expected.advantages, 1e-7);
});

describe.each(Object.entries(VARIANTS))("%s", (_name, variant) => {
  const advantage = variant({ right: 1, layout: 1 });

  test("an ungraded completion leaves: its parts may be missing", () => {
    const two = advantage([
      {
        rewards: [1, 1],
        parts: [
          { right: 1, layout: 0 },
          { right: 0, layout: 0 },
        ],
      },
    ])[0]!;
    const three = advantage([
      { rewards: [1, null, 1], parts: [{ right: 1, layout: 0 }, null, { right: 0, layout: 0 }] },
    ])[0]!;
    expect(three).toEqual([two[0], 0, two[1]]);
    expect(two[0]).toBeGreaterThan(0);
  });

  test("equal parts teach exactly nothing", () => {
    const parts = [
      { right: 1, layout: 0.1 },
      { right: 1, layout: 0.1 },
    ];
    expect(advantage([{ rewards: [1, 1], parts }])).toEqual([[0, 0]]);
  });

  test("a missing part is named", () => {
    expect(() => advantage([{ rewards: [1, 0], parts: [{ right: 1 }, { right: 0 }] }])).toThrow('"layout"');
  });
});

test("GDPO tells apart what a weighted sum drowns", () => {
  const parts = [
    { wide: 100, narrow: 0 },
    { wide: 0, narrow: 0 },
    { wide: 100, narrow: 1 },
    { wide: 0, narrow: 1 },
  ];
  const group = { rewards: [1, 1, 1, 1], parts };
  const gap = (variant: typeof sumThenNormalize) => {
    const [a] = variant({ wide: 1, narrow: 1 })([group]) as [number[]];
    return (a[2]! - a[0]!) / (a[0]! - a[1]!); // what narrow is worth against wide
  };
  expect(gap(sumThenNormalize)).toBeCloseTo(0.01, 3);
  expect(gap(normalizeThenSum)).toBeCloseTo(1, 2);
});
