import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { tf } from "../../src/engine/tf.ts";
import { tokenMean } from "../../src/policy/aggregate.ts";
import type { Model } from "../../src/policy/checkpoint.ts";
import { type LearnerOptions, PolicyLearner } from "../../src/policy/learner.ts";
import type { Loss, TrainingRow } from "../../src/policy/loss.ts";
import { sftLoss } from "../../src/policy/sft-loss.ts";
import { stopGradient } from "../../src/policy/stop-gradient.ts";
import { Rng } from "../../src/rng.ts";
import { expectAllClose } from "../allclose.ts";
import { modelOf, referenceOf } from "./reference.ts";
import { config, smallPolicy } from "./small-policy.ts";

let engine: OnnxEngine;
let pair: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
  pair = new OnnxEngine({ device: "cpu", executors: 2, threads: 1 });
});
afterAll(() => Promise.all([engine.dispose(), pair.dispose()]));

const OPTIONS: LearnerOptions = {
  optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.01, maxGradNorm: 1 },
  microBatchTokens: 512,
};
const STEP = { learningRate: 1e-3, temperature: 1 };

function learnerOf({ config, weights }: Model, options = OPTIONS, on = engine): PolicyLearner {
  return new PolicyLearner(on, config, weights, options);
}

/** Random tokens after a prompt of two; every token behind it is trained, and weighs the same. */
function rowsOf(lengths: readonly number[], seed = 1): TrainingRow[] {
  const rng = new Rng(seed, "rows");
  const tokens = lengths.map((T) => Int32Array.from({ length: T }, () => rng.integer(0, config.vocabSize - 3)));
  const weights = tokenMean(tokens.map((row) => row.map((_, t) => (t < 2 ? 0 : 1))));
  return tokens.map((row, i) => ({ id: `row-${i}`, tokens: row, fields: { weights: weights[i]! } }));
}

/** As sftLoss, with a largest number too. */
const withMaximum: Loss = {
  ...sftLoss,
  name: "sft-with-maximum",
  compute: (outputs, batch) => {
    const trained = batch.weights!.greater(0).cast("float32"); // [B, T]
    return { ...sftLoss.compute(outputs, batch), maxima: { surprise: outputs.logProbs.neg().mul(trained).max() } };
  },
};

