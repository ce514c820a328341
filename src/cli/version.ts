import { readFileSync } from "node:fs";
import { z } from "zod";

/** The version in package.json; the same way from src/cli and dist/cli. */
export function ownVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
