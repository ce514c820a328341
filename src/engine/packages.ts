import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The version of an installed package; undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
