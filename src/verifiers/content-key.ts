/** A short name for a value: equal contents have equal keys, on every machine and in every order of fields. */
import { createHash } from "node:crypto";
import { RlvrError } from "../errors.ts";

/**
 * SHA-256 of the canonical JSON, in hexadecimal.
 * @throws {RlvrError} E_VERIFIER naming the place of a value that JSON cannot hold: two different ones would be one key
 */
export function contentKey(content: unknown): string {
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

/** JSON with the fields of every object in the order of their names. */
export function canonicalJson(value: unknown, path = "the content"): string {
  if (Array.isArray(value)) return `[${value.map((item, i) => canonicalJson(item, `${path}[${i}]`)).join(",")}]`;
  if (isPlainObject(value)) {
    const fields = Object.keys(value)
      .filter((name) => value[name] !== undefined) // an optional field that is absent
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name], `${path}.${name}`)}`);
    return `{${fields.join(",")}}`;
  }
  if (value instanceof Date) return JSON.stringify({ date: value.getTime() });
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  throw new RlvrError("E_VERIFIER", `${path} is ${describe(value)}, expected JSON to make a cache key of`, {
    hint: "Pass a `key` that returns the parts of the row that the verdict depends on, as plain JSON.",
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === "object" ? `a ${value?.constructor?.name}` : `${String(value)} (${typeof value})`;
}
