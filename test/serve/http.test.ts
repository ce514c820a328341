/** What is refused, and how: always JSON, always with what came and what to do. */
import { describe, expect, test } from "vitest";
import { ErrorReply } from "../../src/serve/index.ts";
import { answerOf, type ServingOptions, served, serving } from "./serving.ts";

const JSON_TYPE = { "content-type": "application/json" };
const GOOD = { items: [{ id: "1", completion: "a", answer: { letter: "a" } }] };

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

async function ask(
  { method = "POST", path = "/v1/verify", headers = JSON_TYPE, body }: Asked,
  options?: ServingOptions,
) {
  const init: RequestInit & { duplex: "half" } = { method, headers, body: body ?? null, duplex: "half" };
  return answerOf(await serving([served.letters], options).fetch(new Request(`http://127.0.0.1:8000${path}`, init)));
}

const stream = (...chunks: string[]) => new Blob(chunks).stream();
const limits = { bodyMb: 0.001 };

describe("refusals", () => {
  test.each<[string, Asked, number, string, RegExp]>([
    ["no JSON", { body: "{" }, 400, "bad_json", /no JSON/],
    ["nothing", { body: "" }, 400, "bad_json", /empty/],
    ["no UTF-8", { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, "bad_json", /UTF-8/],
    [
      "nesting of 400 levels",
      { body: `${"[".repeat(400)}${"]".repeat(400)}` },
      400,
      "bad_json",
      /nests deeper than 100/,
    ],
    ["a field named __proto__", { body: '{"items":[{"id":"1","__proto__":{}}]}' }, 400, "bad_json", /__proto__/],
    ["an unknown path", { path: "/v2/verify/x" }, 404, "not_found", /"\/v2\/verify\/x" is no path/],
    ["an unknown task", { path: "/nobody/rm", body: '{"response":"a"}' }, 404, "unknown_task", /"nobody"/],
    ["another method", { method: "DELETE" }, 405, "method_not_allowed", /DELETE came, expected POST/],
    [
      "a body of a GET path",
      { path: "/health", body: "{}" },
      405,
      "method_not_allowed",
      /POST came, expected GET, HEAD/,
    ],
    ["a large body", { body: "x".repeat(2000) }, 413, "too_large", /more than 1000 bytes/],
    [
      "a large body of unknown length",
      { body: stream("x".repeat(600), "y".repeat(600)) },
      413,
      "too_large",
      /more than 1000/,
    ],
    [
      "a wrong content-length",
      { body: "{}", headers: { ...JSON_TYPE, "content-length": "9" } },
      400,
      "bad_request",
      /2 bytes, expected 9/,
    ],
    [
      "another content-type",
      { body: "a=1", headers: { "content-type": "text/plain" } },
      415,
      "unsupported_media_type",
      /"text\/plain" came/,
    ],
    ["no content-type", { body: stream("{}"), headers: {} }, 415, "unsupported_media_type", /no content-type/],
    [
      "a compressed body",
      { body: "{}", headers: { ...JSON_TYPE, "content-encoding": "gzip" } },
      415,
      "unsupported_media_type",
      /compressed/,
    ],
    ["another shape", { body: '{"items":{}}' }, 422, "invalid", /^items: expected array/],
    ["an unknown field", { body: '{"items":[],"x":1}' }, 422, "invalid", /x/],
    ["a time limit of 0", { body: '{"items":[],"timeout_ms":0}' }, 422, "invalid", /^timeout_ms: /],
  ])("%s", async (_name, asked, status, code, message) => {
    const answer = await ask(asked, { limits });
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    const { error } = ErrorReply.parse(answer.body);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(JSON.stringify(answer.body)).not.toMatch(/\.ts:\d+|node_modules|\\n +at /); // no stack
  });

  test("nesting of 100,000 levels exhausts no stack, and neither does a body of a million values", async () => {
    for (const open of ["[", '{"a":', '[{"items":']) {
      const { status, body } = await ask({ body: open.repeat(100_000) });
      expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: "bad_json" } } });
    }
    const deep = await ask({ body: "[".repeat(100_000) + "]".repeat(100_000) });
    expect(deep.body).toMatchObject({ error: { message: "the body nests deeper than 100 levels" } });
    expect((await ask({ body: `[${"0,".repeat(1e6)}0]` })).status).toBe(422);
  });

  test("405 says which methods there are", async () => {
    expect((await ask({ method: "PUT" })).headers.get("allow")).toBe("POST");
    expect((await ask({ method: "PUT", path: "/health" })).headers.get("allow")).toBe("GET, HEAD");
  });

  test("a content-type with a charset, and +json, are JSON", async () => {
    const body = JSON.stringify(GOOD);
    for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/problem+json"]) {
      expect((await ask({ body, headers: { "content-type": type } })).status).toBe(200);
    }
  });

  test("bodies under way have a bound together, which is free again when they are answered", async () => {
    const server = serving([served.letters], { limits: { bodyMb: 0.001, memoryMb: 0.001 } });
    const body = { items: [{ id: "1", completion: `.${"a".repeat(600)}`, answer: { letter: "a" } }] };
    const [first, second] = await Promise.all([server.post("/v1/verify", body), server.post("/v1/verify", body)]);
    expect([first!.status, second!.status]).toEqual([200, 429]);
    expect((await server.post("/v1/verify", body)).status).toBe(200);
    expect(server.context.bodies.usedBytes).toBe(0);
  });

  test("a closing server takes nothing new", async () => {
    const server = serving([served.letters]);
    server.context.isClosing = true;
    const { status, body, headers } = await server.post("/v1/verify", GOOD);
    expect({ status, body }).toMatchObject({ status: 503, body: { error: { code: "shutting_down" } } });
    expect(headers.get("connection")).toBe("close");
  });

  test("what nobody foresaw is a 500 without a stack, and a warning with one", async () => {
    const server = serving([served.letters]);
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    Object.defineProperty(server.context, "grader", {
      get: () => {
        throw new Error("unforeseen");
      },
    });
    const { status, body } = await server.post("/v1/verify", GOOD);
    expect(status).toBe(500);
    expect(JSON.stringify(ErrorReply.parse(body))).not.toContain("unforeseen");
    expect((await warned).message).toContain("unforeseen");
  });
});

