import { beforeAll, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import { tokenMean } from "../../src/policy/aggregate.ts";
import { sftLoss } from "../../src/policy/sft-loss.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

interface Inputs {
  logp: number[][];
  mask: number[][];
}

const weightsOf = (mask: number[][]) => tf.tensor2d(tokenMean(mask).map((row) => [...row]));

test.each(vectorsOf<Inputs, { loss: number; perplexity: number }>("sft"))("$id: $name", ({ inputs, expected }) => {
  const logProbs = tf.tensor2d(inputs.logp);
  const outputs = { logProbs, entropy: tf.zerosLike(logProbs) };
  const { loss, sums } = sftLoss.compute(outputs, { weights: weightsOf(inputs.mask) });
  expectAllClose(loss.dataSync(), [expected.loss]);
  expectAllClose(Math.exp(sums.nll!.dataSync()[0]! / sums.tokens!.dataSync()[0]!), expected.perplexity);
});

test("the gradient is −1/N on completion tokens and 0 elsewhere", () => {
  const [vector] = vectorsOf<Inputs, unknown>("sft");
  const { logp, mask } = vector!.inputs;
  const gradient = tf.grad((logProbs) => {
    return sftLoss.compute({ logProbs, entropy: tf.zerosLike(logProbs) }, { weights: weightsOf(mask) }).loss;
  })(tf.tensor2d(logp));
  expectAllClose(gradient.arraySync() as number[][], [
    [0, -1 / 3, -1 / 3],
    [0, -1 / 3, 0],
  ]);
});

test("two micro-batches give the loss and gradient of the whole", () => {
  const { logp, mask } = vectorsOf<Inputs, { loss: number }>("sft")[0]!.inputs;
  const weights = tokenMean(mask);
  const parts = logp.map((row, b) => {
    const logProbs = tf.tensor2d([row]);
    const batch = { weights: tf.tensor2d([[...weights[b]!]]) };
    return sftLoss.compute({ logProbs, entropy: tf.zerosLike(logProbs) }, batch).loss.dataSync()[0]!;
  });
  expectAllClose(parts[0]! + parts[1]!, 2.5 / 3);
  expect(parts.every((part) => part > 0)).toBe(true);
});
