/** The sampler that a run's settings name. */
import { resolve } from "node:path";
import { RlvrError } from "../errors.ts";
import type { Sampler } from "../rollout/index.ts";
import { llamaServerSampler, openAiSampler, type ServerOptions, sglangSampler } from "../rollout/remote/index.ts";
import type { ModelSession } from "./session.ts";
import type { SamplerSettings } from "./settings.ts";

export interface OpenSamplerOptions {
  /** Where weights go unless the settings say so; null where none are sent: what the server has is measured. */
  readonly weightsFolder: string | null;
  readonly signal?: AbortSignal;
}

/**
 * The session's own sampler, or one on a server that is there and can do what is needed. Close it at the end.
 *
 * @throws E_SERVE if the server cannot be reached, with the command line that starts one; E_CONFIG
 */
export async function openSampler(
  session: ModelSession,
  settings: SamplerSettings,
  { weightsFolder, signal }: OpenSamplerOptions,
): Promise<Sampler> {
  const { kind, apiKeyEnv, concurrency, timeoutMs, retries } = settings;
  if (kind === "embedded") return session.sampler;
  const { model, modelFolder } = session;
  const fullOnVllm = kind === "vllm" && weightsFolder !== null && !model.weights.adapter;
  if (fullOnVllm && settings.folder === "") {
    throw new RlvrError("E_CONFIG", "sampler.folder is empty, expected the folder that vLLM was started on", {
      hint: "vLLM reads all weights anew from there: copy the model, start vLLM on the copy, and name it; or set lora.rank",
    });
  }
  const folder = settings.folder || weightsFolder || "";
  const apiKey = apiKeyEnv === "" ? undefined : process.env[apiKeyEnv];
  if (apiKeyEnv !== "" && !apiKey) {
    throw new RlvrError("E_CONFIG", `the environment variable ${apiKeyEnv} is empty, expected the key of the server`, {
      hint: "set it, or leave sampler.apiKeyEnv out",
    });
  }
  const options: ServerOptions = {
    ...{ url: settings.url, concurrency, timeoutMs, retries, model, folder },
    modelFolder: fullOnVllm ? resolve(folder) : (model.base ?? resolve(modelFolder)),
    ...(settings.folderOnServer === "" ? {} : { folderOnServer: settings.folderOnServer }),
    ...(apiKey ? { apiKey } : {}),
  };
  const sampler = await openKind(kind, { ...options, name: settings.model }, signal);
  const { adapters, fullWeights } = sampler.capabilities;
  if (weightsFolder === null || (model.weights.adapter ? adapters : fullWeights)) return sampler;
  await sampler.close();
  throw new RlvrError("E_CONFIG", `sampler.kind is ${kind}, which takes no new weights while it runs`, {
    hint: "train with --sampler.kind vllm or sglang; any kind can be measured with rlvr eval",
  });
}

function openKind(
  kind: Exclude<SamplerSettings["kind"], "embedded">,
  options: ServerOptions & { readonly name: string },
  signal: AbortSignal | undefined,
): Promise<Sampler> {
  switch (kind) {
    case "vllm":
      return openAiSampler(options, signal);
    case "sglang":
      return sglangSampler(options, signal);
    case "llama-server":
      return llamaServerSampler(options, signal);
    default:
      return kind satisfies never;
  }
}

/** Brings the sampler up to a version, unless it is at most `maxLag` updates behind. */
export async function syncWithin(
  { sampler, model }: Pick<ModelSession, "sampler" | "model">,
  version: number,
  maxLag: number,
  signal?: AbortSignal,
): Promise<void> {
  const behind = sampler.version === null ? Number.POSITIVE_INFINITY : version - sampler.version;
  if (behind > maxLag || behind < 0) await sampler.sync(version, model, signal);
}
