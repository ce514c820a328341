/** One text for each plain value: two values are equal exactly if their texts are. */
import { Float, type Plain, Tuple } from "../../sandbox/plain.ts";

export interface CanonicalOptions {
  /** Tell 2, 2.0 and 2n apart, lists and tuples, objects and maps, 0 and −0. */
  readonly kinds?: boolean;
  /** Whether the order of the outermost list counts. True by default. */
  readonly ordered?: boolean;
}

/** Results nest a few levels; what a hostile program nests deeper is equal to nothing. */
export const MAX_DEPTH = 200;

/** Null for what nests too deep. Time: one sort of what is in sets and objects. */
export function canonicalText(value: Plain, { kinds = false, ordered = true }: CanonicalOptions = {}): string | null {
  const items = ordered ? null : itemsOf(value);
  if (items === null) return textOf(value, kinds, 0);
  const texts = items.map((item) => textOf(item, kinds, 1));
  return texts.includes(null) ? null : `{${texts.toSorted().join()}}`;
}

function itemsOf(value: Plain): readonly Plain[] | null {
  if (Array.isArray(value)) return value;
  if (value instanceof Tuple) return value.items;
  return value instanceof Set ? [...value] : null;
}

function textOf(value: Plain, kinds: boolean, depth: number): string | null {
  if (depth > MAX_DEPTH) return null;
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "bigint") return numberText(value, kinds);
  if (value instanceof Float) return kinds ? `float ${numberText(value.value, true)}` : numberText(value.value, false);
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;

  const join = (items: readonly Plain[]) => {
    const texts = items.map((item) => textOf(item, kinds, depth + 1));
    return texts.includes(null) ? null : texts;
  };
  if (value instanceof Tuple) return wrapped(kinds ? "tuple [" : "[", join(value.items), "]");
  if (Array.isArray(value)) return wrapped("[", join(value), "]");
  if (value instanceof Set) return wrapped("{", join([...value])?.toSorted() ?? null, "}");
  const isMap = value instanceof Map;
  const entries: [Plain, Plain][] = isMap ? [...value] : Object.entries(value as { readonly [key: string]: Plain });
  const texts = entries.map(([key, item]) => join([key, item])?.join(":") ?? null);
  const open = kinds && isMap ? "map {" : "object {";
  return wrapped(open, texts.includes(null) ? null : texts.toSorted(), "}");
}

function wrapped(open: string, texts: readonly (string | null)[] | null, close: string): string | null {
  return texts === null ? null : `${open}${texts.join()}${close}`;
}

/** Without kinds, numbers that are equal as numbers have the same text, whatever holds them. */
function numberText(value: number | bigint, kinds: boolean): string {
  if (typeof value === "bigint") return kinds ? `${value}n` : `${value}`;
  if (kinds) return Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}
