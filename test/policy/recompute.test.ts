import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { floats, ints } from "../../src/engine/spec.ts";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { chunkedLogProbs } from "../../src/policy/chunked-log-probs.ts";
import { linear } from "../../src/policy/layers.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { sftLoss } from "../../src/policy/sft-loss.ts";
import { tokenLogProbs } from "../../src/policy/token-log-probs.ts";
import { Rng } from "../../src/rng.ts";
import { expectAllClose } from "../allclose.ts";
import { config, smallPolicy } from "./small-policy.ts";

let engine: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

test("layers that are computed again give the gradient that kept ones give", async () => {
  const step = async (recompute: boolean) => {
    const { weights } = smallPolicy(4);
    const options = {
      optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1e9 },
      microBatchTokens: 512,
      recompute,
    };
    const learner = new PolicyLearner(engine, config, weights, options);
    const rng = new Rng(5, "rows");
    const rows = [9, 17].map((length, i) => ({
      id: `${i}`,
      tokens: Int32Array.from({ length }, () => rng.integer(0, config.vocabSize - 3)),
      fields: { weights: new Float32Array(length).fill(1 / 24).fill(0, 0, 1) },
    }));
    const report = await learner.step(sftLoss, rows, { learningRate: 1e-3, temperature: 1 });
    return { report, firstMoment: learner.state.firstMoment };
  };
  const [kept, again] = [await step(false), await step(true)];
  expect(again.report.gradNorm).toBeCloseTo(kept.report.gradNorm, 5);
  expectAllClose(again.firstMoment, kept.firstMoment, 1e-5);
});

describe("log-probs in chunks", () => {
  const [N, D, V] = [5, 3, 40];
  const rng = new Rng(6, "values");
  const numbers = (size: number, scale: number) => Float32Array.from({ length: size }, () => scale * rng.normal());
  const feeds = {
    hidden: numbers(N * D, 1),
    table: numbers(V * D, 0.5),
    tokens: Int32Array.from([0, V - 1, 12, 7, 7]),
    dLogProbs: numbers(N, 1),
    dEntropy: numbers(N, 1),
  };
  const signature = {
    hidden: floats(N, D),
    table: floats(V, D),
    tokens: ints(N),
    dLogProbs: floats(N),
    dEntropy: floats(N),
  };
  type Head = (hidden: Tensor, table: Tensor, tokens: Tensor) => ReturnType<typeof tokenLogProbs>;

  /** Values, and the gradient of Σ dLogProbs·log π + dEntropy·H. */
  async function run(name: string, head: Head) {
    const program = await engine.compile(
      name,
      (inputs) => {
        const [hidden, table, tokens] = [inputs.hidden, inputs.table, inputs.tokens] as [Tensor, Tensor, Tensor];
        const objective = (h: Tensor, W: Tensor) => {
          const { logProbs, entropy } = head(h, W, tokens);
          return logProbs.mul(inputs.dLogProbs!).add(entropy.mul(inputs.dEntropy!)).sum().asScalar();
        };
        const [dHidden, dTable] = tf.grads(objective as never)([hidden, table]) as [Tensor, Tensor];
        return {
          ...head(hidden, table, tokens),
          dHidden,
          dRows: tf.gather(dTable, tokens as never),
          dSum: dTable.sum(0),
        };
      },
      signature,
    );
    return program.run(feeds);
  }

  test("are those of the whole, with the same gradients", async () => {
    const τ = 0.7;
    const whole = await run("whole", (h, W, y) => tokenLogProbs(linear(h, W), y, τ));
    const chunks = await run("chunks", (h, W, y) => chunkedLogProbs(h, W, y, τ, 2 * V)); // of 2, 2 and 1 tokens
    for (const [name, values] of Object.entries(whole)) expectAllClose(chunks[name] as Float32Array, values, 1e-5);
  });
});
