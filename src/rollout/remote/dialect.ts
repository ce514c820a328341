/** What tells one engine's server from another: how it is asked, what it answers, how it gets weights. */
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import type { Model } from "../../policy/index.ts";
import type { SamplerCapabilities } from "../sampler.ts";
import type { EngineClient } from "./client.ts";
import type { Drawn } from "./drawn.ts";

/** One completion, in no engine's words. Nothing is cut off the distribution: top-k, top-p and penalties are off. */
export interface Generation {
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly stopIds: readonly number[];
  readonly stopStrings: readonly string[];
  readonly seed: number;
}

/** Where weights are handed over: see weights.ts. */
export interface WeightsFolder {
  /** Puts a version into a folder of its own; a name that no other weights have, and its path as the server sees it. */
  publish(version: number, model: Model): Promise<{ readonly name: string; readonly path: string }>;
  /** Removes versions that the engine does not need any more. */
  keep(versions: readonly number[]): Promise<void>;
  /** Puts the weights where they always stand: into the folder that the server was started on. */
  replace(version: number, model: Model): Promise<void>;
}

export interface Dialect {
  /** "vLLM" */
  readonly engine: string;
  readonly capabilities: SamplerCapabilities;
  /** The command line that starts a server which can do what is needed. */
  readonly start: string;
  /** Finds out what the server has. Throws where that cannot do. */
  open(client: EngineClient, signal?: AbortSignal): Promise<void>;
  ask(generation: Generation): { readonly path: string; readonly body: unknown };
  read(answer: unknown, generation: Generation): Drawn;
  /** Brings a version to the engine. */
  sync(
    client: EngineClient,
    weights: WeightsFolder,
    to: { version: number; model: Model },
    signal?: AbortSignal,
  ): Promise<void>;
}

/**
 * An answer as a schema sees it. Foreign: fields that we do not know are fine.
 *
 * @param hint what to do where a field is missing
 * @throws E_SERVE that names the field
 */
export function parseAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown, hint: string): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new RlvrError("E_SERVE", `${z.core.toDotPath(issue.path) || "the answer"}: ${issue.message}`, { hint });
}
