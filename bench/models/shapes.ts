/** Shapes of published models, and folders of random weights in them: no registry of packages ships real ones. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createWeights,
  defineModelConfig,
  type ModelConfig,
  saveModel,
  type Tokenizer,
} from "../../src/policy/index.ts";
import { Rng } from "../../src/rng.ts";

export const SHAPES = {
  "SmolLM2-135M": {
    vocabSize: 49_152,
    hiddenSize: 576,
    layers: 30,
    heads: 9,
    kvHeads: 3,
    headDim: 64,
    intermediateSize: 1536,
    ropeTheta: 100_000,
    rmsNormEps: 1e-5,
    maxPositions: 8192,
  },
  "Qwen2.5-0.5B": {
    vocabSize: 151_936,
    hiddenSize: 896,
    layers: 24,
    heads: 14,
    kvHeads: 2,
    headDim: 64,
    intermediateSize: 4864,
    ropeTheta: 1_000_000,
    qkvBias: true,
    maxPositions: 32_768,
  },
} as const;
export type ShapeName = keyof typeof SHAPES;

export function configOf(name: ShapeName, ids: Partial<ModelConfig> = {}): ModelConfig {
  return defineModelConfig({ ...SHAPES[name], ...ids });
}

/** The folder of a random model of that shape in BF16, as such models are published; made once, in .cache/models. */
export async function randomModel(name: ShapeName, tokenizer: Tokenizer): Promise<string> {
  const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
  const folder = join(root, ".cache/models", name);
  if (existsSync(join(folder, "config.json"))) return folder;
  const config = configOf(name, { eosIds: [...tokenizer.eosIds], padId: tokenizer.padId });
  const weights = createWeights(config);
  const rng = new Rng(1, name);
  for (const { name } of weights.specs) {
    const view = weights.views[name] as Float32Array;
    if (name.endsWith("norm.weight")) view.fill(1);
    // uniform with the spread of a fresh model: half a billion normal draws would take minutes
    else for (let i = 0; i < view.length; i++) view[i] = 0.035 * (2 * rng.next() - 1);
  }
  await saveModel(folder, { config, weights, tokenizer }, { format: "BF16" });
  return folder;
}
