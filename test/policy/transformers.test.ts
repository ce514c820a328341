/**
 * The way back: what we write, transformers and peft load, and compute what we compute. Needs a Python with both (the
 * environment of bench/peers/requirements.txt); without one, it says so, and the byte-equal round trips of the other
 * tests stand for it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { type Model, saveModel } from "../../src/policy/checkpoint.ts";
import { PolicyLearner } from "../../src/policy/learner.ts";
import { createAdapter, LoraConfig, withAdapter } from "../../src/policy/lora.ts";
import { sftLoss } from "../../src/policy/sft-loss.ts";
import { withHead } from "../../src/policy/weights.ts";
import { expectAllClose } from "../allclose.ts";
import { modelOf } from "./reference.ts";

const PYTHON = join(import.meta.dirname, "../../.cache/peers/bin/python");
const SCRIPT = join(import.meta.dirname, "../fixtures/score_with_transformers.py");
const READY = existsSync(PYTHON) && spawnSync(PYTHON, ["-c", "import transformers, peft"]).status === 0;
if (!READY)
  console.warn("no Python with transformers and peft in .cache/peers: checkpoints are not loaded by them here");

let engine: OnnxEngine;
beforeAll(() => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

const ROWS = [
  [3, 14, 15, 9, 26, 5, 35],
  [2, 7, 18, 28],
];

function theirs(model: string, kind: "model" | "adapter" | "score"): number[][] {
  const input = JSON.stringify({ model, kind, rows: ROWS });
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT], { input, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

function learnerOf({ config, weights }: Pick<Model, "config" | "weights">): PolicyLearner {
  const optimizer = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };
  return new PolicyLearner(engine, config, weights, { optimizer, microBatchTokens: 512 });
}

/** A few steps, so that what is saved is not what was loaded. */
async function trained(model: Model): Promise<PolicyLearner> {
  const learner = learnerOf(model);
  const rows = ROWS.map((tokens, i) => ({
    id: `${i}`,
    tokens: Int32Array.from(tokens),
    fields: { weights: new Float32Array(tokens.length).fill(0.1) },
  }));
  for (let i = 0; i < 3; i++) await learner.step(sftLoss, rows, { learningRate: 0.03, temperature: 1 });
  return learner;
}

const rows = ROWS.map((tokens, i) => ({ id: `${i}`, tokens: Int32Array.from(tokens) }));
const folderOf = () => join(mkdtempSync(join(tmpdir(), "transformers-")), "model");

describe.runIf(READY)("transformers and peft load what we wrote, and give our numbers:", () => {
  test.each(["llama-tiny", "qwen2-tiny", "qwen3-tiny", "rope-llama3", "rope-yarn"])("%s", async (name) => {
    const model = await modelOf(name);
    const learner = await trained(model);
    const folder = folderOf();
    await saveModel(folder, model);
    const expected = theirs(folder, "model");
    for (const [b, { logProbs }] of (await learner.score(rows, 1)).entries()) {
      expectAllClose(logProbs.slice(1), expected[b]!, 1e-4, 1e-4);
    }
  });

  test.each([false, true])("an adapter, rank-stabilized: %s", async (rankStabilized) => {
    const base = join(import.meta.dirname, "../fixtures/qwen2-tiny");
    const { weights, ...model } = await modelOf("qwen2-tiny");
    const lora = LoraConfig.parse({ rank: 3, alpha: 24, rankStabilized, targets: ["q_proj", "o_proj", "down_proj"] });
    const adapted = { ...model, weights: withAdapter(weights, createAdapter(model.config, lora, 5)), base };
    const learner = await trained(adapted);
    const folder = folderOf();
    await saveModel(folder, adapted);
    const expected = theirs(folder, "adapter");
    for (const [b, { logProbs }] of (await learner.score(rows, 1)).entries()) {
      expectAllClose(logProbs.slice(1), expected[b]!, 1e-4, 1e-4);
    }
  });

  test("a model with a score head", async () => {
    const model = await modelOf("qwen3-tiny");
    const headed = { ...withHead(model, "score", 4), tokenizer: model.tokenizer };
    const folder = folderOf();
    await saveModel(folder, headed);
    const expected = theirs(folder, "score");
    for (const [b, { scores }] of (await learnerOf(headed).score(rows, 1)).entries()) {
      expectAllClose(scores!, expected[b]!, 1e-4, 1e-4);
    }
  });
});
