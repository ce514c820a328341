/**
 * The JSON body of a request, within limits: its size before and while it is read, the bodies of all requests together,
 * valid UTF-8, and no nesting that could exhaust the stack of whoever walks through it.
 */
import { Refusal } from "./refusal.ts";

/** No dialect nests deeper than a dozen; a task row may. */
const MAX_DEPTH = 100;
const MEGABYTE = 1e6;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Bytes of bodies that may be under way at the same time. */
export interface BodyBudget {
  readonly largestBytes: number;
  readonly totalBytes: number;
  usedBytes: number;
}

export function bodyBudget(bodyMb: number, memoryMb: number): BodyBudget {
  return { largestBytes: bodyMb * MEGABYTE, totalBytes: Math.max(memoryMb, bodyMb) * MEGABYTE, usedBytes: 0 };
}

/**
 * The parsed body. Its bytes count against the budget until `release` is called, which must happen once.
 *
 * @throws {Refusal} unsupported_media_type, too_large, busy, bad_json, bad_request
 */
export async function readJson(request: Request, budget: BodyBudget): Promise<{ value: unknown; release(): void }> {
  checkHeaders(request.headers, budget);
  let taken = 0;
  const take = (bytes: number) => {
    if (taken + bytes > budget.largestBytes) throw tooLarge(budget);
    if (budget.usedBytes + bytes > budget.totalBytes) {
      throw new Refusal("busy", "the requests under way have too large bodies together, expected fewer at a time");
    }
    taken += bytes;
    budget.usedBytes += bytes;
  };
  const release = () => {
    budget.usedBytes -= taken;
    taken = 0;
  };
  try {
    return { value: parseJson(await readText(request, take)), release };
  } catch (error) {
    release();
    throw error;
  }
}

function checkHeaders(headers: Headers, budget: BodyBudget): void {
  const type = headers.get("content-type") ?? "";
  if (!/^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(type)) {
    const came = type === "" ? "no content-type" : `the content-type ${JSON.stringify(type.slice(0, 80))}`;
    throw new Refusal("unsupported_media_type", `${came} came, expected application/json`, "Send JSON, and say so.");
  }
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") {
    throw new Refusal("unsupported_media_type", "a compressed body came, expected plain JSON");
  }
  if (Number(headers.get("content-length") ?? 0) > budget.largestBytes) throw tooLarge(budget);
}

function tooLarge({ largestBytes }: BodyBudget): Refusal {
  return new Refusal(
    "too_large",
    `the body has more than ${largestBytes} bytes`,
    "Send fewer completions at a time, or start the server with a larger --limits.body-mb.",
  );
}

async function readText(request: Request, take: (bytes: number) => void): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? Number.NaN);
  const bytes = Number.isSafeInteger(declared) ? await whole(request, declared, take) : await chunks(request, take);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refusal("bad_json", "the body is no valid UTF-8");
  }
}

/** The fast path: a socket gives no more bytes than it declared. */
async function whole(request: Request, declared: number, take: (bytes: number) => void): Promise<Uint8Array> {
  take(declared);
  const bytes = await request.arrayBuffer().catch(() => refuseBroken());
  if (bytes.byteLength !== declared) {
    const came = `the body has ${bytes.byteLength} bytes, expected ${declared} as its content-length says`;
    throw new Refusal("bad_request", came);
  }
  return new Uint8Array(bytes);
}

async function chunks(request: Request, take: (bytes: number) => void): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  if (request.body !== null) {
    const reader = request.body.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch(() => refuseBroken());
      if (done) break;
      try {
        take(value.byteLength);
      } catch (error) {
        await reader.cancel().catch(() => {}); // it is refused already: how its stream ends is of no interest
        throw error;
      }
      parts.push(value);
    }
  }
  return Buffer.concat(parts);
}

function refuseBroken(): never {
  throw new Refusal("bad_request", "the body broke off before its end");
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const came = text === "" ? "the body is empty" : `the body is no JSON: ${(error as Error).message.slice(0, 200)}`;
    throw new Refusal("bad_json", came);
  }
  checkShape(value);
  return value;
}

/** Level by level, so that the walk itself needs no stack. */
function checkShape(value: unknown): void {
  let level = [value].filter(isObject);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new Refusal("bad_json", `the body nests deeper than ${MAX_DEPTH} levels`);
    const next: object[] = [];
    for (const one of level) {
      if (Object.hasOwn(one, "__proto__")) throw new Refusal("bad_json", 'the body has a field named "__proto__"');
      for (const inner of Object.values(one)) if (isObject(inner)) next.push(inner);
    }
    level = next;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
