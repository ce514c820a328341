/** What this machine offers to untrusted code, found out by running something in each kind of box. For `rlvr doctor`. */
import { findRuntime, JAVASCRIPT_RUNTIMES } from "./javascript/box.ts";
import { ADVISORY, findIsolatedVm } from "./javascript/packages.ts";
import type { Language } from "./job.ts";
import { type Machine, machine } from "./machine.ts";
import type { Tier } from "./tier.ts";

export interface LanguageReport {
  readonly language: Language;
  /** The runtime that a box would use; null where there is none. */
  readonly runtime: string | null;
  readonly version: string | null;
  readonly tier: Tier | null;
  /** The layers around the process, from outside in. */
  readonly chain: string | null;
  /** Runtimes that cannot be used, and why. */
  readonly unusable: readonly string[];
}

export interface SandboxReport {
  readonly machine: Machine;
  readonly languages: readonly LanguageReport[];
  /** Of GHSA-864f-rcv7-6rh4, by which a guest corrupts its process' memory. */
  readonly advisory: { readonly id: string; readonly status: "fixed" | "affected" | "not installed" };
  /** What to do for a better tier; empty where all are "strong". */
  readonly advice: readonly string[];
}

export async function probe(): Promise<SandboxReport> {
  const javascript = await probeJavaScript();
  const languages = [javascript, { ...javascript, language: "typescript" as const }, await probePython()];
  const found = findIsolatedVm();
  return {
    machine: machine(),
    languages,
    advisory: { id: ADVISORY, status: "missing" in found ? "not installed" : found.advisory },
    advice: languages.every(({ tier }) => tier === "strong") ? [] : adviceFor(machine(), languages),
  };
}

async function probeJavaScript(): Promise<LanguageReport> {
  const language = "javascript";
  const unusable: string[] = [];
  for (const name of JAVASCRIPT_RUNTIMES) {
    const found = await findRuntime(name);
    if ("missing" in found) {
      unusable.push(`${name}: ${found.missing}`);
    } else {
      const { version, launcher } = found;
      return { language, runtime: name, version, tier: launcher.tier, chain: launcher.chain, unusable };
    }
  }
  return { ...NOTHING, language, unusable };
}

async function probePython(): Promise<LanguageReport> {
  const language = "python";
  const { findPython } = await import("./python/find.ts");
  try {
    const { version, containment } = await findPython();
    return { language, runtime: "python", version, tier: containment.tier, chain: containment.chain, unusable: [] };
  } catch (error) {
    return { ...NOTHING, language, unusable: [error instanceof Error ? error.message : String(error)] };
  }
}

const NOTHING = { runtime: null, version: null, tier: null, chain: null } as const;

function adviceFor({ isRoot, tools, userNamespaces }: Machine, languages: readonly LanguageReport[]): string[] {
  if (process.platform !== "linux") return ["Run on Linux: bubblewrap and user namespaces exist nowhere else."];
  const lacking = (["bwrap", "setpriv", "prlimit"] as const).filter((tool) => !tools[tool]);
  const packages = [...new Set(lacking.map((tool) => (tool === "bwrap" ? "bubblewrap" : "util-linux")))];
  const isWithout = (language: Language) => languages.some((report) => report.language === language && !report.runtime);
  return [
    ...(packages.length > 0 ? [`Install ${packages.join(" and ")}: ${lacking.join(", ")} cannot be found.`] : []),
    ...(userNamespaces || isRoot
      ? []
      : [
          "Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces), or run as root.",
        ]),
    ...(userNamespaces || !isRoot
      ? []
      : ["Start the container with --security-opt seccomp=unconfined or --cap-add SYS_ADMIN: it forbids namespaces."]),
    ...(isWithout("javascript")
      ? ["Install the optional packages isolated-vm (7.0.1 or newer) and node-gyp-build."]
      : []),
    ...(isWithout("python") ? ["Install python3, 3.9 or newer."] : []),
  ];
}
