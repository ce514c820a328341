/** Where this package lies, and the versions of those that decide the numbers of a run. */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** This package's folder, both from the sources and from the build. */
export const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));

const PackageJson = z.object({ version: z.string() });

/** Null if the package is not installed. */
export function packageVersion(name: string): string | null {
  let path: string | undefined;
  try {
    path = findPackageJSON(name, import.meta.url);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
  }
  return path === undefined ? null : PackageJson.parse(JSON.parse(readFileSync(path, "utf8"))).version;
}

const ENGINE_PACKAGES = [
  "@tensorflow/tfjs",
  "onnxruntime-node",
  "@tensorflow/tfjs-node-gpu",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-backend-wasm",
] as const;

/** Those of the engines that are installed. */
export function enginePackages(): Record<string, string> {
  const found = ENGINE_PACKAGES.map((name) => [name, packageVersion(name)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is [(typeof ENGINE_PACKAGES)[number], string] => entry[1] !== null),
  );
}
