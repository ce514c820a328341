/**
 * Rows that lie in a file: `.jsonl`, streamed; `.json`, an array of rows or one row; `.parquet`. Exported from "rlvr/task".
 *
 *   for await (const { question, answer } of readDataset("train.jsonl", { schema })) …
 *
 * What does not fit names its file and line. Files come from elsewhere, so schemas for them should be lenient: `z.object`.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { readLines } from "./lines.ts";
import { readParquet } from "./parquet.ts";

export interface ReadDatasetOptions<Schema extends z.ZodType> {
  /** What every row is checked and parsed with; without it rows are `unknown`. */
  readonly schema?: Schema;
  /** What the file is, to finish "expected …" where it is missing or a row does not fit. */
  readonly expected?: string;
}

/** A row as it lies in the file. */
interface Raw {
  readonly value: unknown;
  readonly where: string;
}

/** The formats, by the ending of the file's name. */
const READERS: Readonly<Record<string, (path: string) => Iterable<Raw> | AsyncIterable<Raw>>> = {
  jsonl: jsonLines,
  json: jsonFile,
  parquet: parquetRows,
};

/** Endings that `readDataset` knows. */
export const ENDINGS = Object.keys(READERS);

/**
 * The rows of a file, in its order. Blank lines are skipped. Whole numbers of Parquet's 64-bit columns become numbers.
 *
 * @throws E_TASK_DATA for a missing file, an unknown ending, a line that is not JSON or torn, a row that does not fit
 * @throws E_PACKAGE where `hyparquet` is missing for a `.parquet` file
 */
export async function* readDataset<Schema extends z.ZodType = z.ZodUnknown>(
  path: string | URL,
  { schema, expected }: ReadDatasetOptions<Schema> = {},
): AsyncGenerator<z.output<Schema>, undefined> {
  const file = path instanceof URL ? fileURLToPath(path) : path;
  const ending = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? "";
  const read = Object.hasOwn(READERS, ending) ? READERS[ending] : undefined;
  if (read === undefined) {
    const known = ENDINGS.map((one) => `.${one}`).join(", ");
    throw new RlvrError("E_TASK_DATA", `${file} has the ending ${JSON.stringify(ending)}, expected ${known}`);
  }
  const wanted = expected === undefined ? "" : `, expected ${expected}`;
  if (!existsSync(file)) throw new RlvrError("E_TASK_DATA", `there is no file ${file}${wanted}`);

  for await (const { value, where } of read(file)) {
    const parsed = (schema ?? ANY).safeParse(value);
    if (!parsed.success) {
      throw new RlvrError("E_TASK_DATA", `${where} does not fit: ${z.prettifyError(parsed.error)}${wanted}`, {
        hint: `The row is ${JSON.stringify(value)?.slice(0, 200)}.`,
      });
    }
    yield parsed.data as z.output<Schema>;
  }
}

const ANY = z.unknown();

async function* jsonLines(path: string): AsyncGenerator<Raw> {
  for await (const { text, number, ended } of readLines(path)) {
    const where = `${path}:${number}`;
    if (text.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const message = ended
        ? `${where} is not JSON: ${JSON.stringify(text.slice(0, 80))}`
        : `${where}, the last line, is torn: it ends in the middle of a row, ${JSON.stringify(text.slice(-40))}`;
      const hint = ended ? "JSONL has one JSON value a line." : "The file was cut off: fetch or write it again.";
      throw new RlvrError("E_TASK_DATA", message, { hint, cause });
    }
    yield { value, where };
  }
}

function* jsonFile(path: string): Generator<Raw> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8").replace(/^\ufeff/, ""));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RlvrError("E_TASK_DATA", `${path} is not JSON: ${reason}`, {
      hint: "A .json file holds an array of rows, or one row; one row a line is .jsonl.",
      cause,
    });
  }
  if (!Array.isArray(content)) yield { value: content, where: path };
  else for (const [i, value] of content.entries()) yield { value, where: `row ${i + 1} of ${path}` };
}

async function* parquetRows(path: string): AsyncGenerator<Raw> {
  let number = 0;
  for await (const value of readParquet(path)) yield { value, where: `row ${++number} of ${path}` };
}
