/** Listens: sockets, their time limits, and an end that loses no request. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { z } from "zod";
import { RlvrError } from "../errors.ts";
import { checkExposure } from "./access.ts";
import { createApp } from "./app.ts";
import { createContext, type Dialect, type ServeContext } from "./context.ts";
import { Refusal, type RefusalCode, shorten } from "./refusal.ts";
import type { ServedTask } from "./served-task.ts";
import type { ServeLimits } from "./settings.ts";

export interface ServerOptions {
  /** 127.0.0.1 by default; any address that others can reach needs a token. */
  readonly host?: string;
  /** 0 = any free one, and the default. */
  readonly port?: number;
  readonly token?: string;
  readonly limits?: z.input<typeof ServeLimits>;
  /** For /openapi.json. */
  readonly version?: string;
  /** Besides the trainers' own, such as `runCode`. */
  readonly dialects?: readonly Dialect[];
  /** Gets at most one line a second. */
  readonly log?: (line: string) => void;
}

export interface RewardServer {
  /** `http://127.0.0.1:8000` */
  readonly url: string;
  readonly context: ServeContext;
  /** Refuses what comes, and resolves when what is under way is answered. */
  close(): Promise<void>;
}

/** A client that has not sent its headers by then is not one. */
const HEADERS_MS = 10_000;
/** For the whole request to arrive. */
const ARRIVAL_MS = 30_000;
/** Longer than trainers' connection pools keep theirs: who closes first meets no request on its way. */
const KEEP_ALIVE_MS = 75_000;
const CHECK_MS = 20;

/**
 * Starts the server.
 *
 * @throws E_CONFIG for an address that is in use or not there, or that others can reach without a token
 */
export async function startServer(tasks: readonly ServedTask[], options: ServerOptions = {}): Promise<RewardServer> {
  const { host = "127.0.0.1", port = 0, token = "" } = options;
  checkExposure(host, token);
  const context = createContext(tasks, options);
  const fetch = createApp(context, options);
  const timeouts = {
    headersTimeout: HEADERS_MS,
    requestTimeout: ARRIVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 1000,
  };
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false, errorHandler: refuseUnreadable });
  const server = createServer(timeouts, listener);
  server.maxConnections = context.limits.connections;
  server.on("clientError", refuseBroken);
  await listen(server, host, port);
  return { url: urlOf(server), context, close: () => close(server, context) };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const hint =
        error.code === "EADDRINUSE" ? "Choose another --port, or 0 for any free one." : "Choose another --host.";
      reject(
        new RlvrError("E_CONFIG", `${host}:${port} cannot be listened on: ${error.message}`, { hint, cause: error }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** What Node's parser reports → what we answer; all else is bad_request. */
const PARSER_ERRORS: Readonly<Record<string, RefusalCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
  HPE_HEADER_OVERFLOW: "headers_too_large",
};

/** Bytes that are no HTTP never become a request: the answer is written to the socket itself, in JSON like all others. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = new Refusal(
    PARSER_ERRORS[error.code ?? ""] ?? "bad_request",
    "the request is no valid HTTP",
  );
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

/** A host or a URL that is none: the app never sees it. */
function refuseUnreadable(error: unknown): Response {
  const { status, body } = new Refusal(
    "bad_request",
    error instanceof Error ? shorten(error.message) : "no valid request",
  );
  return Response.json(body, { status });
}

async function close(server: Server, context: ServeContext): Promise<void> {
  context.isClosing = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = performance.now() + context.limits.requestTimeoutMs;
  const check = setInterval(() => {
    if (context.underWay === 0) server.closeIdleConnections();
    if (performance.now() > patience) server.closeAllConnections();
  }, CHECK_MS);
  await closed;
  clearInterval(check);
  context.traffic.close();
}
