/** `rlvr doctor` says what a run would find. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { taskNames } from "../../src/rollout/index.ts";
import { probe } from "../../src/sandbox/index.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

test("doctor shows the sandbox of each language, and the tasks", { timeout: 300_000 }, async () => {
  const env = { ...process.env, NO_COLOR: "1", RLVR_GRPO_STEPS: "5" }; // a setting of a command that is not loaded here
  const argv = ["--conditions=rlvr-source", MAIN, "doctor"];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env });
  for (const { language, tier, chain } of (await probe()).languages) {
    const line = new RegExp(`^ {2}${language} .*$`, "m").exec(stdout)?.[0];
    expect(line).toContain(tier ?? "absent");
    if (chain !== null) expect(line).toContain(`held by ${chain}`);
  }
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(`tasks ${taskNames().length} ${taskNames().join(", ")}`);
});
