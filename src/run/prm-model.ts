/**
 * A process reward model on disk: a model folder with a score head, and prm.json beside it, which says how completions are
 * split into the steps that it was trained on.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Engine } from "../engine/index.ts";
import { RlvrError } from "../errors.ts";
import { loadModel, type Model, PolicyLearner } from "../policy/index.ts";
import { type SteppedCompletion, scoreSteps } from "../prm/index.ts";
import { findModel } from "./session.ts";
import type { EngineSettings } from "./settings.ts";
import { StepSettings } from "./steps.ts";

const FILE = "prm.json";

const PrmFile = z.strictObject({
  format: z.literal(1),
  steps: StepSettings.describe("what a step was in training"),
  threshold: z.number().min(0).max(1).nullable().describe("score at or below which a step counts as wrong; null = .5"),
});
export type PrmFile = z.infer<typeof PrmFile>;

export interface Prm {
  readonly folder: string;
  readonly steps: StepSettings;
  readonly threshold: number;
  /** The chance that each step is right. [B][S] */
  readonly score: (completions: readonly SteppedCompletion[]) => Promise<number[][]>;
}

export async function writePrmFile(folder: string, content: Omit<PrmFile, "format">): Promise<void> {
  await writeFile(join(folder, FILE), `${JSON.stringify({ format: 1, ...content }, null, 2)}\n`);
}

/** @throws {RlvrError} E_CHECKPOINT if the folder has no such file, or not one of this version */
export async function readPrmFile(folder: string): Promise<PrmFile> {
  const path = join(folder, FILE);
  if (!existsSync(path)) {
    throw new RlvrError("E_CHECKPOINT", `${folder} has no ${FILE}, expected a process reward model`, {
      hint: "train one with rlvr prm train, and give its run directory or the model folder in it",
    });
  }
  const parsed = PrmFile.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  throw new RlvrError("E_CHECKPOINT", `${path} is not what rlvr prm train writes: ${z.prettifyError(parsed.error)}`);
}

/**
 * A process reward model on the engine of a run, for the policy that it scores.
 * @param where a run of rlvr prm train, or a model folder
 * @throws {RlvrError} E_CHECKPOINT if it is none, E_TOKENIZER if it reads other tokens than the policy writes
 */
export async function openPrm(
  where: string,
  { engine, policy, settings }: { engine: Engine; policy: Pick<Model, "tokenizer">; settings: EngineSettings },
): Promise<Prm> {
  const folder = await findModel(where, null);
  const { steps, threshold } = await readPrmFile(folder);
  const { config, weights, tokenizer } = await loadModel(folder);
  if (config.head === "language") {
    throw new RlvrError("E_CHECKPOINT", `${folder} has no score head, expected a process reward model`);
  }
  if (tokenizer.files["tokenizer.json"] !== policy.tokenizer.files["tokenizer.json"]) {
    throw new RlvrError("E_TOKENIZER", `${folder} has another tokenizer than the policy whose steps it shall score`, {
      hint: "train the reward model from a model of the policy's family",
    });
  }
  const learner = new PolicyLearner(engine, config, weights, scoringOptions(settings));
  const score = (completions: readonly SteppedCompletion[]) =>
    scoreSteps((rows, temperature) => learner.score(rows, temperature), completions);
  return { folder, steps, threshold: threshold ?? 0.5, score };
}

/** Of a learner that never takes a step. */
function scoringOptions({ microBatchTokens }: EngineSettings) {
  return {
    optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 },
    microBatchTokens,
  };
}
