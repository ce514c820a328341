/** What every run begins with: a task, a model and an engine that fits them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "../engine/index.ts";
import { RlvrError } from "../errors.ts";
import { loadModel, type Model, PolicySampler } from "../policy/index.ts";
import { loadTask, type Task } from "../rollout/index.ts";
import type { EngineSettings } from "./settings.ts";

export interface Session {
  readonly task: Task;
  readonly model: Model;
  /** Where the model came from. */
  readonly modelFolder: string;
  readonly engine: Engine;
  readonly sampler: PolicySampler;
}

export interface SessionSettings {
  readonly task: string;
  readonly model: string;
  readonly engine: EngineSettings;
}

/** @param task instead of the one that the settings name */
export async function openSession(settings: SessionSettings, task?: Task): Promise<Session> {
  const chosen = task ?? (await loadTask(settings.task));
  const modelFolder = settings.model === "" ? shippedBase(chosen.name) : settings.model;
  const model = await loadModel(modelFolder);
  const engine = await openEngineFor(model, settings.engine);
  const sampler = new PolicySampler(engine, model.config, model.weights, model.tokenizer, settings.engine.slots);
  return { task: chosen, model, modelFolder, engine, sampler };
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

/** The package's folder, both as sources and as built. */
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));

function shippedBase(task: string): string {
  const folder = [join("models", `${task}-base`), join(PACKAGE, "models", `${task}-base`)].find((path) => existsSync(path));
  if (folder) return folder;
  throw new RlvrError("E_CONFIG", `model is "" and no base model for the task ${JSON.stringify(task)} is in models/`, {
    hint: "give --model with a folder in Hugging Face layout",
  });
}
