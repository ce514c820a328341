/**
 * How a child process is held: layers of tools put before its command line, the strongest chain that works on this machine.
 *
 * Covered in the strongest: no file of the host but the system's libraries and what the runtime needs (read-only), no network,
 * no other process to see or signal, no user of the host, limits on memory, files and processes, death with the parent.
 * Not covered: flaws of the kernel, and what the processor leaks between processes.
 *
 * Whether a chain works is not guessed: the runtime is run in it once. A chain with root's bubblewrap outside serves runtimes in
 * folders that only root can read; the other one, which gives root up first, is preferred.
 */
import { spawn } from "node:child_process";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { type Machine, machine } from "./machine.ts";
import { holds, type Tier } from "./tier.ts";

/** Limits that the kernel keeps for the whole process; an absent one is not set. */
export interface ProcessLimits {
  readonly openFiles: number;
  /** The largest file that it may write. */
  readonly fileKb: number;
  /** All files in /tmp together, which is the only place to write to. */
  readonly diskMb: number;
  /** Processes and threads. */
  readonly processes: number;
  /** RLIMIT_AS: address space, reserved memory included. */
  readonly addressSpaceMb?: number;
  /** RLIMIT_DATA: private writable memory. What a runtime that reserves much and uses little can be held by. */
  readonly dataMb?: number;
  /** RLIMIT_CPU: of the whole life of the process. */
  readonly cpuSeconds?: number;
}

export interface ContainmentRequest {
  /** A command line, program by absolute path, that ends with status 0 where the runtime works. */
  readonly proof: readonly string[];
  /** Files and folders that the runtime reads, beside the system's. Absolute. */
  readonly readOnly: readonly string[];
  readonly limits: ProcessLimits;
  /** Leaves stronger chains out; what a weaker machine would do, tried on this one. */
  readonly atMost?: Tier;
}

/** The runtime itself does not work, held or not. */
export interface NoContainment {
  /** What it said without any layer around it. */
  readonly fault: string;
}

export interface Containment {
  readonly tier: Tier;
  /** The layers from outside in, such as "setpriv > bwrap > prlimit"; "nothing" where there is none. */
  readonly chain: string;
  /**
   * The command line that runs `argv` in a box. Start it with the environment that the guest may see. Its death, SIGKILL
   * included, ends all processes in it where there are namespaces.
   *
   * @param seat distinct among the boxes that run at a time: each seat is a user of its own, so that no guest counts against
   * another's limit of processes
   */
  wrap(argv: readonly string[], seat: number, limits: ProcessLimits): string[];
}

/** The environment of a box: nothing of the host's. */
export const BOX_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: "/tmp",
  LANG: "C.UTF-8",
  PATH: "/usr/bin:/bin",
  TZ: "UTC",
};

const PROOF_TIMEOUT_MS = 20_000;
const FAULT_CHARACTERS = 2000;
const FIRST_USER = 60_001; // below the users that systemd hands out, above those of people and services
const SEATS = 1000;
/** Trainers on the same machine mostly have other users. */
const FIRST_SEAT = (process.pid * 64) % SEATS;

interface Context {
  readonly machine: Machine;
  readonly readOnly: readonly string[];
  readonly seat: number;
  readonly limits: ProcessLimits;
}

/** A tool before the command line; null where the machine lacks it. */
type Layer = (context: Context) => string[] | null;

interface Chain {
  readonly name: string;
  readonly tier: Tier;
  readonly layers: readonly Layer[];
}

const AS_ROOT: readonly Chain[] = [
  { name: "setpriv > bwrap > prlimit", tier: "strong", layers: [otherUser, userBwrap, prlimit] },
  { name: "bwrap > setpriv > prlimit", tier: "strong", layers: [dieWithParent, rootBwrap, otherUser, prlimit] },
  { name: "unshare > setpriv > prlimit", tier: "medium", layers: [dieWithParent, rootUnshare, otherUser, prlimit] },
  { name: "setpriv > prlimit", tier: "weak", layers: [otherUser, prlimit] },
];
const AS_USER: readonly Chain[] = [
  { name: "bwrap > prlimit", tier: "strong", layers: [userBwrap, prlimit] },
  { name: "unshare > prlimit", tier: "weak", layers: [dieWithParent, userUnshare, prlimit] },
];
const LAST: readonly Chain[] = [
  { name: "prlimit", tier: "weak", layers: [prlimit] },
  { name: "nothing", tier: "none", layers: [] },
];

/** The strongest chain in which the proof works. */
export async function contain(request: ContainmentRequest): Promise<Containment | NoContainment> {
  const { proof, readOnly, limits, atMost = "strong" } = request;
  const host = machine();
  let fault = "";
  for (const chain of [...(host.isRoot ? AS_ROOT : AS_USER), ...LAST].filter(({ tier }) => holds(atMost, tier))) {
    const wrap = wrapper(chain, host, readOnly);
    const argv = wrap(proof, 0, limits);
    if (!argv) continue;
    const found = await faultOf(argv);
    if (found === null) return { tier: chain.tier, chain: chain.name, wrap: (...given) => wrap(...given) as string[] };
    fault = found;
  }
  return { fault };
}

