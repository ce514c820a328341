import { expect, test } from "vitest";
import { responseMask } from "../../src/policy/response-mask.ts";
import { vectorsOf } from "../vectors.ts";

interface Expected {
  mask: number[];
  length: number;
  lastIndex: number;
  finishedByEos: boolean;
}

test.each(vectorsOf<{ responseIds: number[]; eosId: number }, Expected>("core/mask"))("$id: $name", (vector) => {
  const { mask, ...rest } = responseMask(vector.inputs.responseIds, [vector.inputs.eosId]);
  expect({ ...rest, mask: [...mask] }).toEqual(vector.expected);
});

test("any of several end-of-sequence ids ends it", () => {
  expect(responseMask([5, 9, 2], [2, 9]).length).toBe(2);
});

test("no tokens: an empty mask, truncated", () => {
  expect(responseMask([], [2])).toEqual({ mask: new Uint8Array(0), length: 0, lastIndex: -1, finishedByEos: false });
});
