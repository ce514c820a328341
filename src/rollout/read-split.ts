/** The rows of a split, from a folder or a file: public data sets come in several layouts. */
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { RlvrError } from "../errors.ts";
import { ENDINGS, readDataset } from "./dataset.ts";
import { splitByContent } from "./procedural.ts";
import type { Split } from "./task.ts";

export interface ReadSplitOptions<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** The data set and its layout, to finish "expected …" where nothing is found: whose it is, its files, their fields. */
  readonly expected: string;
  /** What a row asks. It divides a file whose name tells no split: `splitByContent`. */
  readonly content: (row: z.output<Schema>) => string;
  /** Paths in the folder that are left out: another configuration of the data set. */
  readonly skip?: RegExp;
}

/** A folder or file whose name begins so belongs to the split. */
const NAMES: Readonly<Record<Split, RegExp>> = {
  train: /(?:^|\/)train/i,
  eval: /(?:^|\/)(?:test|eval)/i,
};
const MAX_DEPTH = 5; // MATH/train/algebra/1.json has four

/**
 * Rows of the files of a split, in the order of their paths.
 *
 * In a folder, a file belongs to a split if its name or a folder on the way begins with train, or with test or eval; where
 * there are several endings, only those with the first of .jsonl, .json and .parquet. A single file is the split that its
 * name says; where it says none, its rows are divided by content.
 *
 * @throws E_TASK_DATA where there is no such path or no file of the split, and as `readDataset`
 */
export async function* readSplit<Schema extends z.ZodType>(
  path: string | URL,
  split: Split,
  { schema, expected, content, skip }: ReadSplitOptions<Schema>,
): AsyncGenerator<z.output<Schema>, undefined> {
  const place = path instanceof URL ? fileURLToPath(path) : path;
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new RlvrError("E_TASK_DATA", `there is no file or folder ${place}, expected ${expected}`);
  }

  if (stats.isFile() && !Object.values(NAMES).some((name) => name.test(basename(place)))) {
    for await (const row of readDataset(place, { schema, expected }))
      if (splitByContent(content(row)) === split) yield row;
    return;
  }
  const files = stats.isFile() ? [basename(place)] : filesBelow(place, "", 1);
  const found = files.filter((file) => NAMES[split].test(file) && skip?.test(file) !== true).sort();
  const ending = ENDINGS.find((one) => found.some((file) => endsWith(file, one)));
  if (ending === undefined) {
    throw new RlvrError("E_TASK_DATA", `${place} has no file of the ${split} split, expected ${expected}`);
  }
  for (const file of found.filter((one) => endsWith(one, ending))) {
    yield* readDataset(stats.isFile() ? place : join(place, file), { schema, expected });
  }
}

const endsWith = (file: string, ending: string) => file.toLowerCase().endsWith(`.${ending}`);

/** Paths relative to the root, with forward slashes; hidden folders are left out. */
function filesBelow(root: string, folder: string, depth: number): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith(".")) return [];
    // Entries may be links: a data set's cache is made of them.
    const isFolder = statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory();
    if (isFolder) return depth < MAX_DEPTH ? filesBelow(root, path, depth + 1) : [];
    return isFolder === undefined ? [] : [path];
  });
}
