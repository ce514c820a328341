/**
 * Makes the small base models that ship, from nothing: `npm run make-base` for all, `npm run make-base -- countdown` for one.
 *
 * A fresh transformer reads problems of the task's train split, answered in a mixture of layouts (tasks/<name>/base.ts) that
 * differ in how much of the work is written down. Written to models/<name>-base in Hugging Face's layout, with the recipe beside it.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OnnxEngine } from "../src/engine/onnx/onnx-engine.ts";
import { createCharTokenizer } from "../src/policy/char-tokenizer.ts";
import { saveModel } from "../src/policy/checkpoint.ts";
import { PolicyLearner } from "../src/policy/learner.ts";
import { defineModelConfig } from "../src/policy/model-config.ts";
import { encodePrompt } from "../src/policy/prompt.ts";
import { trainSft } from "../src/policy/sft.ts";
import { createWeights, initialize } from "../src/policy/weights.ts";
import { Rng } from "../src/rng.ts";
import { endlessRows, loadTask } from "../src/rollout/index.ts";

interface Recipe {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
}

const RECIPES: Readonly<Record<string, Recipe>> = {
  arithmetic: { steps: 2600, batch: 128, learningRate: 1.5e-3 },
  countdown: { steps: 2000, batch: 96, learningRate: 1.5e-3 },
};
const ALPHABET = "0123456789+-*/()=,:;[] .";
const TAGS = ["<think>", "</think>", "<answer>", "</answer>"];
const SEED = 1;

async function makeBase(name: string, recipe: Recipe): Promise<void> {
  const task = await loadTask(name);
  const { baseCompletion } = await import(`../tasks/${name}/base.ts`);
  const tokenizer = createCharTokenizer(ALPHABET, TAGS);
  const config = defineModelConfig({
    vocabSize: tokenizer.vocabSize,
    hiddenSize: 128,
    layers: 4,
    heads: 4,
    kvHeads: 2,
    headDim: 32,
    intermediateSize: 352,
    maxPositions: 512,
    eosIds: [...tokenizer.eosIds],
    padId: tokenizer.padId,
  });
  const weights = createWeights(config);
  initialize(weights, config, SEED);
  const engine = new OnnxEngine({ device: "cpu", executors: 2, threads: 1 });
  const learner = new PolicyLearner(engine, config, weights, {
    optimizer: { beta1: 0.9, beta2: 0.98, eps: 1e-8, weightDecay: 0.01, maxGradNorm: 1 },
    microBatchTokens: 2048,
  });
  const rows = endlessRows(task, "train", SEED);
  const rng = new Rng(SEED, `${name}/base`);
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  const started = performance.now();
  await trainSft({
    learner,
    steps: recipe.steps,
    learningRate: recipe.learningRate,
    warmupSteps: 100,
    schedule: "cosine",
    batch: async () =>
      (await rows.take(recipe.batch)).map((row) => ({
        id: row.id,
        prompt: encodePrompt({ tokenizer }, task.prompt(row)),
        completion: Int32Array.of(...tokenizer.encode(baseCompletion(row, rng)), tokenizer.eosIds[0] as number),
      })),
    onStep: ({ step, loss }) => {
      if (step % 50 !== 0) return;
      const seconds = (performance.now() - started) / 1000;
      console.log(`step ${step} of ${recipe.steps}  loss ${loss.toFixed(4)}  ${seconds.toFixed(0)} s`);
    },
  });
  await rows.close();
  const folder = join("models", `${name}-base`);
  await saveModel(folder, { config, weights, tokenizer });
  const made = { task: name, seed: SEED, commit, ...recipe, parameters: weights.flat.length };
  writeFileSync(join(folder, "recipe.json"), `${JSON.stringify(made, null, 2)}\n`);
  console.log(`${folder}: ${weights.flat.length} parameters in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  await engine.dispose();
}

const only = process.argv[2];
if (only !== undefined && !(only in RECIPES)) {
  throw new Error(`no recipe for ${only}, only for ${Object.keys(RECIPES).join(", ")}`);
}
for (const [name, recipe] of Object.entries(RECIPES))
  if (only === undefined || only === name) await makeBase(name, recipe);
