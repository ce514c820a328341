/**
 * Weights on their way to an engine: `<folder>/<version>/`, written aside and renamed, so that a reader finds a version
 * whole or not at all, with manifest.json beside them.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RlvrError } from "../../errors.ts";
import { type Model, writeFolder, writeModel } from "../../policy/index.ts";
import type { WeightsFolder } from "./dialect.ts";

export interface WeightsManifest {
  readonly version: number;
  readonly file: string;
  /** Of that file, in hexadecimal. */
  readonly sha256: string;
}

/** @param there the folder as the server sees it, where it sees it elsewhere */
export function weightsFolder(folder: string, there = folder): WeightsFolder {
  return {
    async publish(version, model) {
      const path = join(folder, String(version));
      await rm(path, { recursive: true, force: true }); // of a run that was stopped: nobody reads it any more
      const { sha256 } = await writeVersion(path, version, model);
      return { name: `rlvr-v${version}-${sha256.slice(0, 12)}`, path: resolve(there, String(version)) };
    },
    async keep(versions) {
      if (!existsSync(folder)) return;
      const old = (await readdir(folder)).filter((name) => /^\d+$/.test(name) && !versions.includes(Number(name)));
      await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true })));
    },
    async replace(version, model) {
      if (existsSync(join(folder, "model.safetensors.index.json"))) {
        throw new RlvrError("E_CONFIG", `${folder} holds a model in several files, expected one that rlvr wrote`, {
          hint: "start the server on a folder with the tokenizer and a single model.safetensors",
        });
      }
      await writeVersion(folder, version, model);
    },
  };
}

async function writeVersion(path: string, version: number, model: Model): Promise<WeightsManifest> {
  const file = model.weights.adapter ? "adapter_model.safetensors" : "model.safetensors";
  let manifest: WeightsManifest | undefined;
  await writeFolder(path, async (aside) => {
    await writeModel(aside, model);
    manifest = { version, file, sha256: await sha256(join(aside, file)) };
    await writeFile(join(aside, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  });
  return manifest!;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
