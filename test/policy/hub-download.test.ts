/** Downloads with the real @huggingface/hub, from a small Hub on the loopback interface. */
import { createHash } from "node:crypto";
import { lstat, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { loadModel } from "../../src/policy/checkpoint.ts";
import { cachedModel, type Download, resolveModel } from "../../src/policy/hub.ts";

const MODEL = join(import.meta.dirname, "../fixtures/llama-tiny");
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

let scratch: string;
let cache: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rlvr-hub-"));
  cache = join(scratch, "hub");
  return () => rm(scratch, { recursive: true });
});

/** The Hub's answers for one model, on the loopback interface. */
class SmallHub {
  readonly requests: string[] = [];
  /** Bytes after which the weights break off; null = never. */
  breaksAfter: number | null = null;
  token: string | null = null;
  readonly #files = new Map<string, Buffer>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async open(): Promise<string> {
    for (const name of [...(await readdir(MODEL)).filter((name) => name !== "expected.json")]) {
      this.#files.set(name, await readFile(join(MODEL, name)));
    }
    this.#files.set("README.md", Buffer.from("not wanted"));
    this.#files.set("pytorch_model.bin", Buffer.from("not wanted"));
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(url.split("?")[0] as string);
    this.requests.push(path);
    if (this.token !== null && headers.authorization !== `Bearer ${this.token}`) {
      response.writeHead(401, { "content-type": "application/json" }).end('{"error":"Invalid credentials"}');
      return;
    }
    const json = (value: unknown) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (path === "/api/models/someone/tiny/revision/main") {
      json({ _id: "1", id: "someone/tiny", sha: COMMIT, lastModified: "2026-01-01T00:00:00Z" });
    } else if (path === `/api/models/someone/tiny/tree/${COMMIT}`) {
      json(
        [...this.#files].map(([name, content]) => ({
          type: "file",
          path: name,
          size: content.length,
          ...blobOf(name, content),
        })),
      );
    } else {
      const content = this.#files.get(path.replace(`/someone/tiny/resolve/${COMMIT}/`, ""));
      if (content) this.#send(path, content, headers.range, response);
      else response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Repository not found"}');
    }
  }

  #send(path: string, content: Buffer, range: string | undefined, response: ServerResponse): void {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    const part = from === undefined ? content : content.subarray(Number(from), Number(to) + 1);
    const common = { etag: '"x"', "content-length": String(part.length) };
    if (from === undefined) response.writeHead(200, common);
    else response.writeHead(206, { ...common, "content-range": `bytes ${from}-${to}/${content.length}` });
    const breaks = this.breaksAfter !== null && path.endsWith(".safetensors") && part.length > this.breaksAfter;
    if (!breaks) response.end(part);
    else response.write(part.subarray(0, this.breaksAfter as number), () => response.destroy());
  }
}

function blobOf(name: string, content: Buffer): object {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const gitId = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  const lfs = { oid: sha256, size: content.length, pointerSize: 134 };
  return name.endsWith(".safetensors") ? { oid: gitId, lfs } : { oid: gitId };
}

describe("a model that is not in the cache", () => {
  let hub: SmallHub;
  let HF_ENDPOINT: string;
  beforeEach(async () => {
    hub = new SmallHub();
    HF_ENDPOINT = await hub.open();
    return () => hub.close();
  });

  test("is downloaded into it, in the layout of huggingface_hub, without what is not needed", async () => {
    const heard: Download[] = [];
    const environment = { HF_HOME: scratch, HF_ENDPOINT };
    const folder = await resolveModel("someone/tiny", { environment, onProgress: (download) => heard.push(download) });
    const repository = join(cache, "models--someone--tiny");
    expect(folder).toBe(join(repository, "snapshots", COMMIT));
    expect(await readFile(join(repository, "refs", "main"), "utf8")).toBe(COMMIT);
    expect((await readdir(folder)).sort()).toEqual([
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect((await lstat(join(folder, "model.safetensors"))).isSymbolicLink()).toBe(true);
    expect((await readdir(join(repository, "blobs"))).length).toBe(5);
    const [theirs, ours] = [await loadModel(MODEL), await loadModel(folder)];
    expect(ours.weights.flat).toEqual(theirs.weights.flat);
    expect(heard.at(-1)?.done).toBe(heard.at(-1)?.total);

    const asked = hub.requests.length;
    expect(await resolveModel("someone/tiny", { environment })).toBe(folder);
    expect(hub.requests.length).toBe(asked); // found, without a question
  });

  test("sends HF_TOKEN, and says what may be wrong where it is refused", async () => {
    hub.token = "hf_small";
    const environment = { HF_HOME: scratch, HF_ENDPOINT };
    await expect(resolveModel("someone/tiny", { environment })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining("someone/tiny at main cannot be downloaded: "),
      hint: expect.stringContaining("HF_TOKEN"),
    });
    const granted = { ...environment, HF_TOKEN: "hf_small" };
    expect(await resolveModel("someone/tiny", { environment: granted })).toContain(COMMIT);
  });

  test("leaves nothing half when it breaks off, and goes on from the files that are whole", async () => {
    const environment = { HF_HOME: scratch, HF_ENDPOINT };
    hub.breaksAfter = 1000;
    await expect(resolveModel("someone/tiny", { environment })).rejects.toMatchObject({ code: "E_CHECKPOINT" });
    const blobs = await readdir(join(cache, "models--someone--tiny", "blobs"));
    expect(blobs.filter((name) => name.includes("incomplete"))).toEqual([]);
    expect(await cachedModel("someone/tiny", environment)).toBeNull();
    hub.breaksAfter = null;
    hub.requests.length = 0;
    const folder = await resolveModel("someone/tiny", { environment });
    expect((await loadModel(folder)).config.layers).toBe(2);
    expect(hub.requests.filter((path) => path.endsWith(`${COMMIT}/config.json`))).toEqual([]);
  });

  test("is named where the Hub does not have it", async () => {
    await expect(
      resolveModel("someone/else", { environment: { HF_HOME: scratch, HF_ENDPOINT } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining("someone/else at main"),
      hint: expect.stringContaining("no public model of that name"),
    });
  });
});
