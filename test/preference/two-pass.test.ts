import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { type Tensor, tf, valueAndGrads } from "../../src/engine/tf.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { policyOutputs } from "../../src/policy/outputs.ts";
import { withHead } from "../../src/policy/weights.ts";
import { dpoLoss } from "../../src/preference/dpo-loss.ts";
import type { TokenPair, TokenRanking } from "../../src/preference/items.ts";
import { pairMethod, rewardRankingMethod } from "../../src/preference/methods.ts";
import { pairwiseRankingLoss } from "../../src/preference/ranking-loss.ts";
import { completionLogProb, readSequences, twoPassStep } from "../../src/preference/two-pass.ts";
import { expectAllClose } from "../allclose.ts";
import { smallPolicy } from "../policy/small-policy.ts";

let engine: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

/** AdamW's first moment after one step is (1 − beta1)·gradient. */
const BETA1 = 0.5;
const learnerOf = ({ config, weights }: ReturnType<typeof withHead>, microBatchTokens: number) =>
  new PolicyLearner(engine, config, weights, {
    optimizer: { beta1: BETA1, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1e9 },
    microBatchTokens,
  });
const gradientOf = (learner: PolicyLearner) => learner.state.firstMoment.map((m) => m / (1 - BETA1));

const ids = (...tokens: number[]) => Int32Array.from(tokens);
const PAIRS: TokenPair[] = [
  { id: "a", prompt: ids(3, 1), chosen: ids(4, 1, 5), rejected: ids(9, 2, 6), weight: 0.5 },
  { id: "b", prompt: ids(5), chosen: ids(3, 5, 8, 9), rejected: ids(7, 9), target: 0.75 },
];
const REFERENCES = [-9, -8.5, -11, -7];
const BETA = 0.4;

/** The coupled loss, written in tensors, on all rows in one batch; and its gradient by automatic differentiation. [P] */
function coupled(
  { config, weights }: ReturnType<typeof withHead>,
  rows: readonly (readonly number[])[],
  loss: (outputs: ReturnType<typeof policyOutputs>) => Tensor,
) {
  const T = Math.max(...rows.map((row) => row.length));
  const tokens = tf.tensor2d(
    rows.map((row) => [...row, ...new Array<number>(T - row.length).fill(config.padId)]),
    undefined,
    "int32",
  );
  const names = weights.specs.map(({ name }) => name);
  const xs = weights.specs.map(({ name, shape }) => tf.tensor(weights.views[name]!, [...shape]));
  const { value, grads } = valueAndGrads((...list) => {
    const inputs = Object.fromEntries(names.map((name, i) => [name, list[i]!]));
    return loss(policyOutputs(inputs, config, tokens, 1)).asScalar();
  }, xs);
  return { value: value.dataSync()[0]!, gradient: tf.concat(grads.map((g) => g.reshape([-1]))).dataSync() };
}

const mask = (rows: readonly (readonly number[])[]) => tf.tensor2d(rows.map((row) => [...row]));

