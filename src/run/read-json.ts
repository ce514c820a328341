import { existsSync, readFileSync } from "node:fs";
import type { z } from "zod";
import { RlvrError } from "../errors.ts";

/** A file that a run writes in the course of time; null if it is not there yet. @throws {RlvrError} E_RUN if damaged. */
export function readJsonIfPresent<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | null {
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new RlvrError("E_RUN", `${path} is not what this version of rlvr writes`, { hint: `Delete ${path}.`, cause });
  }
}
