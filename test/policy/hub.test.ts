import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { cachedModel, resolveModel } from "../../src/policy/hub.ts";

const MODEL = join(import.meta.dirname, "../fixtures/llama-tiny");
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

let scratch: string;
let cache: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rlvr-hub-"));
  cache = join(scratch, "hub");
  return () => rm(scratch, { recursive: true });
});

/** A snapshot of the fixture in the cache, as huggingface_hub leaves it. */
async function fillCache(): Promise<string> {
  const repository = join(cache, "models--someone--tiny");
  const snapshot = join(repository, "snapshots", COMMIT);
  await mkdir(join(repository, "refs"), { recursive: true });
  await writeFile(join(repository, "refs", "main"), COMMIT);
  await cp(MODEL, snapshot, { recursive: true });
  return snapshot;
}

describe("resolveModel", () => {
  test("leaves paths as they are, whether they exist or not", async () => {
    for (const path of [MODEL, ".", "./no/model", "/no/model", "no-such-model", "a/b/c"]) {
      expect(await resolveModel(path, { environment: { HF_HUB_OFFLINE: "1" } })).toBe(path);
    }
  });

  test("finds a name in the cache that HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME name, offline too", async () => {
    const snapshot = await fillCache();
    expect(await resolveModel("someone/tiny", { environment: { HF_HUB_CACHE: cache, HF_HUB_OFFLINE: "1" } })).toBe(
      snapshot,
    );
    expect(await resolveModel("someone/tiny", { environment: { HF_HOME: scratch } })).toBe(snapshot);
    expect(await resolveModel(`someone/tiny@${COMMIT}`, { environment: { HF_HOME: scratch } })).toBe(snapshot);
    await cp(cache, join(scratch, "huggingface", "hub"), { recursive: true });
    const moved = await resolveModel("someone/tiny@main", { environment: { XDG_CACHE_HOME: scratch } });
    expect(moved).toBe(join(scratch, "huggingface", "hub", "models--someone--tiny", "snapshots", COMMIT));
  });

  test.each(["model.safetensors", "tokenizer.json", "config.json"])(
    "does not take a snapshot without %s",
    async (name) => {
      const snapshot = await fillCache();
      await rm(join(snapshot, name));
      await symlink(join(scratch, "a blob that is gone"), join(snapshot, name));
      expect(await cachedModel("someone/tiny", { HF_HOME: scratch })).toBeNull();
      await expect(
        resolveModel("someone/tiny", { environment: { HF_HOME: scratch, HF_HUB_OFFLINE: "1" } }),
      ).rejects.toMatchObject({
        code: "E_CHECKPOINT",
        message: expect.stringContaining("someone/tiny is neither a folder nor whole in"),
      });
    },
  );

  test("takes shards only when all of them are there", async () => {
    const snapshot = await fillCache();
    await rm(join(snapshot, "model.safetensors"));
    const index = { weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" } };
    await writeFile(join(snapshot, "model.safetensors.index.json"), JSON.stringify(index));
    await writeFile(join(snapshot, index.weight_map.a), "");
    expect(await cachedModel("someone/tiny", { HF_HOME: scratch })).toBeNull();
    await writeFile(join(snapshot, index.weight_map.b), "");
    expect(await cachedModel("someone/tiny", { HF_HOME: scratch })).toBe(snapshot);
  });
});
