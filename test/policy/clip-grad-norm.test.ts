import { expect, test } from "vitest";
import { clipCoefficient, globalNorm } from "../../src/policy/clip-grad-norm.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

test.each(vectorsOf<{ grads: number[]; maxNorm: number }, { norm: number; clipped: number[] }>("opt/clip"))(
  "$id: $name",
  ({ inputs, expected }) => {
    const norm = globalNorm(Float32Array.from(inputs.grads));
    expectAllClose([norm], [expected.norm]);
    const coefficient = clipCoefficient(norm, inputs.maxNorm);
    expectAllClose(
      inputs.grads.map((grad) => grad * coefficient),
      expected.clipped,
      1e-7,
    );
  },
);

test("a zero gradient stays zero", () => {
  expect(clipCoefficient(globalNorm(new Float32Array(3)), 1)).toBe(1);
});

test("an element that is not finite makes the norm so", () => {
  expect(globalNorm(Float32Array.of(1, Number.NaN))).toBeNaN();
  expect(globalNorm(Float32Array.of(1, Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
});
