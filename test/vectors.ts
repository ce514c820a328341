/** The published figures in fixtures/vectors.json, by family: "opt/adamw" has the vectors opt/adamw/1, opt/adamw/2. */
import { readFileSync } from "node:fs";

export interface Vector<Inputs, Expected> {
  readonly id: string;
  readonly name: string;
  readonly inputs: Inputs;
  readonly expected: Expected;
}

const ALL: readonly Vector<unknown, unknown>[] = JSON.parse(
  readFileSync(new URL("fixtures/vectors.json", import.meta.url), "utf8"),
).vectors;

/** All vectors `family/…`. The types are the test's claim about the file. */
export function vectorsOf<Inputs, Expected>(family: string): Vector<Inputs, Expected>[] {
  const found = ALL.filter(({ id }) => id.slice(0, id.lastIndexOf("/")) === family);
  if (found.length === 0) throw new Error(`no vectors in family ${family}`);
  return found as Vector<Inputs, Expected>[];
}
