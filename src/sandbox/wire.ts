/**
 * `Plain` as text and back. The encoding is described in plain.ts; Python and JavaScript guests speak it too.
 *
 * Text from a box is hostile: its length is checked before it is parsed, depth while it is read, and objects are built without
 * a prototype. Reading is strict: what no encoder writes is refused, never guessed.
 */
import { RlvrError } from "../errors.ts";
import { Float, MAX_DEPTH, type Plain, Tuple } from "./plain.ts";

/** UTF-16 code units of a text; the limit of one run is passed by those who know it. */
export const MAX_CHARACTERS = 64 * 1024 * 1024;

export interface WireOptions {
  /** UTF-16 code units of the JSON text. Default 64 Mi. */
  readonly maxCharacters?: number;
}

/** @throws E_SANDBOX for what is no plain data, too deep or too long */
export function encodePlain(value: Plain, { maxCharacters = MAX_CHARACTERS }: WireOptions = {}): string {
  const text = JSON.stringify(toJson(value, 0));
  if (text.length > maxCharacters) throw refused(`${text.length} characters long, expected at most ${maxCharacters}`);
  return text;
}

/** @throws E_SANDBOX for text that no encoder writes, too deep or too long */
export function decodePlain(text: string, { maxCharacters = MAX_CHARACTERS }: WireOptions = {}): Plain {
  if (text.length > maxCharacters) throw refused(`${text.length} characters long, expected at most ${maxCharacters}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refused("no JSON text", cause);
  }
  return fromJson(json, 0);
}

function refused(what: string, cause?: unknown): RlvrError {
  return new RlvrError("E_SANDBOX", `data for or from a box is ${what}`, { cause });
}

const tagged = (tag: string, v?: unknown) => (v === undefined ? { $: tag } : { $: tag, v });

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "inf" : "-inf";
}

function toJson(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw refused(`nested deeper than ${MAX_DEPTH}`);
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "undefined":
      return tagged("undefined");
    case "bigint":
      return tagged("int", String(value));
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : tagged("float", floatText(value));
    case "object":
      return value === null ? null : objectToJson(value, depth);
    default:
      throw refused(`a ${typeof value}, expected plain values`);
  }
}

function objectToJson(value: object, depth: number): unknown {
  const all = (items: Iterable<unknown>) => Array.from(items, (item) => toJson(item, depth + 1));
  const pairs = (entries: Iterable<readonly [unknown, unknown]>) => Array.from(entries, (pair) => all(pair));
  if (Array.isArray(value)) return all(value);
  if (value instanceof Float) {
    const isWhole = Number.isInteger(value.value) && !Object.is(value.value, -0);
    return isWhole ? tagged("float", floatText(value.value)) : toJson(value.value, depth);
  }
  if (value instanceof Tuple) return tagged("tuple", all(value.items));
  if (value instanceof Set) return tagged("set", all(value));
  if (value instanceof Map) return tagged("map", pairs(value));
  if (value instanceof Uint8Array) return tagged("bytes", Buffer.from(value).toString("base64"));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw refused(`an instance of ${value.constructor?.name ?? "a class"}, expected plain values`);
  }
  const entries = Object.entries(value);
  if (entries.some(([key]) => key === "$" || key === "__proto__")) return tagged("object", pairs(entries));
  const json: Record<string, unknown> = {};
  for (const [key, item] of entries) json[key] = toJson(item, depth + 1);
  return json;
}

function fromJson(json: unknown, depth: number): Plain {
  if (depth > MAX_DEPTH) throw refused(`nested deeper than ${MAX_DEPTH}`);
  if (typeof json === "number" && !Number.isFinite(json)) throw refused("a number beyond the range of a double");
  if (typeof json !== "object" || json === null) return json as Plain;
  if (Array.isArray(json)) return json.map((item) => fromJson(item, depth + 1));
  const object = json as Record<string, unknown>;
  if (Object.hasOwn(object, "$")) return fromTagged(object, depth);
  const plain = Object.create(null) as Record<string, Plain>;
  for (const key of Object.keys(object)) {
    if (key === "__proto__") throw refused('an object with the bare key "__proto__"');
    plain[key] = fromJson(object[key], depth + 1);
  }
  return plain;
}

const WHOLE = /^-?\d+$/;
const DIGITS = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity, "-0": -0 };

function fromTagged(object: Record<string, unknown>, depth: number): Plain {
  const { $: tag, v } = object;
  const text = typeof v === "string" ? v : "";
  const keys = Object.keys(object).length;
  if (tag === "undefined" && keys === 1) return undefined;
  if (keys !== 2 || v === undefined) throw refused("tagged, but not as any encoder does");
  switch (tag) {
    case "float":
      return toFloat(text);
    case "int":
      if (!WHOLE.test(text)) throw refused('no whole number where "int" says so');
      return BigInt(text);
    case "bytes": {
      const bytes = Buffer.from(text, "base64");
      if (typeof v !== "string" || bytes.toString("base64") !== text) throw refused('no base64 where "bytes" says so');
      return new Uint8Array(bytes);
    }
    case "tuple":
      return new Tuple(items(v, depth));
    case "set":
      return new Set(items(v, depth));
    case "map":
      return new Map(pairs(v, depth));
    case "object":
      return fromPairs(pairs(v, depth));
    default:
      throw refused("of an unknown tag");
  }
}

function toFloat(text: string): Plain {
  if (Object.hasOwn(SPECIAL, text)) return SPECIAL[text] as number;
  const value = DIGITS.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw refused('no number where "float" says so');
  return Number.isInteger(value) && !Object.is(value, -0) ? new Float(value) : value;
}

function items(v: unknown, depth: number): Plain[] {
  if (!Array.isArray(v)) throw refused("tagged as a collection, but has no list");
  return v.map((item) => fromJson(item, depth + 1));
}

function pairs(v: unknown, depth: number): [Plain, Plain][] {
  if (!Array.isArray(v)) throw refused("tagged as pairs, but has no list");
  return v.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw refused("tagged as pairs, but has something else");
    return [fromJson(pair[0], depth + 1), fromJson(pair[1], depth + 1)];
  });
}

function fromPairs(entries: readonly (readonly [Plain, Plain])[]): { [key: string]: Plain } {
  const object = Object.create(null) as Record<string, Plain>;
  for (const [key, value] of entries) {
    if (typeof key !== "string") throw refused("an object with a key that is no text");
    object[key] = value;
  }
  return object;
}
