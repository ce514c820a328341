import { beforeAll, describe, expect, test } from "vitest";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { tokenLogProbs } from "../../src/policy/token-log-probs.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

const ids = (values: number[]) => tf.tensor1d(values, "int32");

describe("log-probs", () => {
  interface Inputs {
    logits: number[][];
    tokens: number[];
    temperature: number;
  }
  test.each(vectorsOf<Inputs, { logprobs: number[] }>("core/logprob"))("$id: $name", ({ inputs, expected }) => {
    const { logProbs } = tokenLogProbs(tf.tensor2d(inputs.logits), ids(inputs.tokens), inputs.temperature);
    expectAllClose(logProbs.dataSync(), expected.logprobs);
  });

  test("the gradient is onehot − p, divided by the temperature", () => {
    const p = [2, 1, 0].map((z) => Math.exp(z / 2) / (Math.exp(1) + Math.exp(0.5) + 1));
    const f = (z: Tensor) =>
      tokenLogProbs(z, ids([1]), 2)
        .logProbs.mul(3)
        .sum();
    const gradient = tf
      .grad(f)(tf.tensor2d([[2, 1, 0]]))
      .dataSync();
    expectAllClose(gradient, [(-3 * p[0]!) / 2, (3 * (1 - p[1]!)) / 2, (-3 * p[2]!) / 2]);
  });

  test("logits of ±1e4 give finite values and gradients", () => {
    const f = (z: Tensor) => {
      const { logProbs, entropy } = tokenLogProbs(z, ids([0, 1]), 1);
      return logProbs.add(entropy).sum();
    };
    const { value, grad } = tf.valueAndGrad(f)(
      tf.tensor2d([
        [1e4, -1e4],
        [1e4, -1e4],
      ]),
    );
    expect(value.dataSync()[0]).toBe(-2e4);
    expectAllClose(grad.dataSync(), [0, 0, -1, 1]);
  });
});

describe("entropy", () => {
  const [values, gradient] = vectorsOf<
    { logits: number[][] | number[] },
    { entropy: number | number[]; gradLogits: number[] }
  >("core/entropy");

  test(`${values!.id}: ${values!.name}`, () => {
    const rows = values!.inputs.logits as number[][];
    const entropies = rows.map((row) => tokenLogProbs(tf.tensor2d([row]), ids([0]), 1).entropy.dataSync()[0]!);
    expectAllClose(entropies, values!.expected.entropy as number[]);
  });

  test(`${gradient!.id}: ${gradient!.name}`, () => {
    const logits = tf.tensor2d([gradient!.inputs.logits as number[]]);
    const { value, grad } = tf.valueAndGrad((z) => tokenLogProbs(z, ids([0]), 1).entropy.sum())(logits);
    expectAllClose(value.dataSync()[0]!, gradient!.expected.entropy as number);
    expectAllClose(grad.dataSync(), gradient!.expected.gradLogits);
  });
});

test("both gradients together are the sum of each alone", () => {
  const logits = tf.tensor2d([
    [0.3, -1, 2],
    [1, 1, -2],
  ]);
  const of = (f: (r: ReturnType<typeof tokenLogProbs>) => Tensor) =>
    tf
      .grad((z) => f(tokenLogProbs(z, ids([2, 0]), 0.7)).sum())(logits)
      .dataSync();
  const together = of(({ logProbs, entropy }) => logProbs.mul(2).add(entropy));
  const first = of(({ logProbs }) => logProbs.mul(2));
  const second = of(({ entropy }) => entropy);
  expectAllClose(
    together,
    Array.from(first, (x, i) => x + second[i]!),
  );
});

test("differentiating leaves no tensor behind", () => {
  const logits = tf.tensor2d([[0.3, -1, 2]]);
  const tokens = ids([2]);
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    tf.grad((z) => tokenLogProbs(z, tokens, 1).logProbs.sum())(logits);
  });
  expect(tf.memory().numTensors).toBe(before);
});

test("a wrong shape is named", () => {
  expect(() => tokenLogProbs(tf.zeros([2, 5]), ids([1]), 1)).toThrow("tokens has shape [1], expected [N=2]");
});
