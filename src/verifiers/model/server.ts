/**
 * Requests to a server that runs a model: bounded in number, in rate and in time, tried again where that may help.
 *
 * Whatever goes wrong on the way is an infrastructure error that says what: no fault of a server becomes a reward.
 * The key is sent as a bearer token and stands in no message.
 */
import pLimit from "p-limit";
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { Rng } from "../../rng.ts";
import { type NotGraded, notGraded } from "../verdict.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { type Clock, systemClock } from "./clock.ts";
import { RateLimit } from "./rate-limit.ts";
import { retryAfterMs } from "./retry-after.ts";

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;
/** 429 aside: request timeout, too early. */
const PASSING = [408, 425];
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const ModelServerSettings = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }).describe("with or without /v1 at its end: http://localhost:8000/v1"),
  apiKey: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "expected printable ASCII without spaces")
    .optional()
    .describe("sent as a bearer token"),
  concurrency: z.int().positive().default(8).describe("calls under way at the same time"),
  requestsPerMinute: z.int().positive().optional().describe("requests within any 60 seconds; no limit by default"),
  retries: z.int().nonnegative().default(4).describe("further requests after a passing fault (network, 429, 5xx)"),
  timeoutMs: z.number().positive().max(LONGEST_TIMER_MS).default(60_000).describe("for the answer to one request"),
  deadlineMs: z
    .number()
    .positive()
    .max(LONGEST_TIMER_MS)
    .default(180_000)
    .describe("for one call with its retries, from its first request"),
  breakAfter: z.int().positive().default(10).describe("failures in a row after which nothing is sent for a while"),
  cooldownMs: z.number().positive().max(LONGEST_TIMER_MS).default(30_000).describe("how long that while is"),
  seed: z.int().default(0).describe("of the jitter in the pauses between requests; no verdict depends on it"),
});
export type ModelServerSettings = z.input<typeof ModelServerSettings>;

/** What a server answered, as parsed JSON. */
export interface Answered {
  readonly status: "answered";
  readonly body: unknown;
}

/** A server that several verifiers may share, so that its limits hold for all of them together. */
export interface ModelServer {
  /** Without key or query: names the server in messages and cache keys. */
  readonly name: string;
  /** POSTs JSON to a path such as /v1/chat/completions. */
  readonly post: (path: string, body: unknown, signal: AbortSignal | undefined) => Promise<Answered | NotGraded>;
}

