/** Samplers on the servers of other engines: vLLM and its likes, SGLang, llama.cpp. */
import type { Model } from "../../policy/index.ts";
import type { Sampler } from "../sampler.ts";
import { type ClientOptions, EngineClient } from "./client.ts";
import type { Dialect } from "./dialect.ts";
import { llamaServerDialect } from "./llama-server.ts";
import { openRemoteSampler } from "./remote-sampler.ts";
import { sglangDialect } from "./sglang.ts";
import { vllmDialect } from "./vllm.ts";
import { weightsFolder } from "./weights.ts";

export { requestSeed } from "./remote-sampler.ts";

export interface ServerOptions extends ClientOptions {
  /** What is sampled. */
  readonly model: Model;
  /** Its folder, for command lines in messages. */
  readonly modelFolder: string;
  /** Where weights are written for the server to read. */
  readonly folder: string;
  /** The same folder as the server sees it; the same path by default. */
  readonly folderOnServer?: string;
}

/** vLLM, or another server with `/v1/completions` that takes and gives token ids. @param name of the base model there */
export function openAiSampler(
  options: ServerOptions & { readonly name?: string },
  signal?: AbortSignal,
): Promise<Sampler> {
  return open(options, vllmDialect({ ...shape(options), model: options.name ?? "" }), signal);
}

export function sglangSampler(options: ServerOptions, signal?: AbortSignal): Promise<Sampler> {
  return open(options, sglangDialect(shape(options)), signal);
}

export function llamaServerSampler(options: ServerOptions, signal?: AbortSignal): Promise<Sampler> {
  return open(options, llamaServerDialect(), signal);
}

function shape({ model, modelFolder }: ServerOptions): { modelFolder: string; rank: number } {
  return { modelFolder, rank: model.weights.adapter?.config.rank ?? 0 };
}

async function open(options: ServerOptions, dialect: Dialect, signal: AbortSignal | undefined): Promise<Sampler> {
  const weights = weightsFolder(options.folder, options.folderOnServer);
  return openRemoteSampler({ model: options.model, dialect, client: new EngineClient(options), weights }, signal);
}
