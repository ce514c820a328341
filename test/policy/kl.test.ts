import { beforeAll, describe, expect, test } from "vitest";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { k1, k2, k3, klOfToken, logRatio, weightedK3 } from "../../src/policy/kl.ts";
import { stopGradient } from "../../src/policy/stop-gradient.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

const ESTIMATORS = { k1, k2, k3 };

interface Estimates {
  k1: number;
  k2: number;
  k3: number;
  dK1: number;
  dK2: number;
  dK3: number;
}

describe("KL estimates of one token", () => {
  test.each(vectorsOf<{ logp: number; refLogp: number }, Estimates>("kl/estimators"))("$id: $name", (vector) => {
    const { logp, refLogp } = vector.inputs;
    for (const name of ["k1", "k2", "k3"] as const) {
      const estimate = (x: Tensor) => ESTIMATORS[name](x, tf.scalar(refLogp));
      expectAllClose(estimate(tf.scalar(logp)).dataSync(), [vector.expected[name]]);
      expectAllClose(klOfToken[name](logp, refLogp), vector.expected[name], 1e-8);
      const derivative = tf.grad(estimate)(tf.scalar(logp)).dataSync();
      expectAllClose(derivative, [vector.expected[`dK${name[1]}` as keyof Estimates]]);
    }
  });
});

interface Distributions {
  policy: number[];
  reference: number[];
}

test.each(vectorsOf<Distributions, Record<"exactKl" | "Ek1" | "Ek2" | "Ek3", number>>("kl/unbiased"))(
  "$id: $name",
  ({ inputs, expected }) => {
    const exact = inputs.policy.reduce((sum, p, v) => sum + p * Math.log(p / inputs.reference[v]!), 0);
    expectAllClose(exact, expected.exactKl, 1e-8);
    for (const name of ["k1", "k2", "k3"] as const) {
      const mean = inputs.policy.reduce(
        (sum, p, v) => sum + p * klOfToken[name](Math.log(p), Math.log(inputs.reference[v]!)),
        0,
      );
      expectAllClose(mean, expected[`E${name}`], 1e-8);
    }
  },
);

describe("expected gradient with respect to the logits", () => {
  type Gradients = Record<"exact" | "k1AsLoss" | "k2AsLoss" | "k3AsLoss", number[]>;
  const [vector] = vectorsOf<Distributions, Gradients>("kl/gradient");
  const { policy, reference } = vector!.inputs;
  const { expected } = vector!;
  const logits = () => tf.tensor1d(policy.map(Math.log));
  const refLogProbs = () => tf.tensor1d(reference.map(Math.log));

  /** Σ_v π_v · f(log π_v, log ref_v), with π_v only as a weight: what sampling and differentiating f gives on average. */
  const asLoss = (f: (logProbs: Tensor, ref: Tensor) => Tensor) =>
    tf
      .grad((z) => {
        const logProbs = tf.logSoftmax(z);
        return f(logProbs, refLogProbs()).mul(tf.tensor1d(policy)).sum();
      })(logits())
      .dataSync();

  test("k2 in the loss has the gradient of the KL", () => expectAllClose(asLoss(k2), expected.exact, 1e-5));
  test("k1 in the loss has none", () => expectAllClose(asLoss(k1), expected.k1AsLoss, 1e-6));
  test("k3 in the loss has that of the forward KL", () => expectAllClose(asLoss(k3), expected.k3AsLoss, 1e-5));

  test("k1 in the reward has the gradient of the KL", () => {
    const reinforce = asLoss((logProbs, ref) => stopGradient(k1(logProbs, ref)).mul(logProbs));
    expectAllClose(reinforce, expected.exact, 1e-5);
  });

  test("the weighted k3 has the gradient of the KL, also on samples of an older policy", () => {
    const old = [0.5, 0.2, 0.3];
    const gradient = tf.grad((z) => {
      const logProbs = tf.logSoftmax(z);
      return weightedK3(logProbs, refLogProbs(), tf.tensor1d(old.map(Math.log)))
        .mul(tf.tensor1d(old))
        .sum();
    })(logits());
    expectAllClose(gradient.dataSync(), expected.exact, 1e-5);
  });
});

describe("tokens that a policy holds for impossible", () => {
  test("k3 is at most 10 and finite, where the reference is −∞ or far above", () => {
    const values = k3(tf.tensor1d([-1, -90]), tf.tensor1d([Number.NEGATIVE_INFINITY, -1])).dataSync();
    expect([...values]).toEqual([10, 10]);
    expect([klOfToken.k3(-1, Number.NEGATIVE_INFINITY), klOfToken.k3(-90, -1)]).toEqual([10, 10]);
  });

  test("a log ratio stays within ±20", () => {
    expect([...logRatio(tf.tensor1d([0, -500]), tf.tensor1d([-500, 0])).dataSync()]).toEqual([20, -20]);
  });
});
