import { expect, test } from "vitest";
import { treeAdvantages } from "../../src/grpo/tree.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  leafRewards: number[];
  ancestors: string[][];
}

test.each(vectorsOf<Inputs, { advantages: number[] }>("treepo"))("$id: $name", ({ inputs, expected }) => {
  expectAllClose(treeAdvantages(inputs.leafRewards, inputs.ancestors), expected.advantages, 1e-12);
});

test("an ungraded leaf leaves its ancestors' averages", () => {
  expect(treeAdvantages([1, null, 0], [["q"], ["q"], ["q"]])).toEqual([0.5, 0, -0.5]);
});
