/** What every run begins with: a task, a model and an engine that fits them. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Engine, openEngine } from "../engine/index.ts";
import { RlvrError } from "../errors.ts";
import {
  type ChatMode,
  createAdapter,
  type LoraConfig,
  loadModel,
  type Model,
  PolicySampler,
  resolveModel,
  weightCount,
  withAdapter,
} from "../policy/index.ts";
import { embeddedSampler, loadTask, type Sampler, sandboxTier, type Task } from "../rollout/index.ts";
import type { Tier } from "../sandbox/tier.ts";
import { listCheckpoints } from "./checkpoints.ts";
import { PACKAGE } from "./packages.ts";
import type { EngineSettings } from "./settings.ts";

/** A model on an engine. */
export interface ModelSession {
  readonly model: Model;
  /** Where the model came from. */
  readonly modelFolder: string;
  readonly engine: Engine;
  readonly sampler: Sampler;
}

export interface Session extends ModelSession {
  readonly task: Task;
  /** In which the task runs code; null where it runs none. */
  readonly sandbox: Tier | null;
}

export interface SessionSettings {
  readonly task: string;
  readonly model: string;
  readonly engine: EngineSettings;
  readonly minTier: Tier;
  readonly chat: ChatMode;
  readonly training?: Training;
}

/** What training needs of the settings. */
interface Training {
  /** rank 0 = no adapter, but that of the model itself. */
  readonly lora: LoraConfig;
  readonly seed: number;
}

/**
 * @param task instead of the one that the settings name
 * @throws E_SANDBOX where the task runs code in a lower tier than the settings demand
 */
export async function openSession(
  { task: name, model, engine, minTier, chat, training }: SessionSettings,
  task?: Task,
): Promise<Session> {
  const chosen = task ?? (await loadTask(name));
  const sandbox = await sandboxTier(chosen, minTier);
  const folder = await findModel(model, chosen.name);
  return { ...(await openModelSession(folder, engine, training, chat)), task: chosen, sandbox };
}

/**
 * @param training gives the model a fresh adapter where it asks for one
 * @param chat what becomes of prompts that are texts
 */
export async function openModelSession(
  modelFolder: string,
  settings: EngineSettings,
  training?: Training,
  chat: ChatMode = "auto",
): Promise<ModelSession> {
  const loaded = { ...(await loadModel(modelFolder, { inHalves: settings.weights === "f16" })), chat };
  const model = training && training.lora.rank > 0 ? adapted(loaded, modelFolder, training) : loaded;
  if (training && model.weights.halves && !model.weights.adapter) {
    throw new RlvrError("E_CONFIG", "engine.weights is f16, but all weights are to be trained, which need float32", {
      hint: "train an adapter with lora.rank, or leave engine.weights out",
    });
  }
  const engine = await openEngineFor(model, settings);
  const sampler = new PolicySampler(engine, model.config, model.weights, model.tokenizer, settings.slots);
  return { model, modelFolder, engine, sampler: embeddedSampler(sampler) };
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
    size: weightCount(model.config),
    ...(executors > 0 ? { executors } : {}),
    ...(threads > 0 ? { threads } : {}),
  });
}

/**
 * The folder of a model: the one that is named, or what a run directory holds, its final model or else its last
 * checkpoint; for "" the base model that ships for the task. A name of the Hugging Face Hub is downloaded.
 */
export async function findModel(model: string, task: string | null): Promise<string> {
  if (model === "") return shippedBase(task);
  const isModel = ["tokenizer.json", "adapter_config.json"].some((file) => existsSync(join(model, file)));
  if (isModel || !existsSync(join(model, "manifest.json"))) return resolveModel(model);
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
