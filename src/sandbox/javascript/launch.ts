/** How a slot process is started: Node's own permissions, then the layers of the containment around it. */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contain, type NoContainment, type ProcessLimits } from "../containment.ts";
import { holds, type Tier } from "../tier.ts";

export interface Launcher {
  readonly tier: Tier;
  readonly chain: string;
  /** The command line of a slot. */
  argv(seat: number): string[];
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

/** Threads of Node and of isolated-vm; a guest starts none. */
const THREADS = 64;
const OPEN_FILES = 64;

/** No limit on memory: an isolate reserves half a gigabyte that it never uses. What is used is watched (isolate.ts, clock.ts). */
const PROCESS_LIMITS: ProcessLimits = { openFiles: OPEN_FILES, fileKb: 64, diskMb: 1, processes: THREADS };

/** @param atMost leaves stronger tiers out (containment.ts) */
export async function launcher(files: RuntimeFiles, atMost: Tier = "strong"): Promise<Launcher | NoContainment> {
  const node = realpathSync(process.execPath);
  const readOnly = [node, OURS, MANIFEST, ...files.readOnly];
  const command = [node, ...nodeFlags([OURS, MANIFEST, ...files.readOnly], files.hasAddon), PROGRAM];
  const program = (mode: "serve" | "proof") => [...command, mode, files.kind, files.version, ...files.paths];
  const containment = await contain({ proof: program("proof"), readOnly, limits: PROCESS_LIMITS, atMost });
  if ("fault" in containment) return containment;
  return {
    tier: holds(containment.tier, files.tier) ? containment.tier : files.tier,
    chain: containment.chain,
    argv: (seat) => containment.wrap(program("serve"), seat, PROCESS_LIMITS),
  };
}

function nodeFlags(readable: readonly string[], hasAddon: boolean): string[] {
  return [
    "--permission",
    "--single-threaded-gc", // a guest pays for its garbage itself, not its neighbors' cores
    ...(hasAddon ? ["--allow-addons"] : []),
    ...readable.map((path) => `--allow-fs-read=${path}`),
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
    "--max-old-space-size=128",
  ];
}
