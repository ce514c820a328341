/** Values of settings with the place each came from, and text turned into values. */
import { RlvrError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { canonical, kebab, type Setting } from "./settings.ts";

export interface Given {
  readonly value: unknown;
  /** For error messages: "--lr", "RLVR_LR", "run.yaml:3". */
  readonly origin: string;
}

/** Settings by dotted name. */
export type GivenValues = Map<string, Given>;

/** @throws {RlvrError} E_CONFIG if the text cannot be a value of this setting. */
export function parseValue(setting: Setting, text: string, origin: string): unknown {
  const refuse = (expected: string): never => {
    throw new RlvrError("E_CONFIG", `${origin} is ${JSON.stringify(text)}, expected ${expected}`, {
      ...(setting.description ? { hint: `${setting.name}: ${setting.description}.` } : {}),
    });
  };
  switch (setting.kind) {
    case "boolean":
      return text === "true" || text === "1"
        ? true
        : text === "false" || text === "0"
          ? false
          : refuse("true or false");
    case "number":
      return isNumber(text) ? Number(text) : refuse(setting.shape === "integer" ? "an integer" : "a number");
    case "text":
      return text;
    case "list":
      return parseList(text, /^(number|integer),/.test(setting.shape));
    case "json":
      return parseJson(text) ?? (text === "null" ? null : text);
    default:
      return setting.kind satisfies never;
  }
}

/** `a,b` or a JSON array. */
function parseList(text: string, numeric: boolean): unknown[] {
  const parsed = text.startsWith("[") ? parseJson(text) : undefined;
  if (Array.isArray(parsed)) return parsed;
  return text === "" ? [] : text.split(",").map((item) => (numeric && isNumber(item) ? Number(item) : item));
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/** Undefined if the text is not JSON: then it is taken as it stands, and the schema says what it thinks of it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Settings that stand in an object already, such as a saved config.
 * @throws {RlvrError} E_CONFIG if it has one that `settings` lacks.
 */
export function valuesOf(object: unknown, settings: readonly Setting[], origin: string): GivenValues {
  const given: GivenValues = new Map();
  const walk = (value: unknown, name: string): void => {
    if (settings.some((setting) => setting.name === name)) given.set(name, { value, origin });
    else if (typeof value !== "object" || value === null) refuseUnknown(settings, name, `${origin}: ${name}`);
    else for (const [key, inner] of Object.entries(value)) walk(inner, name === "" ? key : `${name}.${key}`);
  };
  walk(object, "");
  return given;
}

/** The setting of this name, in camel or kebab case. @throws {RlvrError} E_CONFIG naming the nearest right one. */
export function findSetting(
  settings: readonly Setting[],
  name: string,
  origin: string,
  prefix: "" | "--" = "",
): Setting {
  const found = settings.find((setting) => setting.name === canonical(name));
  return found ?? refuseUnknown(settings, name, origin, prefix);
}

export function refuseUnknown(
  settings: readonly Setting[],
  name: string,
  origin: string,
  prefix: "" | "--" = "",
): never {
  const groups = settings.flatMap(({ path }) =>
    path.slice(0, -1).map((_, depth) => path.slice(0, depth + 1).join(".")),
  );
  const near = nearest(name, [...settings.map((setting) => setting.name), ...groups]);
  throw new RlvrError("E_CONFIG", `${origin} is not a setting of this command`, {
    hint: near === null ? "--help lists all settings." : `Did you mean ${prefix === "--" ? `--${kebab(near)}` : near}?`,
  });
}
