/** What every run begins with: a task, a model and an engine that fits them. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Engine, openEngine } from "../engine/index.ts";
import { RlvrError } from "../errors.ts";
import { createAdapter, type LoraConfig, loadModel, type Model, PolicySampler, withAdapter } from "../policy/index.ts";
import { loadTask, type Task } from "../rollout/index.ts";
import { listCheckpoints } from "./checkpoints.ts";
import { PACKAGE } from "./packages.ts";
import type { EngineSettings } from "./settings.ts";

/** A model on an engine. */
export interface ModelSession {
  readonly model: Model;
  /** Where the model came from. */
  readonly modelFolder: string;
  readonly engine: Engine;
  readonly sampler: PolicySampler;
}

export interface Session extends ModelSession {
  readonly task: Task;
}

export interface SessionSettings {
  readonly task: string;
  readonly model: string;
  readonly engine: EngineSettings;
  readonly training?: Training;
}

/** What training needs of the settings. */
interface Training {
  /** rank 0 = no adapter, but that of the model itself. */
  readonly lora: LoraConfig;
  readonly seed: number;
}

/** @param task instead of the one that the settings name */
export async function openSession(
  { task: name, model, engine, training }: SessionSettings,
  task?: Task,
): Promise<Session> {
  const chosen = task ?? (await loadTask(name));
  return { ...(await openModelSession(findModel(model, chosen.name), engine, training)), task: chosen };
}

/** @param training gives the model a fresh adapter where it asks for one */
export async function openModelSession(
  modelFolder: string,
  settings: EngineSettings,
  training?: Training,
): Promise<ModelSession> {
  const loaded = await loadModel(modelFolder);
  const model = training && training.lora.rank > 0 ? adapted(loaded, modelFolder, training) : loaded;
  const engine = await openEngineFor(model, settings);
  const sampler = new PolicySampler(engine, model.config, model.weights, model.tokenizer, settings.slots);
  return { model, modelFolder, engine, sampler };
}

function adapted(model: Model, folder: string, { lora, seed }: Training): Model {
  if (model.weights.adapter) {
    throw new RlvrError("E_CONFIG", `lora.rank is ${lora.rank}, but ${folder} is an adapter already`, {
      hint: "leave lora.rank out to train that adapter, or give the base model",
    });
  }
  return {
    ...model,
    weights: withAdapter(model.weights, createAdapter(model.config, lora, seed)),
    base: resolve(folder),
  };
}

export function openEngineFor(model: Model, settings: EngineSettings): Promise<Engine> {
  const { name, device, executors, threads } = settings;
  return openEngine({
    engine: name,
    device,
    size: model.weights.flat.length,
    ...(executors > 0 ? { executors } : {}),
    ...(threads > 0 ? { threads } : {}),
  });
}

/**
 * The folder of a model: the one that is named, or what a run directory holds, its final model or else its last
 * checkpoint; for "" the base model that ships for the task.
 */
export function findModel(model: string, task: string | null): string {
  if (model === "") return shippedBase(task);
  if (!existsSync(join(model, "manifest.json"))) return model;
  const folder = existsSync(join(model, "model")) ? join(model, "model") : listCheckpoints(model).at(-1)?.path;
  if (folder) return folder;
  throw new RlvrError("E_CHECKPOINT", `the run ${model} has no model yet, expected a checkpoint`, {
    hint: "wait for its first checkpoint, or go on with --resume",
  });
}

function shippedBase(task: string | null): string {
  if (task === null) {
    throw new RlvrError("E_CONFIG", "neither a model nor a task is given", { hint: "give --model or --task" });
  }
  const places = [join("models", `${task}-base`), join(PACKAGE, "models", `${task}-base`)];
  const folder = places.find((path) => existsSync(path));
  if (folder) return folder;
  throw new RlvrError("E_CONFIG", `no base model for the task ${JSON.stringify(task)} is in models/`, {
    hint: "give --model with a folder in Hugging Face's layout",
  });
}
