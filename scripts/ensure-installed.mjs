/**
 * Installs the packages where that has not been done, so that a fresh clone needs one command. Plain JavaScript without
 * packages: it runs on whatever Node the machine has, from 20 on; the packages bring the Node that runs the rest.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const LOCK = join(ROOT, "package-lock.json");
/** npm writes it at the end of an installation. */
const INSTALLED = join(ROOT, "node_modules", ".package-lock.json");
const OLDEST = 20;

const packagesOf = (path) => JSON.parse(readFileSync(path, "utf8")).packages;

/** Why an installation is needed; null if it is not. Packages for other systems may be absent, all others must agree. */
function reason() {
  if (!existsSync(INSTALLED)) return "the packages are not installed yet";
  const installed = packagesOf(INSTALLED);
  const differs = Object.entries(packagesOf(LOCK)).some(([path, { version, optional, peer, devOptional }]) => {
    if (path === "") return false;
    const found = installed[path];
    return found ? found.version !== version : !(optional || peer || devOptional);
  });
  return differs ? "the packages are not those of package-lock.json" : null;
}

/** npm as it called this script; by name where nobody did. */
function npm(args) {
  const script = process.env.npm_execpath;
  // ONNX Runtime's package holds the CPU libraries; its install script would fetch CUDA's, and fail without a network
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const options = { cwd: ROOT, stdio: "inherit", env };
  if (script?.endsWith("js"))
    return spawnSync(process.env.npm_node_execpath ?? process.execPath, [script, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  console.error(`Node is ${process.versions.node}, expected ${OLDEST} or newer to install the packages.`);
  process.exit(1);
}
const why = reason();
if (why !== null) {
  console.error(`${why}: npm ci (about half a minute)`);
  const { status, error } = npm(["ci", "--no-fund", "--no-audit"]);
  if (error) console.error(`npm does not start: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
