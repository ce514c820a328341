/** The settings of a command, read off its zod schema: the only place where a setting exists. */
import { z } from "zod";

/** How a setting is written as text. */
export type SettingKind = "boolean" | "number" | "text" | "list" | "json";

export interface Setting {
  /** Dotted: "grpo.clipHigh". */
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: SettingKind;
  /** What the help shows in place of a value: "number", "a|b". */
  readonly shape: string;
  readonly description: string;
  /** Undefined if there is none. */
  readonly fallback: unknown;
  readonly required: boolean;
  /** Its flag may stand without a value, which means true. */
  readonly alone: boolean;
}

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: unknown;
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  description?: string;
  default?: unknown;
}

/** Every setting of a schema, in its order. Objects with fixed keys are groups; all else is one setting. */
export function settingsOf(schema: z.ZodObject): Setting[] {
  return walk(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema, [], undefined);
}

function walk(schema: JsonSchema, path: readonly string[], groupDefault: unknown): Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const at = [...path, key];
    const inherited = (groupDefault as Record<string, unknown> | undefined)?.[key];
    const fallback = inherited === undefined ? property.default : inherited;
    if (property.properties !== undefined) return walk(property, at, fallback);
    return [
      {
        name: at.join("."),
        path: at,
        kind: kindOf(property),
        shape: shapeOf(property),
        description: property.description ?? "",
        fallback,
        required: fallback === undefined && (schema.required?.includes(key) ?? false),
        alone: acceptsTrue(property),
      },
    ];
  });
}

function acceptsTrue(schema: JsonSchema): boolean {
  const variants = schema.anyOf ?? schema.oneOf ?? [schema];
  return variants.some(({ type, const: only }) => only === true || type === "boolean");
}

function kindOf(schema: JsonSchema): SettingKind {
  const types = new Set([schema.type].flat());
  types.delete("null");
  if (types.size === 1) {
    if (types.has("boolean")) return "boolean";
    if (types.has("number") || types.has("integer")) return [schema.type].flat().includes("null") ? "json" : "number";
    if (types.has("string")) return [schema.type].flat().includes("null") ? "json" : "text";
    if (types.has("array")) return "list";
  }
  return schema.const !== undefined && typeof schema.const === "string" ? "text" : "json";
}

function shapeOf(schema: JsonSchema): string {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return variants.map(shapeOf).join("|");
  if (schema.enum) return schema.enum.join("|");
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === "array") return `${shapeOf(schema.items ?? {})},…`;
  if (schema.type === "object" || schema.type === undefined) return "json";
  const names: Record<string, string> = {
    integer: "integer",
    number: "number",
    string: "text",
    boolean: "true|false",
    null: "null",
  };
  return [schema.type]
    .flat()
    .map((type) => names[type] ?? type)
    .join("|");
}

/** "grpo.clipHigh" → "grpo.clip-high" */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** "grpo.clipHigh" → "RLVR_GRPO_CLIP_HIGH" */
export function environmentName(name: string): string {
  return `RLVR_${kebab(name).replaceAll(/[.-]/g, "_").toUpperCase()}`;
}

/** The same for "grpo.clipHigh" and "grpo.clip-high", so that both are accepted. */
export function canonical(name: string): string {
  return name.replaceAll(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
