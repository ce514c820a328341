/** JSON files of a model folder, parsed at the edge. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { RlvrError } from "../errors.ts";

/** Throws E_CHECKPOINT where the file is missing, is not JSON, or does not fit the schema. */
export async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  const value = await readJsonIfPresent(path, schema);
  if (value !== null) return value;
  throw new RlvrError("E_CHECKPOINT", `${path} does not exist`, {
    hint: "give a folder in Hugging Face's layout: config.json, model.safetensors, tokenizer.json",
  });
}

/** As `readJson`, but null where there is no such file. */
export async function readJsonIfPresent<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  const text = await readTextIfPresent(path);
  return text === null ? null : parseJson(text, path, schema);
}

/** `where` names the text in errors. */
export function parseJson<Schema extends z.ZodType>(text: string, where: string, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RlvrError("E_CHECKPOINT", `${where} is not JSON: ${String(cause)}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RlvrError("E_CHECKPOINT", `${where}: ${z.prettifyError(parsed.error)}`);
}

/** UTF-8 text, or null where there is no such file. */
export async function readTextIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new RlvrError("E_CHECKPOINT", `${path} cannot be read: ${String(cause)}`, { cause });
  }
}
