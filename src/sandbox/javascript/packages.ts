/** The optional packages that run JavaScript guests: whether they are there, their versions, and the files that a slot needs. */
import { readFileSync } from "node:fs";
import { createRequire, findPackageJSON } from "node:module";
import { dirname } from "node:path";

export interface IsolatedVm {
  readonly version: string;
  /** The binary for this platform and Node. */
  readonly addon: string;
  /** Of the advisory that lets a guest corrupt its process' memory. */
  readonly advisory: "fixed" | "affected";
}

/** https://github.com/advisories/GHSA-864f-rcv7-6rh4: type confusion in ExternalCopy, fixed in 7.0.1 and 6.2.0. */
export const ADVISORY = "GHSA-864f-rcv7-6rh4";

/** Why a package cannot be used. */
export interface Missing {
  readonly missing: string;
}

export function findIsolatedVm(): IsolatedVm | Missing {
  try {
    const { path, version } = packageJson("isolated-vm");
    const gypBuild = createRequire(path)("node-gyp-build") as { path(folder: string): string };
    return { version, addon: gypBuild.path(dirname(path)), advisory: isFixed(version) ? "fixed" : "affected" };
  } catch (error) {
    return missing(error);
  }
}

export interface QuickJs {
  readonly version: string;
  /** Main files of the core and of the variant that we use. */
  readonly core: string;
  readonly variant: string;
  /** Of the packages that they load, themselves included. */
  readonly folders: readonly string[];
}

export function findQuickJs(): QuickJs | Missing {
  try {
    const { path, version } = packageJson("quickjs-emscripten");
    const core = packageJson("quickjs-emscripten-core", path).path;
    const variant = packageJson("@jitl/quickjs-wasmfile-release-sync", path).path;
    const types = packageJson("@jitl/quickjs-ffi-types", core).path;
    const folders = [core, variant, types].map((manifest) => dirname(manifest));
    return { version, core: mainOf(core), variant: mainOf(variant), folders };
  } catch (error) {
    return missing(error);
  }
}

function mainOf(manifest: string): string {
  const { name } = JSON.parse(readFileSync(manifest, "utf8")) as { name: string };
  return createRequire(manifest).resolve(name); // a package may name itself
}

function missing(error: unknown): Missing {
  return { missing: error instanceof Error ? (error.message.split("\n")[0] as string) : String(error) };
}

function isFixed(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (major > 7 || (major === 7 && (minor > 0 || patch >= 1))) return true;
  return major === 6 && minor >= 2;
}

/** @param from the file that would import it */
function packageJson(name: string, from = import.meta.filename): { readonly path: string; readonly version: string } {
  const path = findPackageJSON(name, from);
  if (!path) throw new Error(`the package ${name} is not installed`);
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  return { path, version };
}
