import { describe, expect, test } from "vitest";
import { adamwStep } from "../../src/policy/adamw.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  theta: number[];
  grads: number[][];
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
}

/** Parameters after each gradient. */
function run({ theta, grads, lr, ...rest }: Inputs, gradScale = 1): number[][] {
  const params = Float32Array.from(theta);
  const [firstMoment, secondMoment] = [new Float32Array(params.length), new Float32Array(params.length)];
  return grads.map((grad, i) => {
    const arrays = { params, grads: Float32Array.from(grad), firstMoment, secondMoment };
    adamwStep(arrays, { ...rest, learningRate: lr, t: i + 1, gradScale });
    return [...params];
  });
}

describe("adamwStep", () => {
  const vectors = vectorsOf<Inputs, { theta: number[][]; tf1EpsilonHatTheta?: number }>("opt/adamw");

  test.each(vectors)("$id: $name", ({ inputs, expected }) => {
    expectAllClose(run(inputs), expected.theta, 1e-7, 1e-6);
  });

  test("a scale is that of the gradients", () => {
    const [vector] = vectors;
    const halved = { ...vector!.inputs, grads: vector!.inputs.grads.map((grad) => grad.map((g) => g / 2)) };
    expectAllClose(run(vector!.inputs, 0.5), run(halved), 1e-7, 1e-6);
  });

  test("arrays of different lengths are refused by name", () => {
    const one = new Float32Array(1);
    const arrays = { params: one, grads: one, firstMoment: new Float32Array(2), secondMoment: one };
    const options = { learningRate: 1, beta1: 0.9, beta2: 0.9, eps: 1e-8, weightDecay: 0, t: 1 };
    expect(() => adamwStep(arrays, options)).toThrow("firstMoment has 2 elements, expected those of params, 1");
  });
});
