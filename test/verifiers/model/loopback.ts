/** A real HTTP server on loopback that answers as a test says, closed when the test ends. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Clock } from "../../../src/verifiers/model/clock.ts";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: the test knows what it sent
  readonly body: any;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** JSON, or a text that is sent as it is. */
  readonly body?: unknown;
  /** Sends the head and half of the body, then cuts the line. */
  readonly torn?: boolean;
  /** Never answers. */
  readonly silent?: boolean;
}

export interface Loopback {
  readonly baseUrl: string;
  readonly received: Received[];
}

export async function loopback(answer: (request: Received, n: number) => Reply | Promise<Reply>): Promise<Loopback> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const one = { path: request.url ?? "", headers: request.headers, body };
    received.push(one);
    send(response, await answer(one, received.length));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, received };
}

function send(response: ServerResponse, { status = 200, headers = {}, body = {}, torn, silent }: Reply): void {
  if (silent) return;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  if (torn) {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
    return;
  }
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(text);
}

/** A chat completion that says this. */
export function says(content: string, rest: object = {}): Reply {
  return { body: { choices: [{ finish_reason: "stop", message: { role: "assistant", content }, ...rest }] } };
}

/** Time that passes only while somebody sleeps. */
export function virtualClock(): Clock & { readonly slept: number[] } {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  };
}
