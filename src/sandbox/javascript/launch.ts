/** How a slot process is started: Node's own permissions, then the layers of the containment around it. */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contain, type NoContainment, type ProcessLimits } from "../containment.ts";
import { holds, type Tier } from "../tier.ts";

export interface Launcher {
  readonly tier: Tier;
  readonly chain: string;
  /** The command line of a slot. */
  argv(seat: number, memoryMb: number): string[];
}

/** What a slot's program needs to know to open its runtime. */
export interface RuntimeFiles {
  readonly kind: "isolated-vm" | "quickjs";
  readonly version: string;
  /** What the slot's program loads it from (slot.ts). */
  readonly paths: readonly string[];
  /** Files and folders that it reads. */
  readonly readOnly: readonly string[];
  /** Whether Node has to allow a native addon. */
  readonly hasAddon: boolean;
  /** How well the runtime alone holds a guest. */
  readonly tier: Tier;
}

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const PROGRAM = fileURLToPath(new URL(`./slot.${extension}`, import.meta.url));
const OURS = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
/** Says that our files are modules. From src/sandbox and dist/sandbox alike. */
const MANIFEST = fileURLToPath(new URL("../../../package.json", import.meta.url));

/** Node and two isolates reserve this much, most of it never used. The slot itself watches what is used (isolate.ts). */
const RESERVED_MB = 2048;
/** Of its limit, a guest may use some times as much before it is stopped. */
const OVERSHOOT = 4;
/** Threads of Node and of isolated-vm; a guest starts none. */
const THREADS = 64;
const OPEN_FILES = 64;

function limitsOf(memoryMb: number): ProcessLimits {
  const dataMb = RESERVED_MB + OVERSHOOT * memoryMb;
  return { openFiles: OPEN_FILES, fileKb: 64, diskMb: 1, processes: THREADS, dataMb };
}

export async function launcher(files: RuntimeFiles): Promise<Launcher | NoContainment> {
  const node = realpathSync(process.execPath);
  const readOnly = [node, OURS, MANIFEST, ...files.readOnly];
  const command = [node, ...nodeFlags([OURS, MANIFEST, ...files.readOnly], files.hasAddon), PROGRAM];
  const program = (mode: "serve" | "proof") => [...command, mode, files.kind, files.version, ...files.paths];
  const containment = await contain({ proof: program("proof"), readOnly, limits: limitsOf(64) });
  if ("fault" in containment) return containment;
  return {
    tier: holds(containment.tier, files.tier) ? containment.tier : files.tier,
    chain: containment.chain,
    argv: (seat, memoryMb) => containment.wrap(program("serve"), seat, limitsOf(memoryMb)),
  };
}

function nodeFlags(readable: readonly string[], hasAddon: boolean): string[] {
  return [
    "--permission",
    ...(hasAddon ? ["--allow-addons"] : []),
    ...readable.map((path) => `--allow-fs-read=${path}`),
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
    "--max-old-space-size=128",
  ];
}
