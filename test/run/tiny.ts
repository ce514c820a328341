/** A model of 2 layers and 32 columns made from nothing, and a task that it can learn in a few steps. */
import { join } from "node:path";
import { z } from "zod";
import {
  createCharTokenizer,
  createWeights,
  defineModelConfig,
  initialize,
  type Model,
  saveModel,
} from "../../src/policy/index.ts";
import { defineTask, type Task } from "../../src/rollout/index.ts";
import { graded } from "../../src/verifiers/verdict.ts";

export const LETTERS = ["a", "b", "c", "d"] as const;

const Row = z.strictObject({ id: z.string(), letter: z.enum(LETTERS) });

/** Write the letter of the prompt once more: "b=" → "b". */
export const echo = defineTask({
  name: "echo",
  description: "the letter of the prompt once more",
  row: Row,
  prompt: ({ letter }) => `${letter}=`,
  solution: ({ letter }) => letter,
  verify: (completion, { letter }) =>
    completion === letter
      ? graded(1, "correct", completion, "is the letter", { length: completion.length })
      : graded(0, "incorrect", completion, `expected ${letter}`, { length: completion.length }),
  maxTokens: 3,
  *load(split) {
    for (const [i, letter] of LETTERS.entries()) yield { id: `${split}-${i}`, letter };
  },
  cases: [
    { row: { id: "x", letter: "a" }, completion: "a", reward: 1 },
    { row: { id: "x", letter: "a" }, completion: "b", reward: 0 },
  ],
}) as unknown as Task;

export function tinyModel(seed = 1): Model {
  const tokenizer = createCharTokenizer("abcd=?", []);
  const config = defineModelConfig({
    vocabSize: tokenizer.vocabSize,
    hiddenSize: 32,
    layers: 2,
    heads: 2,
    kvHeads: 1,
    headDim: 16,
    intermediateSize: 48,
    maxPositions: 32,
    eosIds: [...tokenizer.eosIds],
    padId: tokenizer.padId,
  });
  const weights = createWeights(config);
  initialize(weights, config, seed);
  return { config, weights, tokenizer };
}

/** Writes a tiny model into `folder`; returns its path. */
export async function saveTinyModel(folder: string, model = tinyModel()): Promise<string> {
  const path = join(folder, "tiny");
  await saveModel(path, model);
  return path;
}

/** One executor and one thread: small, and the order of everything is fixed. */
export const ONE = { executors: 1, threads: 1 } as const;
