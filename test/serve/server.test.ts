/** Real sockets: what is no HTTP, what comes slowly, and an end that loses nothing. */
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { ErrorReply, type RewardServer, type ServerOptions, startServer } from "../../src/serve/index.ts";
import { served } from "./serving.ts";

const open: RewardServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function start(options: ServerOptions = {}) {
  const server = await startServer([served.letters], options);
  open.push(server);
  return server;
}

const ask = (url: string, completion: string) =>
  fetch(`${url}/rm`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ response: completion, label: { letter: "a" } }),
  });

/** Sends bytes as they are; resolves with all that comes back until the server closes, or falls silent. */
function raw(url: string, bytes: string, silenceMs = 2000): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(bytes, "latin1"));
    socket.on("data", (data) => (said += data));
    socket.on("error", () => {}); // a reset after an answer is an end like any other
    socket.setTimeout(silenceMs, () => socket.destroy());
    socket.on("close", () => resolve(said));
  });
}

function errorOf(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), code: ErrorReply.parse(JSON.parse(body)).error.code };
}

describe("startServer", () => {
  test("serves on a free port of this machine", async () => {
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await ask(url, "ab")).json()).toBe(0.5);
  });

  test("an address that others can reach needs a token", async () => {
    for (const host of ["0.0.0.0", "::", "example.com", "192.168.1.1"]) {
      await expect(start({ host })).rejects.toMatchObject({
        code: "E_CONFIG",
        hint: expect.stringContaining("RLVR_TOKEN"),
      });
    }
    const { url } = await start({ host: "0.0.0.0", token: "sixteen-characters" });
    expect((await ask(url.replace("0.0.0.0", "127.0.0.1"), "a")).status).toBe(401);
  });

  test("a port in use is an error that says so", async () => {
    const { url } = await start();
    const again = start({ port: Number(new URL(url).port) });
    await expect(again).rejects.toMatchObject({ code: "E_CONFIG", message: expect.stringContaining("EADDRINUSE") });
  });

  test.each([
    ["no HTTP", "hello\r\n\r\n", 400, "bad_request"],
    ["a TLS handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "bad_request"],
    [
      "two lengths",
      "POST /rm HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
      400,
      "bad_request",
    ],
    [
      "a chunk of a length that is none",
      "POST /rm HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
      400,
      "bad_request",
    ],
    ["a host that is none", "GET /health HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n", 400, "bad_request"],
    ["a URL that is none", "GET http://[ HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", 400, "bad_request"],
    [
      "headers without an end",
      `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(40_000)}\r\n\r\n`,
      431,
      "headers_too_large",
    ],
  ])("%s is refused in JSON", async (_name, bytes, status, code) => {
    const { url } = await start();
    expect(errorOf(await raw(url, bytes))).toEqual({ status, code });
    expect((await ask(url, "a")).status).toBe(200);
  });

  test("a client that goes away in the middle of its body harms nobody", async () => {
    const { url, context } = await start();
    const head =
      "POST /rm HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n";
    await raw(url, `${head}{"response":`, 50);
    await expect.poll(() => context.underWay).toBe(0);
    expect(context.bodies.usedBytes).toBe(0);
    expect((await ask(url, "a")).status).toBe(200);
  });

  test("connections are kept, and bounded in number", async () => {
    const { url } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const used: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      await new Promise<void>((resolve) => {
        const sent = request(`${url}/health`, { agent }, (reply) => {
          used.push(reply.socket.localPort);
          reply.resume().once("end", resolve);
        });
        sent.end();
      });
    }
    agent.destroy();
    expect(new Set(used).size).toBe(1);
  });

  test("close waits for what is under way, and takes nothing new", async () => {
    const server = await start();
    const slow = ask(server.url, ".aaa");
    await expect.poll(() => server.context.grader.active).toBe(1);
    const closing = server.close();
    await expect(ask(server.url, "a")).rejects.toThrow();
    expect(await (await slow).json()).toBe(0.75);
    await closing;
    expect(server.context.underWay).toBe(0);
  });

  test("close does not wait for a client that keeps its connection open", async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve) =>
      request(`${server.url}/health`, { agent }, (reply) => reply.resume().once("end", resolve)).end(),
    );
    const start_ = performance.now();
    await server.close();
    expect(performance.now() - start_).toBeLessThan(5000);
    agent.destroy();
  });

  test("logs one line for a second of traffic, with what became of it", async () => {
    const lines: string[] = [];
    const { url } = await start({ log: (line) => lines.push(line) });
    await Promise.all(["a", "b", "!", "a"].map(async (completion) => (await ask(url, completion)).text()));
    await fetch(`${url}/nowhere`);
    await sleep(1300);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^5 requests, 4 completions, p50 [\d.]+ ms, p99 [\d.]+ ms, 1 not graded, 2 refused$/);
  });
});
