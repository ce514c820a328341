/** Rows of a JSONL file in a format of others: unknown fields are left alone, missing ones are named with their line. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { RlvrError } from "../../errors.ts";

/** @throws E_TASK_DATA when the file cannot be read, or a line is not such a row */
export function readJsonRows<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema>[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new RlvrError("E_TASK_DATA", `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const parsed = schema.safeParse(parseLine(line, `${path}:${i + 1}`));
    if (parsed.success) return [parsed.data];
    throw new RlvrError("E_TASK_DATA", `${path}:${i + 1} is no such row: ${z.prettifyError(parsed.error)}`);
  });
}

function parseLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new RlvrError("E_TASK_DATA", `${where} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
