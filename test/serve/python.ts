/** The Pythons of this machine: the plain one, and the one with TRL that `npm run bench:peers` makes. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setUpPeers } from "../../bench/peers/setup.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The command; null where there is none. */
export function plainPython(): string | null {
  return ["python3", "python"].find((command) => spawnSync(command, ["-c", "import json"]).status === 0) ?? null;
}

/**
 * A Python with TRL, or why there is none. An environment is made only where RLVR_TEST_PEERS asks for it: that downloads
 * 2.4 GB.
 */
export function trlPython(): { readonly python: string } | { readonly reason: string } {
  const hint = "RLVR_TEST_PEERS=1 makes one";
  if (process.env.RLVR_TEST_PEERS === undefined && !existsSync(join(ROOT, ".cache", "peers", "requirements.sha256"))) {
    return { reason: `there is no .cache/peers; ${hint}` };
  }
  const setup = setUpPeers(console.log);
  return setup.ready ? { python: setup.python } : { reason: setup.reason };
}

/** Standard output. Throws with the standard error of a program that fails. */
export async function runPython(
  python: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const options = { env: { ...process.env, ...env }, timeout: 300_000, maxBuffer: 1e8 };
  const { stdout } = await promisify(execFile)(python, args, options);
  return stdout;
}