/** @throws {RlvrError} E_CONFIG for a setting that is not what it should be */
export function modelServer(settings: ModelServerSettings, clock: Clock = systemClock): ModelServer {
  const parsed = ModelServerSettings.safeParse(settings);
  if (!parsed.success) throw new RlvrError("E_CONFIG", `the model server's settings: ${z.prettifyError(parsed.error)}`);
  const { baseUrl, apiKey, concurrency, requestsPerMinute, retries, breakAfter, cooldownMs, seed } = parsed.data;
  const { timeoutMs: requestMs, deadlineMs } = parsed.data;
  const base = new URL(baseUrl);
  if (base.username !== "" || base.password !== "") {
    throw new RlvrError("E_CONFIG", "baseUrl holds a user name or a password, expected neither", {
      hint: "Pass the secret as apiKey.",
    });
  }
  const root = base.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
  const limit = pLimit(concurrency);
  const rate = requestsPerMinute === undefined ? null : new RateLimit(requestsPerMinute, clock);
  const breaker = new CircuitBreaker({ failures: breakAfter, cooldownMs }, clock);
  const jitter = new Rng(seed, "model-server/back-off");
  const safe = (text: string) => (apiKey === undefined ? text : text.replaceAll(apiKey, "[key]"));

  async function call(url: URL, text: string, signal: AbortSignal | undefined): Promise<Answered | NotGraded> {
    let endsAt: number | null = null;
    for (let attempt = 0; ; attempt++) {
      const refusal = breaker.refusal();
      if (refusal !== null) return fault(`${where(url)}: ${refusal}`);
      await rate?.turn(signal);
      endsAt ??= clock.now() + deadlineMs;

      const restMs = endsAt - clock.now();
      if (restMs <= 0) return fault(`${where(url)}: no answer within ${deadlineMs} ms`);
      const timeoutMs = Math.min(requestMs, restMs);
      const reply = await request(url, text, apiKey, { timeoutMs, signal, now: clock.now });
      if (reply.status === "answered") {
        breaker.succeeded();
        return reply;
      }
      if (signal?.aborted) return fault(`${where(url)}: given up by the caller`);
      const reason = safe(reply.reason);
      if (reply.kind !== "busy") breaker.failed(reason);
      if (reply.kind === "final" || attempt === retries) {
        return fault(`${reason}${attempt === 0 ? "" : ` (request ${attempt + 1} of ${retries + 1})`}`);
      }
      const backOff = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** attempt) * (0.5 + jitter.next() / 2);
      const pauseMs = Math.max(backOff, reply.retryAfterMs ?? 0);
      if (clock.now() + pauseMs >= endsAt) {
        return fault(`${reason}; the next try in ${Math.ceil(pauseMs)} ms would miss the deadline of ${deadlineMs} ms`);
      }
      await clock.sleep(pauseMs, signal);
    }
  }

  return {
    name: where(new URL(root === "" ? "/" : root, base)),
    post: async (path, body, signal) => {
      const url = new URL(base);
      url.pathname = root + path;
      try {
        // a call keeps its place while it pauses: a server in trouble gets fewer requests
        return await limit(async () =>
          signal?.aborted ? fault(`${where(url)}: given up by the caller`) : call(url, JSON.stringify(body), signal),
        );
      } catch (error) {
        if (signal?.aborted) return fault(`${where(url)}: given up by the caller`); // an interrupted pause
        throw error;
      }
    },
  };
}

/** busy: alive, but wants fewer requests. failing: may pass. final: the same request will fail again. */
interface Fault {
  readonly status: "fault";
  readonly kind: "busy" | "failing" | "final";
  readonly reason: string;
  readonly retryAfterMs: number | null;
}

interface Bounds {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly now: () => number;
}

async function request(url: URL, body: string, apiKey: string | undefined, bounds: Bounds): Promise<Answered | Fault> {
  const { timeoutMs, now } = bounds;
  const timeout = AbortSignal.timeout(Math.ceil(timeoutMs));
  const signal = bounds.signal ? AbortSignal.any([bounds.signal, timeout]) : timeout;
  const failed = (kind: Fault["kind"], reason: string, header: string | null = null): Fault => {
    return { status: "fault", kind, reason: `${where(url)}: ${reason}`, retryAfterMs: retryAfterMs(header, now()) };
  };
  try {
    const headers = { "content-type": "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
    // a redirect would carry prompts elsewhere
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
    const text = await response.text();
    if (response.ok) {
      const json = parseJson(text);
      return json ? { status: "answered", body: json.value } : failed("failing", `no JSON: ${excerpt(text)}`);
    }
    const { status } = response;
    const kind = status === 429 ? "busy" : status >= 500 || PASSING.includes(status) ? "failing" : "final";
    return failed(kind, `${status} ${response.statusText}: ${excerpt(text)}`, response.headers.get("retry-after"));
  } catch (error) {
    if (timeout.aborted) return failed("failing", `no answer within ${Math.ceil(timeoutMs)} ms`);
    return failed("failing", networkReason(error));
  }
}

/** `fetch` says "fetch failed" and keeps what happened in the cause. */
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message || cause.name})` : error.message;
}

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null; // torn, or a proxy's page: the caller says so
  }
}

function fault(reason: string): NotGraded {
  return notGraded("infrastructure-error", reason);
}

/** An address without its query, which may hold a secret. */
function where(url: URL): string {
  return `${url.origin}${url.pathname === "/" ? "" : url.pathname}`;
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
