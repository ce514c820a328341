/**
 * Models by name: `org/name` or `org/name@revision` of the Hugging Face Hub, from its cache on this machine or downloaded
 * into it. The cache has the layout that the Python libraries use, so what one has fetched the other finds.
 *
 * Honors HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_HUB_OFFLINE, HF_ENDPOINT and HF_TOKEN.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { blobIdOf, type HubFile, hubPackage, placeFile } from "./hub-files.ts";
import { readJson } from "./json-file.ts";

export interface Download {
  /** The file that is under way. */
  readonly file: string;
  /** Bytes of all files, had and to be had. */
  readonly done: number;
  readonly total: number;
}

export interface ResolveOptions {
  readonly onProgress?: (download: Download) => void;
  /** Where the variables above are looked up; the process's own by default. */
  readonly environment?: NodeJS.ProcessEnv;
}

interface Wanted {
  readonly name: string;
  readonly revision: string;
}

const NAME = /^(?<name>[\w-][\w.-]*\/[\w-][\w.-]*)(?:@(?<revision>[\w./-]+))?$/;

/** What a model is read from, and what is written back beside it. */
const FILES =
  /^(config\.json|generation_config\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json|vocab\.json|merges\.txt|chat_template\.jinja|adapter_config\.json|[^/]+\.safetensors|[^/]+\.safetensors\.index\.json)$/;

/**
 * The folder of a model: a path as it is, where it exists or is no name of the Hub; else what the cache has of that name;
 * else what is downloaded.
 *
 * @throws RlvrError E_CHECKPOINT offline, or where the Hub has no such model or does not give it; E_PACKAGE where
 * `@huggingface/hub` is not installed
 */
export async function resolveModel(nameOrPath: string, options: ResolveOptions = {}): Promise<string> {
  const wanted = parseName(nameOrPath);
  if (wanted === null || existsSync(nameOrPath)) return nameOrPath;
  const { environment = process.env } = options;
  const cached = await cachedModel(nameOrPath, environment);
  if (cached !== null) return cached;
  const repository = repositoryFolder(wanted, environment);
  if (isOn(environment.HF_HUB_OFFLINE)) {
    throw new RlvrError(
      "E_CHECKPOINT",
      `${nameOrPath} is neither a folder nor whole in ${repository}, and HF_HUB_OFFLINE is set`,
      {
        hint: "give the path of a model's folder, or unset HF_HUB_OFFLINE to download it",
      },
    );
  }
  return download(wanted, repository, environment, options.onProgress);
}

/** What the cache has of a model of the Hub, adapters included; null where that is not all of it. */
export async function cachedModel(name: string, environment: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const wanted = parseName(name);
  return wanted === null ? null : cachedSnapshot(repositoryFolder(wanted, environment), wanted.revision);
}

function parseName(text: string): Wanted | null {
  const { name, revision = "main" } = NAME.exec(text)?.groups ?? {};
  return name === undefined ? null : { name, revision };
}

function repositoryFolder({ name }: Wanted, environment: NodeJS.ProcessEnv): string {
  const caches = environment.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const hub = environment.HF_HUB_CACHE ?? join(environment.HF_HOME ?? join(caches, "huggingface"), "hub");
  return join(hub, `models--${name.replace("/", "--")}`);
}

function isOn(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? "");
}

/** A snapshot with everything that a model or adapter needs; null where there is none, or not all of it. */
async function cachedSnapshot(repository: string, revision: string): Promise<string | null> {
  const reference = join(repository, "refs", revision);
  const commit = existsSync(reference) ? (await readFile(reference, "utf8")).trim() : revision;
  const folder = join(repository, "snapshots", commit);
  return (await isWhole(folder)) ? folder : null;
}

const Index = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

async function isWhole(folder: string): Promise<boolean> {
  const has = (name: string) => existsSync(join(folder, name)); // false for a link to a blob that is gone
  if (has("adapter_config.json") && has("adapter_model.safetensors")) return true;
  if (!has("config.json") || !has("tokenizer.json") || !has("tokenizer_config.json")) return false;
  if (has("model.safetensors")) return true;
  if (!has("model.safetensors.index.json")) return false;
  const { weight_map } = await readJson(join(folder, "model.safetensors.index.json"), Index);
  return Object.values(weight_map).every(has);
}

async function download(
  { name, revision }: Wanted,
  repository: string,
  { HF_ENDPOINT, HF_TOKEN }: NodeJS.ProcessEnv,
  onProgress: ResolveOptions["onProgress"],
): Promise<string> {
  const hub = await hubPackage(name);
  const access = { ...(HF_ENDPOINT ? { hubUrl: HF_ENDPOINT } : {}), ...(HF_TOKEN ? { accessToken: HF_TOKEN } : {}) };
  try {
    const { sha } = await hub.modelInfo({ name, revision, additionalFields: ["sha"], ...access });
    const snapshot = join(repository, "snapshots", sha);
    const files: HubFile[] = [];
    for await (const file of hub.listFiles({ repo: name, revision: sha, ...access })) {
      if (file.type === "file" && FILES.test(file.path)) files.push(file);
    }
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    for (const file of files) {
      const target = { blob: join(repository, "blobs", blobIdOf(file)), path: join(snapshot, file.path) };
      const content = () => hub.downloadFile({ repo: name, revision: sha, path: file.path, ...access });
      const report = (bytes: number) => onProgress?.({ file: file.path, done: (done += bytes), total });
      await placeFile(target, file, content, report);
    }
    await writeReference(repository, revision, sha);
    if (await isWhole(snapshot)) return snapshot;
    throw new RlvrError("E_CHECKPOINT", `${name} has no config.json, tokenizer.json or *.safetensors on the Hub`, {
      hint: "choose a model that is stored in Hugging Face's layout, with its weights as safetensors",
    });
  } catch (cause) {
    throw cause instanceof RlvrError ? cause : refusal(name, revision, cause);
  }
}

/** A branch or tag, so that the cache is found by it; a commit needs none. */
async function writeReference(repository: string, revision: string, sha: string): Promise<void> {
  if (revision === sha) return;
  const path = join(repository, "refs", revision);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, sha);
}

function refusal(name: string, revision: string, cause: unknown): RlvrError {
  const status = (cause as { statusCode?: unknown } | null)?.statusCode;
  const said = cause instanceof Error ? cause.message : String(cause);
  const hint =
    status === 401 || status === 403 || status === 404
      ? "there is no folder and no public model of that name: check it; for a private or gated model set HF_TOKEN"
      : "check the network, or give the path of a folder";
  return new RlvrError("E_CHECKPOINT", `${name} at ${revision} cannot be downloaded: ${said}`, { hint, cause });
}
