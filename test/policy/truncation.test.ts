import { describe, expect, test } from "vitest";
import {
  maskTruncated,
  scoreTruncated,
  softOverlongPunishment,
  softTruncation,
  zeroTruncated,
} from "../../src/policy/truncation.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  lengths: number[];
  maxLen: number;
  cache: number;
}

test.each(vectorsOf<Inputs, { penalty: number[] }>("dapo/overlong"))("$id: $name", ({ inputs, expected }) => {
  const penalties = inputs.lengths.map((length) => softOverlongPunishment(length, inputs.maxLen, inputs.cache));
  expectAllClose(penalties, expected.penalty, 1e-8);
});

describe("truncation policies", () => {
  const cut = { reward: 0.5, truncated: true, length: 100 };
  const whole = { reward: 0.5, truncated: false, length: 90 };
  const ungraded = { reward: null, truncated: true, length: 100 };

  test.each([
    ["mask", maskTruncated, null, 0.5],
    ["score", scoreTruncated, 0.5, 0.5],
    ["zero", zeroTruncated, 0, 0.5],
    ["soft", softTruncation(100, 20), -0.5, 0],
  ] as const)("%s", (_name, policy, ofCut, ofWhole) => {
    expect(policy(cut)).toBe(ofCut);
    expect(policy(whole)).toBe(ofWhole);
    expect(policy(ungraded)).toBe(null);
  });
});