function wrapper(chain: Chain, host: Machine, readOnly: readonly string[]) {
  return (argv: readonly string[], seat: number, limits: ProcessLimits): string[] | null => {
    const parts = chain.layers.map((layer) => layer({ machine: host, readOnly, seat, limits }));
    if (parts.includes(null)) return null;
    return [...parts.flatMap((part) => part ?? []), ...argv];
  };
}

/** Null where the command line ends with status 0, else what it said. */
function faultOf(argv: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const [file = "", ...rest] = argv;
    const child = spawn(file, rest, { env: BOX_ENVIRONMENT, stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
    const timer = setTimeout(() => child.kill("SIGKILL"), PROOF_TIMEOUT_MS);
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-FAULT_CHARACTERS);
    });
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? null : said.trim() || `it ended with ${signal ?? `status ${code}`}`);
    });
  });
}

function otherUser({ machine: { tools }, seat }: Context): string[] | null {
  if (!tools.setpriv) return null;
  const user = FIRST_USER + ((FIRST_SEAT + seat) % SEATS);
  return [
    tools.setpriv,
    `--reuid=${user}`,
    `--regid=${user}`,
    "--clear-groups",
    "--no-new-privs",
    "--inh-caps=-all",
    "--bounding-set=-all",
    "--pdeathsig=KILL",
    "--",
  ];
}

function dieWithParent({ machine: { tools } }: Context): string[] | null {
  return tools.setpriv ? [tools.setpriv, "--pdeathsig=KILL", "--"] : null;
}

function prlimit({ machine: { tools }, limits }: Context): string[] | null {
  if (!tools.prlimit) return null;
  const mb = 1024 * 1024;
  return [
    tools.prlimit,
    "--core=0",
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileKb * 1024}`,
    `--nproc=${limits.processes}`,
    ...(limits.addressSpaceMb === undefined ? [] : [`--as=${limits.addressSpaceMb * mb}`]),
    ...(limits.dataMb === undefined ? [] : [`--data=${limits.dataMb * mb}`]),
    ...(limits.cpuSeconds === undefined ? [] : [`--cpu=${limits.cpuSeconds}`]),
    "--",
  ];
}

/**
 * The shell stays as the first process of the namespace: the guest must not be it, because the kernel ignores signals to the
 * first process that it has no handler for, and expects it to reap orphans.
 */
function rootUnshare({ machine: { tools }, limits }: Context): string[] | null {
  if (!tools.unshare) return null;
  const ownTmp = `mount -t tmpfs -o size=${limits.diskMb}m,mode=1777,nosuid,nodev tmpfs /tmp`;
  const noShm = "mount -t tmpfs -o ro tmpfs /dev/shm";
  const namespaces = ["--net", "--ipc", "--uts", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"];
  return [
    tools.unshare,
    ...namespaces,
    "--",
    "/bin/sh",
    "-c",
    `${ownTmp} && ${noShm} && cd /tmp && "$@"; exit $?`,
    "sh",
  ];
}

function userUnshare({ machine: { tools } }: Context): string[] | null {
  if (!tools.unshare) return null;
  const namespaces = ["--user", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"];
  return [tools.unshare, ...namespaces, "--", "/bin/sh", "-c", '"$@"; exit $?', "sh"];
}

/** bubblewrap by a user: a user namespace in which no further one can be made. */
function userBwrap(context: Context): string[] | null {
  const { tools, bwrapDisablesUserNamespaces } = context.machine;
  if (!tools.bwrap) return null;
  const further = bwrapDisablesUserNamespaces ? ["--disable-userns"] : [];
  return [tools.bwrap, "--unshare-user", "--unshare-all", ...further, ...box(context), "--"];
}

/** bubblewrap by root, which the next layer gives up: what only root can read can be shown in the box. */
function rootBwrap(context: Context): string[] | null {
  const { bwrap } = context.machine.tools;
  if (!bwrap) return null;
  const namespaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"];
  const toBecomeAnother = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap((capability) => [
    "--cap-add",
    capability,
  ]);
  return [bwrap, ...namespaces, ...toBecomeAnother, ...box(context), "--"];
}

const SYSTEM_LINKS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"];
const SYSTEM_FILES = ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"];

/** The file system of a box, for bubblewrap. */
function box({ readOnly, limits }: Context): string[] {
  const shown = readOnly.filter((path) => !path.startsWith("/usr/"));
  return [
    ...["--ro-bind", "/usr", "/usr"],
    ...SYSTEM_LINKS.filter((path) => existsSync(path)).flatMap(show),
    ...SYSTEM_FILES.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--dev", "/dev", "--proc", "/proc"],
    ...["--perms", "1777", "--size", String(limits.diskMb * 1024 * 1024), "--tmpfs", "/tmp"],
    // after /tmp: a runtime may lie in there; folders above are made by hand, as bubblewrap would make them for root only
    ...[...new Set(shown.flatMap(above))].flatMap((folder) => ["--dir", folder]),
    ...shown.flatMap((path) => ["--ro-bind", path, path]),
    // /tmp is the only place to write to: the root and /dev are memory of the host as well, and without a limit
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...["--die-with-parent", "--new-session", "--chdir", "/tmp"],
  ];
}

function show(path: string): string[] {
  return lstatSync(path).isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

/** /a/b/c → /a, /a/b */
function above(path: string): string[] {
  const parent = dirname(path);
  return parent === "/" ? [] : [...above(parent), parent];
}
