import { Float, type Plain, Tuple } from "../plain.ts";

/**
 * What Python's `==` says of two plain values: 1, 1.0 and True are equal, a list is no tuple, sets and dicts have no order,
 * NaN equals nothing.
 */
export function pythonEquals(a: Plain, b: Plain): boolean {
  const text = canonical(a);
  return text !== null && text === canonical(b);
}

/** Equal texts for equal values; null for what equals nothing, not even itself. Linear, but for the order of sets and dicts. */
function canonical(value: Plain): string | null {
  if (value === null || value === undefined) return "None";
  if (value instanceof Float) return number(value.value);
  switch (typeof value) {
    case "boolean":
      return number(Number(value));
    case "number":
      return number(value);
    case "bigint":
      return String(value);
    case "string":
      return JSON.stringify(value);
    default:
      return collection(value);
  }
}

function number(value: number): string | null {
  if (Number.isNaN(value)) return null;
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}

function collection(
  value: Exclude<Plain, null | undefined | boolean | number | bigint | string | Float>,
): string | null {
  if (value instanceof Tuple) return all(value.items, "(", ")");
  if (Array.isArray(value)) return all(value, "[", "]");
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString("hex")}`;
  if (value instanceof Set) {
    const members = texts([...value]);
    return members && `{${[...new Set(members)].sort().join()}}`;
  }
  const entries: [Plain, Plain][] = value instanceof Map ? [...value] : Object.entries(value);
  const keys = texts(entries.map(([key]) => key));
  const items = texts(entries.map(([, item]) => item));
  if (!keys || !items) return null;
  const last = new Map(keys.map((key, i) => [key, items[i] as string]));
  return `{:${[...last]
    .map(([key, item]) => `${key}:${item}`)
    .sort()
    .join()}}`;
}

function all(values: readonly Plain[], open: string, close: string): string | null {
  const parts = texts(values);
  return parts && `${open}${parts.join()}${close}`;
}

function texts(values: readonly Plain[]): string[] | null {
  const parts = values.map(canonical);
  return parts.includes(null) ? null : (parts as string[]);
}
