/** Both kinds of process reward models on the smallest learners: what they are trained on, they learn. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { withHead } from "../../src/policy/weights.ts";
import { OnlineImplicitPrm } from "../../src/prm/implicit.ts";
import { scoreSteps } from "../../src/prm/scores.ts";
import { trainPrm } from "../../src/prm/train.ts";
import { Rng } from "../../src/rng.ts";
import { TabularLearner } from "../grpo/tabular-learner.ts";
import { smallPolicy } from "../policy/small-policy.ts";

let engine: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

const OPTIMIZER = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };

/** Two steps of two tokens; a step is right if its first token is below 5, which its last token has to remember. */
function solution(i: number) {
  const rng = new Rng(3, `solution ${i}`);
  const completion = Int32Array.from({ length: 4 }, () => rng.integer(0, 9));
  const labels = [completion[0]! < 5 ? 1 : 0, completion[2]! < 5 ? 1 : 0];
  return { id: `${i}`, prompt: Int32Array.of(12), completion, ends: [1, 3], labels };
}

test("trainPrm teaches a score head which steps are right", { timeout: 120_000 }, async () => {
  const { config, weights } = withHead(smallPolicy(1, 2), "score", 1);
  const learner = new PolicyLearner(engine, config, weights, { optimizer: OPTIMIZER, microBatchTokens: 512 });
  const losses: number[] = [];
  const { stepsDone } = await trainPrm({
    ...{ learner, steps: 60, learningRate: 5e-3, warmupSteps: 5, schedule: "constant" },
    batch: (step) => Array.from({ length: 32 }, (_, i) => solution(32 * step + i)),
    onStep: ({ loss, labels }) => {
      losses.push(loss);
      expect(labels).toBe(64);
    },
  });
  expect(stepsDone).toBe(60);
  expect(losses[0]).toBeGreaterThan(0.4);
  expect(losses.at(-1)).toBeLessThan(0.1);
  const fresh = Array.from({ length: 50 }, (_, i) => solution(100_000 + i));
  const scores = await scoreSteps((rows, temperature) => learner.score(rows, temperature), fresh);
  const right = scores.flatMap((steps, b) => steps.map((score, k) => score > 0.5 === (fresh[b]!.labels[k] === 1)));
  expect(right.filter(Boolean).length).toBeGreaterThan(95); // of 100 steps it has not seen
});

test("an implicit model finds from outcomes alone which token they depend on", async () => {
  const [learner, frozen] = [new TabularLearner(4, 3), new TabularLearner(4, 3)];
  const prm = new OnlineImplicitPrm({
    ...{ learner, learningRate: 0.05, beta: 1 },
    referenceScore: (rows, temperature) => frozen.score(rows, temperature),
  });
  const row = (i: number) => {
    const tokens = frozen.sample(1, `${i}`).tokens;
    // success is token 2 being 1, whatever the others are
    return { id: `${i}`, tokens, completionMask: Uint8Array.of(0, 1, 1, 1), outcome: tokens[2] === 1 ? 1 : 0 };
  };
  for (let step = 0; step < 80; step++) await prm.update(Array.from({ length: 32 }, (_, i) => row(32 * step + i)));
  const rows = Array.from({ length: 60 }, (_, i) => row(50_000 + i));
  for (const [b, rewards] of (await prm.tokenRewards(rows)).entries()) {
    expect(rewards).toHaveLength(3);
    // the decisive token: reward when it is right, punishment when it is wrong, and more than the others
    expect(Math.sign(rewards[1]!)).toBe(rows[b]!.outcome === 1 ? 1 : -1);
    expect(Math.abs(rewards[1]!)).toBeGreaterThan(2 * Math.max(Math.abs(rewards[0]!), Math.abs(rewards[2]!)));
  }
});
