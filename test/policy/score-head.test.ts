import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { loadModel, saveModel } from "../../src/policy/checkpoint.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import type { Loss } from "../../src/policy/loss.ts";
import { sftLoss } from "../../src/policy/sft-loss.ts";
import { withHead, withoutScoreHead } from "../../src/policy/weights.ts";
import { expectAllClose } from "../allclose.ts";
import { config, smallPolicy, tokenizer } from "./small-policy.ts";

let engine: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

const OPTIMIZER = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1e9 };
const learnerOf = ({ config, weights }: ReturnType<typeof withHead>) =>
  new PolicyLearner(engine, config, weights, { optimizer: OPTIMIZER, microBatchTokens: 512 });
const ROWS = [
  [3, 1, 4, 1, 5],
  [9, 2, 6],
].map((tokens, i) => ({ id: `${i}`, tokens: Int32Array.from(tokens), fields: {} }));

/** Σ weights · score: its gradient at the head's bias is Σ weights. */
const scoreSum: Loss = {
  name: "score-sum",
  fields: ["weights"],
  compute: ({ scores }, { weights }) => ({ loss: scores!.mul(weights!).sum(), sums: {}, maxima: {} }),
};

describe("a score head", () => {
  test("leaves the log-probs as they are, and with scale 0 scores 0", async () => {
    const base = smallPolicy(1);
    const plain = await learnerOf(base).score(ROWS, 1);
    const both = await learnerOf(withHead(base, "both", 1, 0)).score(ROWS, 1);
    expect(both.map(({ logProbs }) => logProbs)).toEqual(plain.map(({ logProbs }) => logProbs));
    expect(both.map(({ scores }) => [...scores!])).toEqual([
      [0, 0, 0, 0, 0],
      [0, 0, 0],
    ]);
    expect(plain[0]!.scores).toBeUndefined();
  });

  test("scores a token from what stands before it and itself, the same alone and in a batch", async () => {
    const learner = learnerOf(withHead(smallPolicy(1), "score", 1));
    const [first] = await learner.score(ROWS, 1);
    const [alone] = await learner.score([{ id: "a", tokens: ROWS[0]!.tokens.slice(0, 3) }], 1);
    expectAllClose(first!.scores!.slice(0, 3), alone!.scores!);
    expect(new Set(first!.scores).size).toBe(5);
    expect([...first!.logProbs]).toEqual([0, 0, 0, 0, 0]);
  });

  test("a loss on scores leaves the language head alone, and one on log-probs the score head", async () => {
    const untied = withHead({ config: { ...config, tieEmbeddings: false }, weights: untiedWeights() }, "both", 1);
    const learner = learnerOf(untied);
    const rows = ROWS.map((row) => ({ ...row, fields: { weights: new Float32Array(row.tokens.length).fill(0.5) } }));
    await learner.step(scoreSum, rows, { learningRate: 1e-3, temperature: 1 });
    const moment = (name: string) => {
      const { offset, size } = learner.weights.specs.find((spec) => spec.name === name)!;
      return learner.state.firstMoment.slice(offset, offset + size);
    };
    expect(moment("score.bias")[0]).toBeCloseTo(0.1 * 0.5 * 8, 5);
    expect(moment("lm_head.weight").every((m) => m === 0)).toBe(true);
    const before = moment("score.weight");
    await learner.step(sftLoss, rows, { learningRate: 1e-3, temperature: 1 });
    expectAllClose(
      moment("score.weight"),
      before.map((m) => 0.9 * m),
    );
    expect(moment("lm_head.weight").some((m) => m !== 0)).toBe(true);
  });

  test.each(["score", "both"] as const)("is saved and loaded: %s", async (head) => {
    const made = { ...withHead(smallPolicy(3), head, 2), tokenizer };
    const folder = join(mkdtempSync(join(tmpdir(), "head-")), "model");
    await saveModel(folder, made);
    const loaded = await loadModel(folder);
    expect(loaded.config.head).toBe(head);
    expect(loaded.weights.flat).toEqual(made.weights.flat);
  });
});

function untiedWeights() {
  const { weights } = withHead({ config, weights: smallPolicy(1).weights }, "language", 1);
  const table = weights.views["model.embed_tokens.weight"]!;
  return { ...weights, views: { ...weights.views, "lm_head.weight": table } };
}

describe("withoutScoreHead", () => {
  test("gives the language model back, on the same arrays: training one trains the other", () => {
    const base = smallPolicy(1);
    const headed = withHead(base, "both", 1);
    const bare = withoutScoreHead(headed);
    expect(bare.config).toEqual(base.config);
    expect(bare.weights.specs).toEqual(base.weights.specs);
    expect([...bare.weights.flat]).toEqual([...base.weights.flat]);
    headed.weights.views["model.norm.weight"]![0] = 7;
    expect(bare.weights.views["model.norm.weight"]![0]).toBe(7);
    expect(bare.weights.flat.buffer).toBe(headed.weights.flat.buffer);
  });

  test("a model that only scores has no language head to give", () => {
    expect(() => withoutScoreHead(withHead(smallPolicy(1), "score", 1))).toThrow("expected one for language");
  });
});
