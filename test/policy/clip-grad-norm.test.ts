import { beforeAll, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import { clipCoefficient, globalNorm } from "../../src/policy/clip-grad-norm.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

test.each(vectorsOf<{ grads: number[]; maxNorm: number }, { norm: number; clipped: number[] }>("opt/clip"))(
  "$id: $name",
  ({ inputs, expected }) => {
    const grads = tf.tensor1d(inputs.grads);
    const norm = globalNorm([grads]);
    expectAllClose(norm.dataSync(), [expected.norm]);
    expectAllClose(grads.mul(clipCoefficient(norm, inputs.maxNorm)).dataSync(), expected.clipped, 1e-7);
  },
);

test("the norm is that of all tensors together", () => {
  expectAllClose(globalNorm([tf.tensor2d([[3], [0]]), tf.tensor1d([4])]).dataSync(), [5]);
});

test("a zero gradient stays zero", () => {
  expect(clipCoefficient(tf.scalar(0), 1).dataSync()[0]).toBe(1);
});
