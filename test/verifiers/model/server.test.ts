import { describe, expect, test } from "vitest";
import { RateLimit } from "../../../src/verifiers/model/rate-limit.ts";
import { retryAfterMs } from "../../../src/verifiers/model/retry-after.ts";
import { type ModelServerSettings, modelServer } from "../../../src/verifiers/model/server.ts";
import { loopback, type Reply, virtualClock } from "./loopback.ts";

const KEY = "sk-very-secret-0123456789";
const OK: Reply = { body: { fine: true } };

/** Replies one after the other, the last one for ever; and a server that gets them with virtual pauses. */
async function serverWith(replies: readonly Reply[], settings: Partial<ModelServerSettings> = {}) {
  const { baseUrl, received } = await loopback((_request, n) => replies[n - 1] ?? (replies.at(-1) as Reply));
  const clock = virtualClock();
  const server = modelServer({ baseUrl, apiKey: KEY, ...settings }, clock);
  const post = (signal?: AbortSignal) => server.post("/v1/chat/completions", { n: 1 }, signal);
  return { server, post, received, clock };
}

describe("modelServer", () => {
  test("posts JSON with the key to the path, whether or not baseUrl ends with /v1", async () => {
    const { baseUrl, received } = await loopback(() => OK);
    for (const base of [baseUrl, `${baseUrl}/`, baseUrl.replace("/v1", ""), baseUrl.replace("/v1", "/api/v1")]) {
      const server = modelServer({ baseUrl: base, apiKey: KEY });
      expect(await server.post("/v1/chat/completions", { a: 1 }, undefined)).toEqual({
        status: "answered",
        body: { fine: true },
      });
    }
    expect(received.map(({ path }) => path)).toEqual([
      "/v1/chat/completions",
      "/v1/chat/completions",
      "/v1/chat/completions",
      "/api/v1/chat/completions",
    ]);
    expect(received[0]).toMatchObject({ headers: { authorization: `Bearer ${KEY}` }, body: { a: 1 } });
  });

  test.each([429, 500, 502, 503, 504, 408])("tries again after %d", async (status) => {
    const { post, received } = await serverWith([{ status }, { status }, OK]);
    expect(await post()).toMatchObject({ status: "answered" });
    expect(received).toHaveLength(3);
  });

  test.each([400, 401, 404, 422])("does not try again after %d, and says what the server said", async (status) => {
    const { post, received } = await serverWith([{ status, body: "model not found" }]);
    expect(await post()).toMatchObject({
      status: "not-graded",
      cause: "infrastructure-error",
      reason: expect.stringMatching(new RegExp(`/v1/chat/completions: ${status} .*model not found`)),
    });
    expect(received).toHaveLength(1);
  });

  test("gives up after `retries` further requests", async () => {
    const { post, received, clock } = await serverWith([{ status: 503 }], { retries: 2 });
    expect(await post()).toMatchObject({ cause: "infrastructure-error", reason: expect.stringContaining("3 of 3") });
    expect(received).toHaveLength(3);
    // 500 ms and 1,000 ms, each times a number in [.5, 1)
    expect(clock.slept[0]).toBeGreaterThanOrEqual(250);
    expect(clock.slept[0]).toBeLessThan(500);
    expect(clock.slept[1]).toBeGreaterThanOrEqual(500);
    expect(clock.slept[1]).toBeLessThan(1000);
  });

  test("pauses are drawn from the seed", async () => {
    const pauses = async (seed: number) => {
      const { post, clock } = await serverWith([{ status: 503 }], { retries: 3, seed });
      await post();
      return clock.slept;
    };
    expect(await pauses(1)).toEqual(await pauses(1));
    expect(await pauses(1)).not.toEqual(await pauses(2));
  });

  test("waits as long as Retry-After says", async () => {
    const { post, clock } = await serverWith([{ status: 429, headers: { "retry-after": "17" } }, OK]);
    expect(await post()).toMatchObject({ status: "answered" });
    expect(clock.slept).toEqual([17_000]);
  });

  test("does not wait for what would miss the deadline", async () => {
    const { post, clock, received } = await serverWith([{ status: 429, headers: { "retry-after": "600" } }]);
    expect(await post()).toMatchObject({ reason: expect.stringContaining("600000 ms would miss the deadline") });
    expect(clock.slept).toEqual([]);
    expect(received).toHaveLength(1);
  });

  test("a request that gets no answer is cut off and counts as a fault", async () => {
    const { post, received } = await serverWith([{ silent: true }], { timeoutMs: 30, retries: 1 });
    expect(await post()).toMatchObject({
      cause: "infrastructure-error",
      reason: expect.stringContaining("no answer within 30 ms"),
    });
    expect(received).toHaveLength(2);
  });

  test.each([
    ["a line that is cut in the middle", { body: { long: "x".repeat(1000) }, torn: true }],
    ["half an object", { body: '{"choices": [{"mess' }],
    ["a proxy's page", { body: "<html>Bad gateway</html>" }],
    ["a redirect", { status: 307, headers: { location: "http://127.0.0.1:1/" } }],
  ])("%s is a fault, and tried again", async (_name, reply: Reply) => {
    const { post, received } = await serverWith([reply, OK]);
    expect(await post()).toMatchObject({ status: "answered" });
    expect(received).toHaveLength(2);
  });

  test("a server that is not there is an infrastructure error", async () => {
    const server = modelServer({ baseUrl: "http://127.0.0.1:1", retries: 1 }, virtualClock());
    expect(await server.post("/v1/chat/completions", {}, undefined)).toMatchObject({
      status: "not-graded",
      cause: "infrastructure-error",
    });
  });

  test("the key is in no message, even if the server repeats it", async () => {
    const { post } = await serverWith([{ status: 401, body: `Incorrect API key provided: ${KEY}` }]);
    const verdict = JSON.stringify(await post());
    expect(verdict).toContain("[key]");
    expect(verdict).not.toContain("secret");
    for (const settings of [
      { baseUrl: "http://localhost", apiKey: `${KEY}\n` },
      { baseUrl: `http://user:${KEY}@localhost` },
    ]) {
      expect(() => modelServer(settings)).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
      expect(() => modelServer(settings)).not.toThrow("secret");
    }
    const query = modelServer({ baseUrl: `http://127.0.0.1:1/?key=${KEY}`, retries: 0 });
    expect(JSON.stringify(await query.post("/v1/x", {}, undefined)) + query.name).not.toContain("secret");
  });

  test("an abort ends a request, a pause and a place in the queue", async () => {
    const { post, received } = await serverWith([{ silent: true }], { concurrency: 1 });
    const controller = new AbortController();
    const both = Promise.all([post(controller.signal), post(controller.signal)]);
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort();
    expect((await both).map((verdict) => verdict.status === "not-graded" && verdict.reason)).toEqual([
      expect.stringContaining("given up by the caller"),
      expect.stringContaining("given up by the caller"),
    ]);
    expect(received).toHaveLength(1);

    const { baseUrl } = await loopback(() => ({ status: 503 }));
    const pausing = modelServer({ baseUrl }).post("/v1/x", {}, AbortSignal.timeout(40)); // real time: a pause of 250 ms at least
    expect(await pausing).toMatchObject({ reason: expect.stringContaining("given up by the caller") });
  });

  test("at most `concurrency` requests are under way", async () => {
    let running = 0;
    let most = 0;
    const { baseUrl } = await loopback(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return OK;
    });
    const server = modelServer({ baseUrl, concurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => server.post("/v1/x", {}, undefined)));
    expect(most).toBe(3);
  });

  test.each([
    [{ baseUrl: "localhost:8000" }, "baseUrl"],
    [{ baseUrl: "file:///etc/passwd" }, "baseUrl"],
    [{ baseUrl: "http://localhost", concurrency: 0 }, "concurrency"],
    [{ baseUrl: "http://localhost", timeout: 5 }, "timeout"],
  ])("refuses %j", (settings, named) => {
    expect(() => modelServer(settings)).toThrow(named);
  });
});

