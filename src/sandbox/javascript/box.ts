/** The JavaScript box of this machine: isolated-vm in a contained process, else QuickJS in one, else a refusal that says why. */
import { dirname } from "node:path";
import { RlvrError } from "../../errors.ts";
import type { Box } from "../job.ts";
import { holds, type Tier } from "../tier.ts";
import { type Launcher, launcher, type RuntimeFiles } from "./launch.ts";
import { ADVISORY, findIsolatedVm, findQuickJs, type Missing } from "./packages.ts";
import { SandboxPool } from "./pool.ts";

export const JAVASCRIPT_RUNTIMES = ["isolated-vm", "quickjs"] as const;
export type JavaScriptRuntime = (typeof JAVASCRIPT_RUNTIMES)[number];

export interface JavaScriptBoxOptions {
  readonly minTier: Tier;
  readonly slots?: number;
  readonly runtime?: JavaScriptRuntime;
}

/** A runtime as this machine has it: how it would be started, or why it cannot be. */
export type RuntimeFound =
  | { readonly name: JavaScriptRuntime; readonly version: string; readonly launcher: Launcher }
  | { readonly name: JavaScriptRuntime; readonly version?: string; readonly missing: string };

/** @throws E_SANDBOX */
export async function openJavaScriptBox({ minTier, slots, runtime }: JavaScriptBoxOptions): Promise<Box> {
  const reasons: string[] = [];
  for (const name of runtime ? [runtime] : JAVASCRIPT_RUNTIMES) {
    const found = await findRuntime(name);
    if ("missing" in found) reasons.push(`${name}: ${found.missing}`);
    else if (!holds(found.launcher.tier, minTier))
      reasons.push(`${name}: it would run in tier "${found.launcher.tier}"`);
    else return new SandboxPool(found.launcher, slots === undefined ? {} : { slots });
  }
  throw new RlvrError("E_SANDBOX", `no box for JavaScript of tier "${minTier}" or better: ${reasons.join("; ")}`, {
    hint: "see `rlvr doctor` for what this machine lacks: isolated-vm and bubblewrap give the strongest tier; or ask for a lower minTier",
  });
}

const STARTERS = new Map<JavaScriptRuntime, Promise<RuntimeFound>>();

/** Looked for, and proved by running it, once in a process. */
export function findRuntime(name: JavaScriptRuntime): Promise<RuntimeFound> {
  const known = STARTERS.get(name) ?? (name === "isolated-vm" ? isolatedVm() : quickJs());
  STARTERS.set(name, known);
  return known;
}

async function isolatedVm(): Promise<RuntimeFound> {
  const found = findIsolatedVm();
  if ("missing" in found) return absent("isolated-vm", found);
  const { version, addon, advisory } = found;
  if (advisory === "affected")
    return { name: "isolated-vm", version, missing: `version ${version} has ${ADVISORY}; 7.0.1 has not` };
  const files = { paths: [addon], version, readOnly: [dirname(addon)], hasAddon: true, tier: "weak" } as const;
  return started({ kind: "isolated-vm", ...files });
}

async function quickJs(): Promise<RuntimeFound> {
  const found = findQuickJs();
  if ("missing" in found) return absent("quickjs", found);
  const { version, core, variant, folders } = found;
  return started({
    kind: "quickjs",
    paths: [core, variant],
    version,
    readOnly: folders,
    hasAddon: false,
    tier: "wasm",
  });
}

function absent(name: JavaScriptRuntime, { missing }: Missing): RuntimeFound {
  return { name, missing };
}

async function started(files: RuntimeFiles): Promise<RuntimeFound> {
  const { kind: name, version } = files;
  const made = await launcher(files);
  if ("fault" in made) return { name, version, missing: `it does not start: ${made.fault}` };
  return { name, version, launcher: made };
}
