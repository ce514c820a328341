import { test } from "vitest";
import { rescale, whiten } from "../../src/policy/whiten.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  values: number[][];
  mask: number[][];
  ddof: 0 | 1;
  shiftMean: boolean;
  eps: number;
}

test.each(vectorsOf<Inputs, { values: number[][] }>("core/whiten"))("$id: $name", ({ inputs, expected }) => {
  const { values, mask, shiftMean, ...options } = inputs;
  expectAllClose((shiftMean ? whiten : rescale)(values, mask, options), expected.values, 1e-6);
});

test("constant values whiten to 0", () => {
  expectAllClose(whiten([[3, 3], [3]], [[1, 1], [1]]), [[0, 0], [0]], 0);
});
