/** The tensors of a model folder: model.safetensors, or the shards that model.safetensors.index.json lists. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { readJsonIfPresent } from "./json-file.ts";
import { openSafetensors, requireTensor, type TensorStore } from "./safetensors.ts";

const FILE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

const ShardIndex = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** Where both exist the single file counts, as in transformers. Throws E_CHECKPOINT. */
export async function openModelTensors(folder: string): Promise<TensorStore> {
  const path = join(folder, FILE);
  if (await isFile(path)) return openSafetensors(path);
  const indexPath = join(folder, INDEX);
  const index = await readJsonIfPresent(indexPath, ShardIndex);
  if (index === null) {
    throw new RlvrError("E_CHECKPOINT", `${folder} has neither ${FILE} nor ${INDEX}`, {
      hint: "only safetensors weights are read: convert pytorch_model.bin with transformers' save_pretrained",
    });
  }
  return openShards(folder, indexPath, index.weight_map);
}

async function openShards(
  folder: string,
  indexPath: string,
  weightMap: Readonly<Record<string, string>>,
): Promise<TensorStore> {
  const shards = new Map<string, TensorStore>();
  const close = async () => {
    for (const shard of shards.values()) await shard.close();
  };
  try {
    for (const file of new Set(Object.values(weightMap))) {
      if (basename(file) !== file) {
        throw new RlvrError(
          "E_CHECKPOINT",
          `${indexPath} names ${JSON.stringify(file)}, expected a file of its own folder`,
        );
      }
      shards.set(file, await openSafetensors(join(folder, file)));
    }
    const shardOf = (name: string) => shards.get(weightMap[name]!)!;
    const tensors = new Map(
      Object.keys(weightMap).map((name) => {
        const shard = shardOf(name);
        return [name, requireTensor(shard.tensors, name, shard.where)];
      }),
    );
    return {
      where: indexPath,
      tensors,
      close,
      read: (name, sink) => {
        requireTensor(tensors, name, indexPath);
        return shardOf(name).read(name, sink);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
