/** Settings from a YAML (or JSON) file; errors name its line. */
import { readFileSync } from "node:fs";
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import { RlvrError } from "../errors.ts";
import type { Setting } from "./settings.ts";
import { canonical } from "./settings.ts";
import { type GivenValues, refuseUnknown } from "./values.ts";

/** @throws {RlvrError} E_CONFIG with file and line: not readable, not YAML, an unknown setting, a group that is no group. */
export function readConfigFile(path: string, settings: readonly Setting[]): GivenValues {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new RlvrError("E_CONFIG", `the config file ${path} cannot be read`, {
      hint: "Check the path after --config.",
      cause,
    });
  }
  return parseConfig(text, path, settings);
}

export function parseConfig(text: string, path: string, settings: readonly Setting[]): GivenValues {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const problem = document.errors[0];
  if (problem) {
    const line = lineCounter.linePos(problem.pos[0]).line;
    const what = problem.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "");
    throw new RlvrError("E_CONFIG", `${path}:${line} is not YAML: ${what}`, { cause: problem });
  }
  const given: GivenValues = new Map();
  const place = (node: Node | null | undefined): string => `${path}:${lineCounter.linePos(node?.range?.[0] ?? 0).line}`;
  const top = document.contents;
  if (top === null || (isScalar(top) && top.value === null)) return given;
  if (!isMap(top)) throw new RlvrError("E_CONFIG", `${place(top)} has no settings, expected lines such as "seed: 1"`);
  const alias = (value: unknown): unknown => (value as Node).toJS(document);
  readGroup(top, "", { settings, given, place, toValue: alias });
  return given;
}

interface Reading {
  readonly settings: readonly Setting[];
  readonly given: GivenValues;
  readonly place: (node: Node | null | undefined) => string;
  readonly toValue: (node: unknown) => unknown;
}

function readGroup(group: YAMLMap, prefix: string, reading: Reading): void {
  for (const pair of group.items as Pair<Node, Node | null>[]) {
    const name = prefix + canonical(String(reading.toValue(pair.key)));
    const origin = reading.place(pair.key);
    const setting = reading.settings.find((one) => one.name === name);
    if (setting) {
      reading.given.set(name, { value: pair.value === null ? null : reading.toValue(pair.value), origin });
    } else if (!reading.settings.some((one) => one.name.startsWith(`${name}.`))) {
      refuseUnknown(reading.settings, name, `${origin}: ${name}`);
    } else if (isMap(pair.value)) {
      readGroup(pair.value, `${name}.`, reading);
    } else if (pair.value !== null && reading.toValue(pair.value) !== null) {
      throw new RlvrError(
        "E_CONFIG",
        `${origin}: ${name} has ${JSON.stringify(reading.toValue(pair.value))}, expected a group of settings`,
      );
    }
  }
}
