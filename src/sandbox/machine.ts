/** What this machine offers for holding a process: tools on the path, who we are, what the kernel lets us do. Looked up once. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface Machine {
  readonly isRoot: boolean;
  /** Absolute paths; null where there is none. */
  readonly tools: Readonly<Record<Tool, string | null>>;
  /** Whether bubblewrap can forbid further user namespaces (since 0.8). */
  readonly bwrapDisablesUserNamespaces: boolean;
  readonly userNamespaces: boolean;
  /** A cgroup v2 of our own in which children could be counted. Reported only: the limits do not rely on it. */
  readonly cgroups: boolean;
}

const TOOLS = ["bwrap", "setpriv", "prlimit", "unshare"] as const;
type Tool = (typeof TOOLS)[number];
const USUAL = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]; // a service may run without a PATH

let known: Machine | undefined;

export function machine(): Machine {
  known ??= look();
  return known;
}

function look(): Machine {
  const tools = Object.fromEntries(TOOLS.map((tool) => [tool, findTool(tool)])) as Record<Tool, string | null>;
  return {
    isRoot: process.getuid?.() === 0,
    tools,
    bwrapDisablesUserNamespaces: tools.bwrap !== null && output(tools.bwrap, ["--help"]).includes("--disable-userns"),
    userNamespaces: tools.unshare !== null && succeeds(tools.unshare, ["--user", "true"]),
    cgroups: isWritable(ownCgroup()),
  };
}

export function findTool(name: string): string | null {
  if (process.platform === "win32") return null;
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/")), ...USUAL];
  return folders.map((folder) => join(folder, name)).find((path) => isExecutable(path)) ?? null;
}

function isExecutable(path: string): boolean {
  return permits(path, constants.X_OK);
}

function isWritable(path: string | null): boolean {
  return path !== null && permits(path, constants.W_OK);
}

function permits(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false; // the question was whether it may be accessed
  }
}

/** /sys/fs/cgroup/<ours> where the machine has cgroup v2. */
function ownCgroup(): string | null {
  if (process.platform !== "linux") return null;
  const line = /^0::(.+)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"));
  return line ? join("/sys/fs/cgroup", line[1] as string, "cgroup.procs") : null;
}

function output(file: string, argv: readonly string[]): string {
  try {
    return execFileSync(file, argv, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5000 });
  } catch {
    return ""; // a tool that cannot say what it can do is asked for nothing
  }
}

function succeeds(file: string, argv: readonly string[]): boolean {
  try {
    execFileSync(file, argv, { stdio: "ignore", timeout: 5000 });
    return true;
  } catch {
    return false; // the question was whether it succeeds
  }
}
