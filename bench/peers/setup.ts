/**
 * The virtual environment of the peers, in `.cache/peers`: made once, made again when requirements.txt changes.
 *
 * Nothing here is needed to build, test or use rlvr. Where something is missing (Python, its venv module, the registry,
 * disk space) the answer is a reason to skip, never an exception.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export type PeerSetup =
  | { readonly ready: true; readonly python: string; readonly versions: Readonly<Record<string, string>> }
  | { readonly ready: false; readonly reason: string };

const HERE = dirname(fileURLToPath(import.meta.url));
const REQUIREMENTS = join(HERE, "requirements.txt");
const ENVIRONMENT = join(HERE, "..", "..", ".cache", "peers");
const STAMP = join(ENVIRONMENT, "requirements.sha256");
const PYTHON =
  process.platform === "win32" ? join(ENVIRONMENT, "Scripts", "python.exe") : join(ENVIRONMENT, "bin", "python");
/** The pinned NumPy and pandas have no wheels for older ones. */
const OLDEST_PYTHON = [3, 11] as const;
/** Measured: 4.6 GB installed; pip unpacks one wheel at a time beside that. */
const DISK_GB = 6;
/** The registry answers within this, or we do without: pip's own patience is minutes. */
const PIP_PATIENCE = ["--timeout", "30", "--retries", "2"];
/** Imports what the peers import, so that a broken wheel is found here, and says what it is. */
const PROBE = `
import json, peft, platform, torch, transformers, trl
from trl import GRPOTrainer
print(json.dumps({"python": platform.python_version(), "torch": torch.__version__, "trl": trl.__version__,
  "transformers": transformers.__version__, "peft": peft.__version__, "blas": "MKL" if torch.backends.mkl.is_available() else "not MKL",
  "cpu": torch.backends.cpu.get_cpu_capability()}))
`;

/** Makes the environment ready, or says in one line why it cannot be. `log` gets a line before each slow step. */
export function setUpPeers(log: (line: string) => void): PeerSetup {
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  if (readStamp() !== wanted) {
    const reason = install(log);
    if (reason !== undefined) return { ready: false, reason };
    writeFileSync(STAMP, wanted);
  }
  const probe = execute(PYTHON, ["-c", PROBE]);
  if (!probe.ok) return { ready: false, reason: `the Python packages do not import: ${probe.lastLine}` };
  return { ready: true, python: PYTHON, versions: JSON.parse(probe.output) };
}

/** Undefined when all is installed, otherwise the reason why not. */
function install(log: (line: string) => void): string | undefined {
  const python = ["python3", "python"].find((command) => execute(command, ["-c", versionCheck()]).ok);
  if (python === undefined) return `no Python ${OLDEST_PYTHON.join(".")} or newer was found (python3, python)`;
  if (!execute(python, ["-c", "import venv, ensurepip"]).ok) {
    return "Python's venv module is missing (Debian, Ubuntu: apt-get install python3-venv)";
  }
  rmSync(ENVIRONMENT, { recursive: true, force: true });
  mkdirSync(ENVIRONMENT, { recursive: true });
  const { bavail, bsize } = statfsSync(ENVIRONMENT);
  const freeGb = (bavail * bsize) / 1e9;
  if (freeGb < DISK_GB) return `the disk has ${freeGb.toFixed(1)} GB free, expected ${DISK_GB} for the Python packages`;

  log("peers: making a Python environment in .cache/peers (up to 2.4 GB of downloads, once)");
  const made = execute(python, ["-m", "venv", ENVIRONMENT]);
  if (!made.ok) return `python -m venv failed: ${made.lastLine}`;
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir", ...PIP_PATIENCE];
  const installed = execute(PYTHON, [...pip, "--no-deps", "-r", REQUIREMENTS]);
  if (!installed.ok) return `pip could not install the packages (is a registry reachable?): ${installed.lastLine}`;
  return undefined;
}

function versionCheck(): string {
  return `import sys; sys.exit(sys.version_info < (${OLDEST_PYTHON.join(", ")}))`;
}

/** The hash of the requirements that were installed last, if the installation came to its end. */
function readStamp(): string | undefined {
  try {
    return readFileSync(STAMP, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function execute(command: string, args: readonly string[]): { ok: boolean; output: string; lastLine: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) return { ok: false, output: "", lastLine: error.message };
  return { ok: status === 0, output: stdout, lastLine: stderr.trim().split("\n").at(-1) ?? "" };
}

if (import.meta.main) {
  const setup = setUpPeers(console.log);
  console.log(setup.ready ? `peers: ready, ${JSON.stringify(setup.versions)}` : `peers: skipped: ${setup.reason}`);
}
