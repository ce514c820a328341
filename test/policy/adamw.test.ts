import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import { adamwStep, biasCorrections } from "../../src/policy/adamw.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

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
function run(
  inputs: Inputs,
  scalar: (x: number) => number | ReturnType<typeof tf.scalar>,
  decayMask?: number[],
): number[][] {
  let params = tf.tensor(inputs.theta);
  let firstMoment = tf.zerosLike(params);
  let secondMoment = tf.zerosLike(params);
  return inputs.grads.map((grad, i) => {
    const { biasCorrection1, biasCorrection2 } = biasCorrections(i + 1, inputs.beta1, inputs.beta2);
    const options = {
      learningRate: scalar(inputs.lr),
      beta1: scalar(inputs.beta1),
      beta2: scalar(inputs.beta2),
      eps: scalar(inputs.eps),
      weightDecay: scalar(inputs.weightDecay),
      biasCorrection1: scalar(biasCorrection1),
      biasCorrection2: scalar(biasCorrection2),
    };
    const input = { params, grads: tf.tensor1d(grad), firstMoment, secondMoment };
    const mask = decayMask && { decayMask: tf.tensor1d(decayMask) };
    ({ params, firstMoment, secondMoment } = adamwStep({ ...input, ...mask }, options));
    return [...params.dataSync()];
  });
}

describe("adamwStep", () => {
  const vectors = vectorsOf<Inputs, { theta: number[][]; tf1EpsilonHatTheta?: number }>("opt/adamw");

  test.each(vectors)("$id: $name", ({ inputs, expected }) => {
    expectAllClose(
      run(inputs, (x) => x),
      expected.theta,
      1e-7,
      1e-6,
    );
  });

  test.each(vectors)("$id with tensors for the scalars", ({ inputs, expected }) => {
    expectAllClose(
      run(inputs, (x) => tf.scalar(x)),
      expected.theta,
      1e-6,
      1e-5,
    );
  });

  test("a parameter outside of the decay mask is not decayed", () => {
    const [vector] = vectors;
    const [after] = run(vector!.inputs, (x) => x, [1, 0]);
    expectAllClose(after!, [0.989, -1.99]); // −2 + 0.01 · 1, without the decay to −1.998
  });

  test("leaves only its three results", () => {
    const [params, grads] = [tf.tensor1d([1]), tf.tensor1d([1])];
    const moment = tf.zeros([1]);
    const before = tf.memory().numTensors;
    const numbers = {
      learningRate: 1,
      beta1: 0.9,
      beta2: 0.9,
      eps: 1e-8,
      weightDecay: 0,
      ...biasCorrections(1, 0.9, 0.9),
    };
    adamwStep({ params, grads, firstMoment: moment, secondMoment: moment }, numbers);
    expect(tf.memory().numTensors - before).toBe(3);
  });
});
