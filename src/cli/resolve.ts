/** Layers of given values → the settings of a command, checked by its schema. */
import type { z } from "zod";
import { RlvrError } from "../errors.ts";
import { canonical, type Setting, settingsOf } from "./settings.ts";
import type { Given, GivenValues } from "./values.ts";

/**
 * Later layers win: config file, environment, flags.
 * @throws {RlvrError} E_CONFIG that lists every wrong setting with the place it came from.
 */
export function resolveSettings<Schema extends z.ZodObject>(
  schema: Schema,
  layers: readonly GivenValues[],
): z.output<Schema> {
  const merged: GivenValues = new Map(layers.flatMap((layer) => [...layer]));
  const parsed = schema.safeParse(nest(merged, settingsOf(schema)));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describe(issue, merged));
  throw new RlvrError(
    "E_CONFIG",
    problems.length === 1 ? problems[0]! : `${problems.length} settings are wrong:\n  ${problems.join("\n  ")}`,
    {
      hint: "--help shows every setting with its default.",
    },
  );
}

function nest(given: GivenValues, settings: readonly Setting[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { name, path } of settings) {
    const entry = given.get(name);
    if (entry === undefined) continue;
    let group = root;
    for (const key of path.slice(0, -1)) group = (group[key] ??= {}) as Record<string, unknown>;
    group[path.at(-1)!] = entry.value;
  }
  return root;
}

function describe(issue: z.core.$ZodIssue, given: GivenValues): string {
  const name = issue.path.join(".");
  const entry = originOf(issue.path, given);
  const expected = /^[^:]+: (expected .*?)(, received \S+)?$/.exec(issue.message)?.[1];
  const what = expected === undefined ? `: ${issue.message}` : `, ${expected}`;
  if (entry === undefined) return name === "" ? issue.message : `${name} is not set${what}`;
  const place = canonical(entry.origin.replace(/^--/, "")) === name ? entry.origin : `${name} (${entry.origin})`;
  return `${place} is ${JSON.stringify(entry.value)}${what}`;
}

/** The setting that an issue is about: it may point inside a setting's value. */
function originOf(path: readonly PropertyKey[], given: GivenValues): Given | undefined {
  for (let length = path.length; length > 0; length--) {
    const entry = given.get(path.slice(0, length).join("."));
    if (entry) return entry;
  }
  return undefined;
}
