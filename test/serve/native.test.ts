import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { serveTask, VerifyReply } from "../../src/serve/index.ts";
import { letters, type ServingOptions, served, serving } from "./serving.ts";

async function verify(request: unknown, options: ServingOptions = {}) {
  const { status, body } = await serving([served.letters], options).post("/v1/verify", request);
  expect(status, JSON.stringify(body)).toBe(200);
  return VerifyReply.parse(body).results;
}

const answer = { letter: "a" };

describe("POST /v1/verify", () => {
  test("gives each item its reward by id", async () => {
    const items = [
      { id: "slow", completion: ".a", answer },
      { id: "right", completion: "aa", answer },
      { id: "wrong", completion: "bb", answer },
    ];
    const results = await verify({ items });
    expect(results.map(({ id, reward, pass }) => [id, reward, pass])).toEqual([
      ["slow", 0.5, false],
      ["right", 1, true],
      ["wrong", 0, false],
    ]);
    expect(results[1]).toMatchObject({
      metrics: { share: 1 },
      parsed: "aa",
      explanation: "2 of 2 are a",
      error: null,
    });
  });

  test("what is not graded has no reward and says why; its neighbors have theirs", async () => {
    const items = [
      { id: "crash", completion: "!", answer },
      { id: "abstained", completion: "?", answer },
      { id: "late", completion: "~", answer },
      { id: "unfit", completion: "a", answer: 7 },
      { id: "long", completion: "a".repeat(101), answer },
      { id: "typed", completion: 5, answer },
      { id: "fine", completion: "a", answer },
    ];
    const results = await verify({ items }, { limits: { itemTimeoutMs: 30, completionChars: 100 } });
    expect(results.map(({ id, reward, error }) => [id, reward, error?.kind])).toEqual([
      ["crash", null, "crash"],
      ["abstained", null, "not_graded"],
      ["late", null, "timeout"],
      ["unfit", null, "bad_input"],
      ["long", null, "bad_input"],
      ["typed", null, "bad_input"],
      ["fine", 1, undefined],
    ]);
    expect(results[0]!.error!.message).toBe("Error: the verifier broke");
    expect(results[5]!.error!.message).toMatch(/^completion: /);
    expect(results.every(({ pass, reward }) => (reward === null) === (pass === null))).toBe(true);
  });

  test("timeout_ms bounds the request: what waits behind is late too, and nothing is lost", async () => {
    const items = ["~", "a", "~", "a"].map((completion, i) => ({ id: `${i}`, completion, answer }));
    const start = performance.now();
    const results = await verify({ items, timeout_ms: 60 }, { limits: { concurrency: 1 } });
    expect(performance.now() - start).toBeLessThan(5000);
    expect(results.map(({ reward, error }) => reward ?? error?.kind)).toEqual([
      "timeout",
      "timeout",
      "timeout",
      "timeout",
    ]);
  });

  test("rows that never load hold up neither the request nor its other items", async () => {
    const stuck = serveTask(
      {
        ...letters,
        async *load() {
          await new Promise(() => {});
          yield* [];
        },
      },
      { seed: 1, indexRows: 1 },
    );
    const items = [
      { id: "1", completion: "a", meta: { id: "train-a" } },
      { id: "2", completion: "a", answer },
    ];
    const { body } = await serving([stuck]).post("/v1/verify", { items, timeout_ms: 50 });
    const { results } = VerifyReply.parse(body);
    expect(results.map(({ reward, error }) => reward ?? error?.kind)).toEqual(["timeout", 1]);
  });

  test("timeout_ms cannot exceed the server's own limit", async () => {
    const items = [{ id: "1", completion: "~", answer }];
    const start = performance.now();
    const [result] = await verify({ items, timeout_ms: 1e9 }, { limits: { requestTimeoutMs: 50 } });
    expect(performance.now() - start).toBeLessThan(5000);
    expect(result!.error!.kind).toBe("timeout");
  });

  test("a verifier that hangs frees its place", async () => {
    const server = serving([served.letters], { limits: { concurrency: 1, itemTimeoutMs: 20 } });
    const one = (completion: string) => server.post("/v1/verify", { items: [{ id: "1", completion, answer }] });
    const [hung, fine] = await Promise.all([one("~"), one("a")]);
    expect(hung!.body).toMatchObject({ results: [{ error: { kind: "timeout" } }] });
    expect(fine!.body).toMatchObject({ results: [{ reward: 1 }] });
    expect(server.context.grader.active).toBe(0);
  });

  test("messages count by the assistant's last one", async () => {
    const chat = [
      { role: "assistant", content: "b" },
      { role: "tool", content: "c" },
      {
        role: "assistant",
        content: [
          { type: "text", text: "a" },
          { type: "image", url: "x" },
          { type: "text", text: "a" },
        ],
      },
      { role: "user", content: "d" },
    ];
    const items = [
      { id: "chat", completion: chat, answer },
      { id: "silent", completion: [], answer },
      { id: "empty", completion: [{ role: "assistant", content: null }], answer },
    ];
    expect((await verify({ items })).map(({ reward, parsed }) => [reward, parsed])).toEqual([
      [1, "aa"],
      [0, ""],
      [0, ""],
    ]);
  });

  test("an id that comes twice, or none, refuses the request: nothing could tell the results apart", async () => {
    const server = serving([served.letters]);
    const item = { id: "1", completion: "a", answer };
    expect(await server.post("/v1/verify", { items: [item, { ...item, completion: "b" }] })).toMatchObject({
      status: 422,
      body: { error: { code: "invalid", message: 'items[1].id: "1" came before, expected each id once' } },
    });
    expect(await server.post("/v1/verify", { items: [{ completion: "a" }] })).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringContaining("items[0].id") } },
    });
  });

  test("names its task where several are served", async () => {
    const server = serving([served.letters, served.sums]);
    const items = [{ id: "1", completion: "1 m", answer: "1" }];
    expect((await server.post("/v1/verify", { task: "sums", items })).body).toMatchObject({ results: [{ reward: 2 }] });
    expect(await server.post("/v1/verify", { items })).toMatchObject({ status: 422 });
    expect(await server.post("/v1/verify", { task: "sum", items })).toMatchObject({
      status: 404,
      body: { error: { code: "unknown_task", hint: "It serves letters, sums." } },
    });
  });

  test("no items, no results; too many are refused", async () => {
    expect(await verify({ items: [] })).toEqual([]);
    const items = ["1", "2", "3"].map((id) => ({ id, completion: "a", answer }));
    expect(await serving([served.letters], { limits: { items: 2 } }).post("/v1/verify", { items })).toMatchObject({
      status: 413,
      body: { error: { message: "the request has 3 items, expected ≤ 2" } },
    });
  });

  test("a full queue is said to be one, and serves again when it is not", async () => {
    const server = serving([served.letters], { limits: { concurrency: 1, queue: 2, itemTimeoutMs: 5000 } });
    const request = (completion: string) => ({ items: ["1", "2", "3"].map((id) => ({ id, completion, answer })) });
    const first = server.post("/v1/verify", request(".a"));
    await sleep(10);
    const second = await server.post("/v1/verify", request("a"));
    expect(second).toMatchObject({ status: 429, body: { error: { code: "busy" } } });
    expect(second.headers.get("retry-after")).toBe("1");
    expect((await first).status).toBe(200);
    expect((await server.post("/v1/verify", request("a"))).status).toBe(200);
  });

  test("a verifier that only computes lets others in between", async () => {
    const busy = {
      ...letters,
      verify: (...[completion, row]: Parameters<typeof letters.verify>) => {
        for (const end = performance.now() + 10; performance.now() < end; ) {}
        return letters.verify(completion, row);
      },
    };
    const server = serving([serveTask(busy, { seed: 1, indexRows: 1 })], { limits: { requestTimeoutMs: 60_000 } });
    const items = Array.from({ length: 60 }, (_, i) => ({ id: `${i}`, completion: "a", answer }));
    let isDone = false;
    const batch = server.post("/v1/verify", { items }).then(() => (isDone = true));
    await sleep(1);
    expect((await server.get("/health")).status).toBe(200);
    expect(isDone).toBe(false);
    await batch;
  });
});
