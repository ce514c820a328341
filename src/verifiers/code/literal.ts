/** Plain values as a programmer of the language writes them. */
import type { Language } from "../../sandbox/job.ts";
import { Float, type Plain, Tuple } from "../../sandbox/plain.ts";

export function literal(value: Plain, language: Language): string {
  const python = language === "python";
  const all = (items: Iterable<Plain>) => [...items].map((item) => literal(item, language)).join(", ");
  const pair = ([key, item]: readonly [Plain, Plain]) => `${literal(key, language)}: ${literal(item, language)}`;

  if (value === null || value === undefined) return python ? "None" : String(value);
  if (typeof value === "boolean") return python ? (value ? "True" : "False") : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return python ? `${value}` : `${value}n`;
  if (typeof value === "number") return numberLiteral(value, python);
  if (value instanceof Float) return `${numberLiteral(value.value, python)}${python ? ".0" : ""}`;
  if (value instanceof Tuple)
    return python ? `(${all(value.items)}${value.items.length === 1 ? "," : ""})` : `[${all(value.items)}]`;
  if (Array.isArray(value)) return `[${all(value)}]`;
  if (value instanceof Uint8Array)
    return python ? `bytes([${[...value].join(", ")}])` : `Uint8Array.of(${[...value].join(", ")})`;
  if (value instanceof Set)
    return python ? (value.size === 0 ? "set()" : `{${all(value)}}`) : `new Set([${all(value)}])`;
  if (value instanceof Map && !python) return `new Map([${[...value].map((entry) => `[${all(entry)}]`).join(", ")}])`;
  const entries: Iterable<[Plain, Plain]> = value instanceof Map ? value : Object.entries(value);
  return `{${[...entries].map(pair).join(", ")}}`;
}

function numberLiteral(value: number, python: boolean): string {
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value) || !python) return String(value);
  return `float("${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}")`;
}
