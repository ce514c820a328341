import type { Model } from "../../policy/index.ts";
import type { WeightsFolder } from "./dialect.ts";

/** How an engine is told of adapters. */
export interface AdapterCalls {
  load(name: string, path: string): Promise<void>;
  unload(name: string): Promise<void>;
}

/** The adapters that a server holds: the newest, and the one before, which requests under way may still need. */
export class ServerAdapters {
  #loaded: { readonly name: string; readonly version: number }[] = [];

  /** Writes an adapter, loads it, and drops what is two versions old. Returns the name that requests choose it by. */
  async bring(version: number, model: Model, weights: WeightsFolder, { load, unload }: AdapterCalls): Promise<string> {
    const { name, path } = await weights.publish(version, model);
    const others = this.#loaded.filter((one) => one.name !== name);
    if (others.length === this.#loaded.length) await load(name, path);
    this.#loaded = [...others, { name, version }];
    for (const old of this.#loaded.slice(0, -2)) await unload(old.name);
    this.#loaded = this.#loaded.slice(-2);
    await weights.keep(this.#loaded.map((one) => one.version));
    return name;
  }
}