describe("twoPassStep", () => {
  test.each([512, 8])("of DPO has the gradient of the coupled loss, %i tokens a micro-batch", async (size) => {
    const model = withHead(smallPolicy(1), "language", 1);
    const expected = coupled(
      withHead(smallPolicy(1), "language", 1),
      PAIRS.flatMap(({ prompt, chosen, rejected }) => [
        [...prompt, ...chosen],
        [...prompt, ...rejected],
      ]),
      ({ logProbs }) => {
        const completion = mask([
          [0, 0, 1, 1, 1],
          [0, 0, 1, 1, 1],
          [0, 1, 1, 1, 1],
          [0, 1, 1, 0, 0],
        ]);
        const ratios = logProbs.mul(completion).sum(1).sub(tf.tensor1d(REFERENCES)); // [B]
        const [a, b, c, d] = [0, 1, 2, 3].map((i) => ratios.slice([i], [1])) as [Tensor, Tensor, Tensor, Tensor];
        const first = a.sub(b).mul(BETA);
        const second = c.sub(d).mul(BETA);
        const minusLogSigmoid = (x: Tensor) => tf.softplus(x.neg());
        return minusLogSigmoid(first)
          .mul(0.5)
          .add(minusLogSigmoid(second).mul(0.75))
          .add(minusLogSigmoid(second.neg()).mul(0.25))
          .div(2);
      },
    );
    const learner = learnerOf(model, size);
    const method = pairMethod(dpoLoss({ beta: BETA }), true);
    const sequences = method.sequences(PAIRS);
    const report = await twoPassStep(
      learner,
      sequences,
      method.reading,
      (numbers) => method.objective(PAIRS, numbers, REFERENCES),
      1e-3,
    );
    expect(report.applied).toBe(true);
    expectAllClose(report.sequenceLoss.loss, expected.value, 1e-5);
    const scale = Math.max(...expected.gradient.map(Math.abs));
    expectAllClose(gradientOf(learner), expected.gradient, 2e-5 * scale, 1e-4);
  });

  test.each([512, 8])("of a ranking has the gradient of its coupled loss, %i tokens a micro-batch", async (size) => {
    const ranking: TokenRanking = {
      id: "r",
      prompt: ids(3, 1),
      completions: [ids(4, 1), ids(5, 9, 2), ids(6)],
      ranks: [2, 1, 3],
    };
    const expected = coupled(
      withHead(smallPolicy(1), "score", 1),
      ranking.completions.map((completion) => [...ranking.prompt, ...completion]),
      ({ scores }) => {
        const last = mask([
          [0, 0, 0, 1, 0],
          [0, 0, 0, 0, 1],
          [0, 0, 1, 0, 0],
        ]);
        const [r0, r1, r2] = [0, 1, 2].map((i) => scores!.mul(last).sum(1).slice([i], [1])) as [Tensor, Tensor, Tensor];
        const pair = (better: Tensor, worse: Tensor) => tf.softplus(worse.sub(better));
        return pair(r1, r0).add(pair(r1, r2)).add(pair(r0, r2)).div(3);
      },
    );
    const learner = learnerOf(withHead(smallPolicy(1), "score", 1), size);
    const method = rewardRankingMethod(pairwiseRankingLoss);
    const report = await twoPassStep(
      learner,
      method.sequences([ranking]),
      method.reading,
      (numbers) => method.objective([ranking], numbers, []),
      1e-3,
    );
    expectAllClose(report.sequenceLoss.loss, expected.value, 1e-5);
    const scale = Math.max(...expected.gradient.map(Math.abs));
    expectAllClose(gradientOf(learner), expected.gradient, 2e-5 * scale, 1e-4);
  });

  test("a loss that is not finite changes no weight, and names the rows", async () => {
    const model = withHead(smallPolicy(1), "language", 1);
    const before = model.weights.flat.slice();
    const method = pairMethod(dpoLoss({ beta: BETA }), false);
    const report = await twoPassStep(
      learnerOf(model, 512),
      method.sequences(PAIRS),
      method.reading,
      () => ({ loss: Number.NaN, gradients: [0, Number.NaN, 1, 0], metrics: {} }),
      1e-3,
    );
    expect([report.applied, report.badRows]).toEqual([false, ["a/rejected"]]);
    expect(report.rows.map(({ id }) => id)).toEqual(["a/rejected", "b/chosen"]);
    expect(model.weights.flat).toEqual(before);
  });
});

describe("readSequences", () => {
  test("refuses to read scores of a model without a score head", async () => {
    const learner = learnerOf(withHead(smallPolicy(1), "language", 1), 512);
    const score: typeof learner.score = (rows, temperature) => learner.score(rows, temperature);
    const [sequence] = pairMethod(dpoLoss({ beta: 1 }), false).sequences(PAIRS);
    await expect(readSequences(score, [sequence!], { ...completionLogProb, output: "scores" })).rejects.toThrow(
      "the model has no scores, expected a model with a score head",
    );
  });
});