describe("the circuit breaker", () => {
  const settings = { retries: 0, breakAfter: 3, cooldownMs: 20_000 };

  test("opens after so many failures in a row, says so, and lets through again after a while", async () => {
    const down: Reply = { status: 500, body: "out of memory" };
    const { post, received, clock } = await serverWith([down, down, down, OK], settings);
    for (let i = 0; i < 3; i++) await post();
    const refused = await post();
    expect(refused).toMatchObject({
      cause: "infrastructure-error",
      reason: expect.stringMatching(/the circuit is open after 3 failures in a row, for another 20 s.*out of memory/),
    });
    expect(received).toHaveLength(3);

    await clock.sleep(20_000, undefined);
    expect(await post()).toMatchObject({ status: "answered" });
    expect(received).toHaveLength(4);
  });

  test("opens anew at the first failure after the pause", async () => {
    const { post, received, clock } = await serverWith([{ status: 500 }], settings);
    for (let i = 0; i < 3; i++) await post();
    await clock.sleep(20_000, undefined);
    await post();
    expect(await post()).toMatchObject({ reason: expect.stringContaining("after 4 failures") });
    expect(received).toHaveLength(4);
  });

  test("a success starts the count anew, and a busy server is not a broken one", async () => {
    const bad: Reply = { status: 500 };
    const busy: Reply = { status: 429 };
    const { post, received } = await serverWith([bad, bad, OK, bad, bad, busy, busy, busy, OK], settings);
    for (let i = 0; i < 9; i++) await post();
    expect(received).toHaveLength(9);
  });

  test("stops the retries of a call", async () => {
    const { post, received } = await serverWith([{ status: 500 }], { ...settings, retries: 10 });
    expect(await post()).toMatchObject({ reason: expect.stringContaining("the circuit is open") });
    expect(received).toHaveLength(3);
  });
});

describe("RateLimit", () => {
  test("never lets more than its number start within any minute, and no call waits longer than it must", async () => {
    const clock = virtualClock();
    const limit = new RateLimit(3, clock);
    const begin = clock.now();
    const starts: number[] = [];
    for (let i = 0; i < 8; i++) {
      await limit.turn(undefined);
      starts.push((clock.now() - begin) / 1000);
      if (i === 1) await clock.sleep(10_000, undefined);
    }
    expect(starts).toEqual([0, 0, 10, 60, 60, 70, 120, 120]);
  });

  test("holds for the requests of a server, retries included", async () => {
    const { post, clock } = await serverWith([OK, { status: 429, headers: { "retry-after": "1" } }, OK], {
      requestsPerMinute: 2,
    });
    await post();
    await post();
    expect(clock.slept).toEqual([1000, 59_000]);
  });
});

describe("retryAfterMs", () => {
  const now = Date.parse("2026-11-06T08:49:37Z");
  test.each([
    ["120", 120_000],
    ["0", 0],
    ["Fri, 06 Nov 2026 08:50:00 GMT", 23_000],
    ["Fri, 06 Nov 2026 08:49:00 GMT", 0],
    ["soon", null],
    [null, null],
  ])("%j is %j ms", (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
