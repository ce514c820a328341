/**
 * HTTP to the server of a sampling engine: bounded in number and in time, tried again where that may help.
 *
 * A request waits for a whole completion, which may take many minutes. So this speaks node:http: `fetch` gives up after
 * five. The key is sent as a bearer token and stands in no message.
 */
import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { RlvrError } from "../../errors.ts";
import { Rng } from "../../rng.ts";
import { retryAfterMs } from "../../verifiers/model/retry-after.ts";

const LONGEST_BACK_OFF_MS = 30_000;
/** The only 4xx that the same request may get past: too many requests. */
const BUSY = 429;

export interface ClientOptions {
  /** http://host:port, with or without /v1 at its end. */
  readonly url: string;
  readonly apiKey?: string;
  /** Requests under way at the same time. */
  readonly concurrency: number;
  /** Deadline of one request. */
  readonly timeoutMs: number;
  /** Further requests after a fault that may pass: network, timeout, 5xx, 429, an answer that is torn or makes no sense. */
  readonly retries: number;
  /** The first pause before a further request; each is twice as long. Default 500. */
  readonly backOffMs?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears what the call waits for now. */
  readonly note?: (waitsFor: string) => void;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | null;
}

export class EngineClient {
  /** Without key or query: names the server in messages. */
  readonly name: string;
  readonly #base: URL;
  readonly #options: ClientOptions;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #agent: http.Agent;
  readonly #jitter = new Rng(0, "engine-client/back-off"); // no sample depends on it

  /** @throws E_CONFIG for what is no address */
  constructor(options: ClientOptions) {
    this.#base = parseUrl(options.url);
    this.#options = options;
    this.name = `${this.#base.origin}${this.#base.pathname.replace(/\/$/, "")}`;
    this.#limit = pLimit(options.concurrency);
    this.#agent = new (this.#base.protocol === "https:" ? https : http).Agent({ keepAlive: true });
  }

  /**
   * POSTs JSON, and reads the answer with `read`. An answer that it throws at counts as a fault that may pass.
   *
   * @throws E_SERVE that names server, path and what happened, when all tries are spent; the signal's reason
   */
  call<Value>(
    path: string,
    body: unknown,
    read: (answer: unknown) => Value,
    options: CallOptions = {},
  ): Promise<Value> {
    const { note, signal } = options;
    const text = JSON.stringify(body);
    note?.(`a place among the ${this.#options.concurrency} requests to ${this.name} at the same time`);
    return this.#limit(() => this.#attempts(path, text, read, { note, signal }));
  }

  /** One request of any kind, without further tries. Any status is an answer. @throws E_SERVE if none comes */
  async ask(method: "GET" | "POST", path: string, body?: unknown, signal?: AbortSignal): Promise<Reply> {
    try {
      return await this.#exchange(method, path, body === undefined ? undefined : JSON.stringify(body), signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#fault(path, reasonOf(error), error);
    }
  }

  /** As `ask`, for what must be answered with 200. Not JSON for every engine, so the text is given back. */
  async must(method: "GET" | "POST", path: string, body?: unknown, signal?: AbortSignal): Promise<string> {
    const { status, text } = await this.ask(method, path, body, signal);
    if (status === 200) return text;
    throw this.#fault(path, `${status}: ${this.#excerpt(text)}`, undefined);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #attempts<Value>(
    path: string,
    text: string,
    read: (answer: unknown) => Value,
    { note, signal }: { note: CallOptions["note"]; signal: AbortSignal | undefined },
  ): Promise<Value> {
    const { retries, backOffMs = 500 } = this.#options;
    let before = "";
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      note?.(`${this.name}${path}, request ${attempt + 1} of ${retries + 1}${before}`);
      const outcome = await this.#attempt(path, text, read, signal);
      if ("value" in outcome) return outcome.value;
      signal?.throwIfAborted();
      const { error, final } = outcome;
      if (final || attempt === retries) {
        if (attempt === 0) throw error;
        const { code, message, hint } = error;
        throw new RlvrError(code, `${message} (request ${attempt + 1} of ${retries + 1})`, {
          cause: error,
          ...(hint === undefined ? {} : { hint }),
        });
      }
      before = `; the one before: ${error.message}`;
      const backOff = Math.min(LONGEST_BACK_OFF_MS, backOffMs * 2 ** attempt) * (0.5 + this.#jitter.next() / 2);
      const pauseMs = Math.max(backOff, Math.min(LONGEST_BACK_OFF_MS, outcome.retryAfterMs ?? 0));
      note?.(`the pause before request ${attempt + 2} of ${retries + 1} to ${this.name}${path}${before}`);
      await sleep(pauseMs, undefined, { signal });
    }
  }

