import { expect, test } from "vitest";
import { hasSignal, keepMask } from "../../src/grpo/dynamic-sampling.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  groups: number[][];
  low: number;
  high: number;
}

test.each(vectorsOf<Inputs, { keep: boolean[] }>("dapo/dynamic"))("$id: $name", ({ inputs, expected }) => {
  const groups = inputs.groups.map((rewards) => ({ rewards }));
  expect(keepMask(groups, inputs)).toEqual(expected.keep);
});

test("without bounds only the difference counts", () => {
  expect(keepMask([{ rewards: [-1, 1] }, { rewards: [7, 7] }, { rewards: [null, 3] }])).toEqual([true, false, false]);
});

test("the tolerance decides what a difference is", () => {
  expect(hasSignal({ rewards: [0.1 + 0.2, 0.3] })).toBe(false);
  expect(hasSignal({ rewards: [0.5, 0.51] }, 0.1)).toBe(false);
  expect(hasSignal({ rewards: [0.5, 0.51] })).toBe(true);
});
