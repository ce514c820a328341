/** 10,000 requests that no client would send, and some hundreds through a socket: each gets an answer in JSON. */
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { hashText, Rng } from "../../src/rng.ts";
import { ErrorReply, loadServedTasks, startServer } from "../../src/serve/index.ts";
import { type Serving, served, serving } from "./serving.ts";

const PATHS = [
  "/",
  "/v1/verify",
  "/get_reward",
  "/rm",
  "/verify",
  "/seed_session",
  "/aggregate_metrics",
  "/reverify_mode",
  "/health",
  "/v1/tasks",
  "/openapi.json",
  "/letters/verify",
  "/letters/get_reward",
  "/letters/rm",
  "/__proto__/rm",
  "/constructor/verify",
  "//",
  "/%00",
  "/%zz/rm",
  "/letters/rm?reward_key=__proto__",
  "/é/rm",
  "/v1",
  "/x".repeat(500),
];
const METHODS = ["POST", "POST", "POST", "POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];
const TYPES = [
  "application/json",
  "application/json",
  "application/json",
  "application/json; charset=utf-8",
  "text/plain",
  "",
  "application/jsonx",
  "multipart/form-data",
];
const NAMES = [
  "id",
  "items",
  "completion",
  "answer",
  "meta",
  "prompt",
  "task",
  "query",
  "prompts",
  "labels",
  "response",
  "label",
  "responses_create_params",
  "output",
  "verify_responses",
  "timeout_ms",
  "__proto__",
  "constructor",
  "toString",
  "letter",
  "content",
  "role",
  "reward",
  "_ng_task_index",
  "",
];
const TEXTS = [
  "",
  "a",
  "aa",
  "letters",
  "sums",
  "__proto__",
  "assistant",
  "\u0000",
  "\ud800",
  "😀".repeat(50),
  "1e309",
  '{"letter":"a"}',
  "{",
  "[1",
  "train-a",
  "x".repeat(5000),
];
const NUMBERS = [0, -0, 1, -1, 1.5, 1e308, -1e308, 2 ** 53, Number.MIN_VALUE];

/** Any JSON value, not deeper than `depth`. */
function anyValue(rng: Rng, depth: number): unknown {
  const kinds = depth > 0 ? 7 : 5;
  switch (rng.integer(0, kinds - 1)) {
    case 0:
      return null;
    case 1:
      return rng.next() < 0.5;
    case 2:
      return rng.pick(NUMBERS);
    case 3:
    case 4:
      return rng.pick(TEXTS);
    case 5:
      return Array.from({ length: rng.integer(0, 4) }, () => anyValue(rng, depth - 1));
    default:
      return anyObject(rng, depth);
  }
}

function anyObject(rng: Rng, depth: number): unknown {
  const fields = Array.from({ length: rng.integer(0, 5) }, () => [rng.pick(NAMES), anyValue(rng, depth - 1)]);
  return Object.fromEntries(fields);
}

/** A request of one of the dialects, of which most parts fit, and its path. */
function nearlyGood(rng: Rng): readonly [path: string, body: object] {
  const completion = rng.pick([...TEXTS, "!", "?", ".", "~"]);
  const answer = rng.pick([{ letter: "a" }, '{"letter":"a"}', "a", null, 5, { id: "train-b" }, ["a"]]);
  const ids = rng.pick([
    ["1", "2"],
    ["1", "1"],
    ["", "2"],
    [1, 2],
  ]);
  const meta = anyObject(rng, 2);
  const output = [{ type: "message", role: "assistant", content: completion }, anyObject(rng, 2)];
  return rng.pick<readonly [string, object]>([
    ["/v1/verify", { items: ids.map((id) => ({ id, completion, answer, meta })), task: "letters" }],
    ["/letters/get_reward", { query: [completion, "a"], prompts: ["", ""], labels: [answer, answer] }],
    ["/letters/rm", { response: completion, label: answer, prompt: rng.pick(TEXTS), metadata: meta }],
    ["/verify", { responses_create_params: {}, response: { output }, answer, task: "letters" }],
    [
      "/aggregate_metrics",
      { verify_responses: [meta, { reward: rng.pick(NUMBERS), _ng_task_index: rng.pick(NUMBERS) }] },
    ],
  ]);
}

function anyBody(rng: Rng): Uint8Array<ArrayBuffer> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const text = () => JSON.stringify(rng.next() < 0.6 ? nearlyGood(rng)[1] : anyValue(rng, 5));
  switch (rng.integer(0, 19)) {
    case 0:
      return bytes("");
    case 1: // cut off
      return bytes(text()).slice(0, rng.integer(0, 60));
    case 2: // some byte is another one
      return damaged(bytes(text()), rng);
    case 3: // deep
      return bytes(rng.pick(["[", '{"a":', '{"items":[', '[{"meta":']).repeat(rng.integer(50, 100_000)));
    case 4:
      return bytes(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    case 5: // near the limit of the body, on both sides
      return bytes(JSON.stringify({ response: "x".repeat(rng.integer(199_900, 200_050)), label: { letter: "a" } }));
    case 6:
      return bytes(`{"__proto__":{"polluted":1},"items":[{"id":"1","completion":"a","__proto__":{"polluted":1}}]}`);
    case 7:
      return bytes(JSON.stringify({ items: Array.from({ length: 200 }, (_, i) => ({ id: `${i}`, completion: "a" })) }));
    case 8:
      return new Uint8Array(Array.from({ length: rng.integer(1, 200) }, () => rng.integer(0, 255)));
    default:
      return bytes(text());
  }
}

function damaged(bytes: Uint8Array<ArrayBuffer>, rng: Rng): Uint8Array<ArrayBuffer> {
  if (bytes.length > 0) bytes[rng.integer(0, bytes.length - 1)] = rng.integer(0, 255);
  return bytes;
}

const LIMITS = { bodyMb: 0.2, items: 100, completionChars: 150_000, itemTimeoutMs: 5, requestTimeoutMs: 2000 };

function requestOf(rng: Rng): Request {
  if (rng.next() < 0.4) {
    const [path, body] = nearlyGood(rng);
    const headers = { "content-type": "application/json" };
    return new Request(`http://127.0.0.1:8000${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  }
  const method = rng.pick(METHODS);
  const headers = new Headers({ "content-type": rng.pick(TYPES) });
  const body = anyBody(rng);
  if (rng.next() < 0.5)
    headers.set("content-length", `${body.byteLength + (rng.next() < 0.1 ? rng.integer(-5, 5) : 0)}`);
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(`http://127.0.0.1:8000${rng.pick(PATHS)}`, { method, headers, body: hasBody ? body : null });
}

/** Of an answer to a bad request: 2xx, or 4xx with a reason, or the one 503 that says "not graded". */
function objection(method: string, status: number, text: string): string | null {
  if (status >= 200 && status < 300) return method === "HEAD" || JSON.parse(text) !== undefined ? null : "no JSON";
  if (method === "HEAD") return status < 500 ? null : `${status}`;
  const parsed = ErrorReply.safeParse(JSON.parse(text));
  if (!parsed.success) return `${status} without a reason: ${text.slice(0, 200)}`;
  const { code } = parsed.data.error;
  return status < 500 || code === "not_graded" ? null : `${status} ${code}`;
}

async function fuzzed(server: Serving, index: number): Promise<{ status: number; why: string | null }> {
  const asked = requestOf(new Rng(1, `fuzz/${index}`));
  const { method, url } = asked;
  const reply = await server.fetch(asked);
  const why = objection(method, reply.status, await reply.text());
  return { status: reply.status, why: why === null ? null : `${index}: ${method} ${url.slice(0, 80)}: ${why}` };
}

describe("10,000 generated requests", () => {
  test("get 2xx, or 4xx with a reason, or a 503 for what was not graded; nothing is left behind", {
    timeout: 300_000,
  }, async () => {
    const server = serving([served.letters, served.sums], { limits: LIMITS });
    const statuses = new Map<number, number>();
    const objections: string[] = [];
    const run = async (from: number, to: number) => {
      for (let start = from; start < to; start += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => fuzzed(server, start + i)));
        for (const { status, why } of answers) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (why !== null) objections.push(why);
        }
      }
    };
    await run(0, 2000);
    const before = process.memoryUsage().rss;
    await run(2000, 10_000);
    expect(objections).toEqual([]);
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(300); // megabytes, for 600 MB of bodies
    for (const status of [200, 400, 404, 405, 413, 415, 422, 503])
      expect(statuses.get(status), `${status}`).toBeGreaterThan(20);
    expect(server.context.bodies.usedBytes).toBe(0);
    expect(server.context.underWay).toBe(0);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("500 of them through a socket", () => {
  test("get the same, and the server serves on", { timeout: 120_000 }, async () => {
    const tasks = [...(await loadServedTasks(["arithmetic"], { seed: 1, indexRows: 10 })), served.letters];
    const server = await startServer(tasks, { limits: LIMITS });
    const objections: string[] = [];
    for (let start = 0; start < 500; start += 25) {
      const answers = Array.from({ length: 25 }, (_, i) =>
        throughSocket(server.url, new Rng(hashText("socket"), `${start + i}`)),
      );
      objections.push(...(await Promise.all(answers)).filter((why) => why !== null));
    }
    expect(objections).toEqual([]);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    await expect.poll(() => server.context.bodies.usedBytes).toBe(0);
    await server.close();
  });
});

const WITH_BODY = ["POST", "PUT", "PATCH", "DELETE"];

/** One in ten declares a length that is not its body's: such a connection may end without an answer, and no other. */
function throughSocket(url: string, rng: Rng): Promise<string | null> {
  const method = rng.pick(METHODS);
  const body = WITH_BODY.includes(method) ? anyBody(rng) : new Uint8Array();
  const path = rng.pick(PATHS.filter((one) => /^[\x21-\x7e]+$/.test(one)));
  const isWrong = body.byteLength > 0 && rng.next() < 0.1;
  const length = isWrong ? Math.max(0, body.byteLength + rng.integer(-5, 5)) : body.byteLength;
  const isChunked = !isWrong && rng.next() < 0.3;
  const headers = {
    "content-type": rng.pick(TYPES) || "application/json",
    ...(isChunked ? { "transfer-encoding": "chunked" } : { "content-length": length }),
  };
  const timeout = isWrong ? 200 : 30_000;
  return new Promise((resolve) => {
    const sending = request(new URL(url).origin + path, { method, headers, timeout }, (reply) => {
      let text = "";
      reply.on("data", (part) => (text += part));
      reply.once("end", () => resolve(objection(method, reply.statusCode ?? 0, text)));
    });
    sending.once("timeout", () => sending.destroy());
    sending.once("error", (error) =>
      resolve(isWrong ? null : `${method} ${path} ${body.byteLength} ${isChunked}: ${error}`),
    );
    sending.end(body);
  });
}