  async #attempt<Value>(
    path: string,
    text: string,
    read: (answer: unknown) => Value,
    signal: AbortSignal | undefined,
  ): Promise<{ value: Value } | { error: RlvrError; final: boolean; retryAfterMs: number | null }> {
    const failed = (error: RlvrError, final: boolean, retryAfterMs: number | null = null) => ({
      ...{ error, final, retryAfterMs },
    });
    let reply: Reply;
    try {
      reply = await this.#exchange("POST", path, text, signal);
    } catch (error) {
      return failed(this.#fault(path, reasonOf(error), error), false);
    }
    const { status } = reply;
    if (status !== 200) {
      const final = status < 500 && status !== BUSY;
      return failed(this.#fault(path, `${status}: ${this.#excerpt(reply.text)}`, undefined), final, reply.retryAfterMs);
    }
    try {
      return { value: read(parse(reply.text)) };
    } catch (error) {
      const hint = error instanceof RlvrError ? error.hint : undefined;
      return failed(this.#fault(path, reasonOf(error), error, hint), false);
    }
  }

  async #exchange(
    method: string,
    path: string,
    body: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    const { apiKey, timeoutMs } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    const headers = {
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    };
    const send = this.#base.protocol === "https:" ? https.request : http.request;
    const url = new URL(this.#base.pathname.replace(/\/$/, "") + path, this.#base);
    try {
      const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
        const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
        const request = send(url, { method, headers, agent: this.#agent, signal: both }, resolve);
        request.on("error", reject);
        request.end(body);
      });
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer); // throws where the line is cut
      return {
        status: response.statusCode ?? 0,
        text: Buffer.concat(chunks).toString(),
        retryAfterMs: retryAfterMs(response.headers["retry-after"] ?? null, Date.now()),
      };
    } catch (error) {
      if (timeout.aborted && !signal?.aborted) throw new Error(`no answer within ${timeoutMs} ms`, { cause: error });
      throw error;
    }
  }

  #fault(path: string, reason: string, cause: unknown, hint?: string): RlvrError {
    return new RlvrError("E_SERVE", `${this.name}${path}: ${reason}`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #excerpt(text: string): string {
    const { apiKey } = this.#options;
    const shown = apiKey ? text.replaceAll(apiKey, "[key]") : text;
    return JSON.stringify(shown.length > 300 ? `${shown.slice(0, 300)}…` : shown);
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const secret = url !== null && (url.username !== "" || url.password !== "");
  if (url === null || secret || !/^https?:$/.test(url.protocol)) {
    const came = secret
      ? "the engine's address holds a user name or a password"
      : `the engine's address is ${JSON.stringify(text)}`;
    throw new RlvrError("E_CONFIG", `${came}, expected one like http://127.0.0.1:8000`, {
      hint: "give sampler.url; a key goes into the environment variable that sampler.apiKeyEnv names",
    });
  }
  url.search = "";
  url.pathname = url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
  return url;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`the answer is no JSON: ${JSON.stringify(text.slice(0, 100))}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name; // of several addresses tried, no message
}