describe("step", () => {
  test("reports the loss that torch computes, and the metrics of the loss", async () => {
    const [model, reference] = [await modelOf("qwen3-tiny"), referenceOf("qwen3-tiny")];
    const masks = reference.trainedMask.map((mask, b) => mask.slice(0, reference.lengths[b]));
    const weights = tokenMean(masks);
    const rows = masks.map((_, b) => ({
      id: `${b}`,
      tokens: Int32Array.from(reference.inputIds[b]!.slice(0, reference.lengths[b])),
      fields: { weights: weights[b]! },
    }));
    const { metrics, applied, badRows } = await learnerOf(model).step(withMaximum, rows, STEP);
    expect([applied, badRows]).toEqual([true, []]);
    const nll = reference.nextTokenLogProbs.flatMap((row, b) => row.filter((_, t) => masks[b]![t + 1] === 1));
    expectAllClose(metrics.loss!, reference.loss, 0, 1e-5);
    expectAllClose(metrics.tokens!, nll.length);
    expectAllClose(metrics.nll!, -nll.reduce((a, b) => a + b, 0), 0, 1e-5);
    expectAllClose(metrics.surprise!, -Math.min(...nll), 0, 1e-5);
  });

  test("gives the same update however the rows are split, padded and dealt to executors", async () => {
    const lengths = [40, 12, 33, 64, 7, 21, 50, 18, 29, 11, 45];
    const train = async (microBatchTokens: number, on: OnnxEngine) => {
      const model = smallPolicy(1, 3);
      const learner = learnerOf(model, { ...OPTIONS, microBatchTokens }, on);
      const reports = [];
      for (const seed of [1, 2, 3]) reports.push(await learner.step(withMaximum, rowsOf(lengths, seed), STEP));
      return { flat: model.weights.flat, reports };
    };
    const whole = await train(1e6, engine);
    const start = smallPolicy(1, 3).weights.flat;
    expect(largestDifference(whole.flat, start)).toBeGreaterThan(2e-3); // three steps of about 1e-3
    for (const [microBatchTokens, on] of [
      [1, engine],
      [200, engine],
      [64, pair],
      [512, pair],
    ] as const) {
      const split = await train(microBatchTokens, on);
      expect(largestDifference(split.flat, whole.flat)).toBeLessThan(1e-5);
      for (const [i, { metrics, gradNorm }] of split.reports.entries()) {
        expectAllClose(gradNorm, whole.reports[i]!.gradNorm, 0, 1e-4);
        for (const [name, value] of Object.entries(whole.reports[i]!.metrics)) {
          expectAllClose(metrics[name]!, value, 1e-5, 1e-4, name);
        }
      }
    }
  });

  test("gives bit for bit the same weights when it is repeated", async () => {
    const train = async () => {
      const model = smallPolicy(1);
      const learner = learnerOf(model, OPTIONS, pair);
      for (const seed of [1, 2]) await learner.step(sftLoss, rowsOf([40, 12, 33, 64, 7, 21, 50], seed), STEP);
      return Buffer.from(model.weights.flat.buffer.slice(0) as SharedArrayBuffer);
    };
    expect((await train()).equals(await train())).toBe(true);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "applies nothing where a row's weight is %d, and names the row",
    async (bad) => {
      const model = smallPolicy(1);
      const learner = learnerOf(model, OPTIONS, pair);
      await learner.step(sftLoss, rowsOf([20, 30, 40, 12]), STEP);
      const copies = () =>
        [model.weights.flat, learner.state.firstMoment, learner.state.secondMoment].map((a) => [...a]);
      const before = copies();
      const rows = rowsOf([20, 30, 40, 12, 60, 31]);
      for (const i of [1, 4]) rows[i]!.fields.weights![5] = bad;
      const { applied, badRows } = await learner.step(sftLoss, rows, STEP);
      expect(applied).toBe(false);
      expect(badRows).toEqual(["row-1", "row-4"]);
      expect(learner.version).toBe(1);
      expect(copies()).toEqual(before);
      expect((await learner.step(sftLoss, rowsOf([20, 30]), STEP)).applied).toBe(true);
      expect(learner.version).toBe(2);
    },
  );

  test("applies nothing where only the loss is not finite, or only the gradient", async () => {
    const model = smallPolicy(1);
    const learner = learnerOf(model);
    const before = [...model.weights.flat];
    /** Adds numbers that no gradient flows through. */
    const offset: Loss = {
      name: "sft-with-offset",
      fields: ["weights", "offset"],
      compute: (outputs, batch) => {
        const { loss, ...rest } = sftLoss.compute(outputs, batch);
        return { ...rest, loss: loss.add(batch.offset!.sum()) };
      },
    };
    const rows = rowsOf([20, 30]).map((row) => ({
      ...row,
      fields: {
        ...row.fields,
        offset: row.tokens.length === 30 ? new Float32Array(30).fill(3e38) : new Float32Array(20),
      },
    }));
    expect(await learner.step(offset, rows, STEP)).toMatchObject({ applied: false, badRows: ["row-1"] });
    /** √(x − x) is 0, and infinitely steep. */
    const steep: Loss = {
      ...sftLoss,
      name: "steep",
      compute: (outputs, batch) => {
        const x = outputs.logProbs.mul(batch.weights!).sum();
        return { ...sftLoss.compute(outputs, batch), loss: x.sub(stopGradient(x)).sqrt() };
      },
    };
    const report = await learner.step(steep, rowsOf([20]), STEP);
    expect(report.metrics.loss).toBe(0);
    expect(report.applied).toBe(false);
    expect([...model.weights.flat]).toEqual(before);
    expect(learner.version).toBe(0);
  });

  test("refuses no rows, and names a row whose field does not fit", async () => {
    const learner = learnerOf(smallPolicy(1));
    await expect(learner.step(sftLoss, [], STEP)).rejects.toThrow("needs at least one row");
    const [row] = rowsOf([8]);
    const short = { ...row!, fields: { weights: new Float32Array(7) } };
    await expect(learner.step(sftLoss, [short], STEP)).rejects.toThrow("row row-0 has 7 values of weights, expected 8");
    const without = { ...row!, fields: {} };
    await expect(learner.step(sftLoss, [without], STEP)).rejects.toThrow("row row-0 has no values of weights");
  });

  test("drives the loss of one sequence to 0", async () => {
    const learner = learnerOf(smallPolicy(1, 1), { ...OPTIONS, optimizer: { ...OPTIONS.optimizer, weightDecay: 0 } });
    const rows = rowsOf([24]);
    const losses: number[] = [];
    for (let i = 0; i < 120; i++) {
      const { metrics } = await learner.step(sftLoss, rows, { learningRate: 1e-2, temperature: 1 });
      losses.push(metrics.loss!);
    }
    expectAllClose(losses[0]!, Math.log(config.vocabSize), 0.2, 0); // a fresh model is near the uniform distribution
    expect(losses.at(-1)).toBeLessThan(0.02);
  });

  test("of two learners on one engine gives each its own numbers", async () => {
    const rows = rowsOf([20, 30]);
    const alone = await learnerOf(smallPolicy(2)).step(sftLoss, rows, STEP);
    await learnerOf(smallPolicy(1)).step(sftLoss, rows, STEP);
    const after = await learnerOf(smallPolicy(2)).step(sftLoss, rows, STEP);
    expect(after).toEqual(alone);
    const turned = { ...smallPolicy(2), config: { ...config, ropeTheta: 100 } }; // equal shapes, another function
    const other = await learnerOf(turned).step(sftLoss, rows, STEP);
    expect(Math.abs(other.metrics.loss! - alone.metrics.loss!)).toBeGreaterThan(1e-3);
  });
});

test("two hundred steps leak neither tensors nor programs, and hold no more memory", async () => {
  const learner = learnerOf(smallPolicy(1), OPTIONS, pair);
  const rng = new Rng(1, "lengths");
  const step = async (i: number) => {
    const rows = rowsOf(
      Array.from({ length: 8 }, (_, j) => rng.integer(j < 4 ? 49 : 20, j < 4 ? 64 : 30)),
      i,
    );
    await learner.score(rows, 1);
    await learner.step(sftLoss, rows, { learningRate: 1e-4, temperature: 1 });
  };
  const look = () => ({ tensors: tf.memory().numTensors, programs: pair.stats().programs });
  for (let i = 0; i < 40; i++) await step(i);
  const [before, memory] = [look(), process.memoryUsage().rss];
  for (let i = 40; i < 240; i++) await step(i);
  expect(look()).toEqual(before);
  expect(process.memoryUsage().rss - memory).toBeLessThan(100 * 2 ** 20);
}, 300_000);

describe("score", () => {
  test("gives each row its own length, in the order of the rows, whatever it is batched with", async () => {
    const learner = learnerOf(smallPolicy(1), OPTIONS, pair);
    const rows = rowsOf([5, 70, 1, 33, 16, 17, 32, 2]);
    const together = await learner.score(rows, 0.8);
    for (const [i, { logProbs, entropy }] of together.entries()) {
      expect([logProbs.length, entropy.length]).toEqual([rows[i]!.tokens.length, rows[i]!.tokens.length]);
      expect([logProbs[0], entropy[0]]).toEqual([0, 0]);
      const [alone] = await learner.score([rows[i]!], 0.8);
      expectAllClose(logProbs, alone!.logProbs, 1e-5, 1e-5);
    }
    expect(await learner.score([], 1)).toEqual([]);
  });
});

test("compiling a gradient leaves no tensor behind", async () => {
  const learner = learnerOf(smallPolicy(1));
  await learner.step(withMaximum, rowsOf([20]), STEP);
  const before = tf.memory().numTensors;
  await learner.step({ ...withMaximum, name: "the same under a new name" }, rowsOf([20]), STEP);
  expect(tf.memory().numTensors).toBe(before);
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