const TOKEN = "a token of 16 characters or more";

describe("access", () => {
  const withToken = (authorization: string | null, path = "/v1/verify") =>
    ask(
      { path, body: JSON.stringify(GOOD), headers: { ...JSON_TYPE, ...(authorization ? { authorization } : {}) } },
      { token: TOKEN.replaceAll(" ", "-") },
    );
  const token = TOKEN.replaceAll(" ", "-");
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  test("a bearer token or a password opens", async () => {
    for (const good of [`Bearer ${token}`, `bearer ${token}`, basic(`anyone:${token}`), basic(`:${token}`)]) {
      expect((await withToken(good)).status, good).toBe(200);
    }
  });

  test("all else is 401 with a reason", async () => {
    for (const bad of [
      null,
      "Bearer",
      "Bearer x",
      `Bearer ${token}x`,
      token,
      basic(token),
      basic("anyone:x"),
      `Digest ${token}`,
    ]) {
      const { status, body, headers } = await withToken(bad);
      expect(status, String(bad)).toBe(401);
      expect(ErrorReply.parse(body).error.code).toBe("unauthorized");
      expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
    expect((await withToken(null, "/nowhere")).status).toBe(401); // says nothing of its paths
  });

  test("/health needs none", async () => {
    expect((await serving([served.letters], { token }).get("/health")).status).toBe(200);
  });

  test("without a token only this machine's own names are served", async () => {
    const at = async (host: string) =>
      (await serving([served.letters]).fetch(new Request("http://127.0.0.1/v1/tasks", { headers: { host } }))).status;
    expect(await Promise.all(["localhost:8000", "127.0.0.1", "127.1.2.3:1", "[::1]:8000"].map(at))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await Promise.all(["evil.example", "127.0.0.1.evil.example:8000", "localhost.evil"].map(at))).toEqual([
      421, 421, 421,
    ]);
  });
});
