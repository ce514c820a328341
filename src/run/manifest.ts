/** manifest.json: what made a run, when, and how far it came. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { TIERS } from "../sandbox/tier.ts";
import { writeDurably } from "./durable-file.ts";

const Session = z.strictObject({
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable().describe("null: still running, or killed"),
  fromStep: z.int().nullable().describe("step of the checkpoint that it went on from; null = the beginning"),
  versions: z.record(z.string(), z.string()).describe("rlvr, node and the engine's packages"),
  commit: z.string().nullable().describe("git commit of the folder it was started in, with + if files were changed"),
  machine: z.string(),
});

export const Manifest = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  seed: z.int(),
  engine: z.string().describe("engine and device, such as onnx/cpu"),
  sandbox: z
    .enum(TIERS)
    .nullable()
    .describe("tier in which the task ran code, of the last session; null = it runs none"),
  status: z.enum(["running", "finished", "interrupted", "failed"]).describe("running: in progress, or killed"),
  lastCompleteStep: z.int().nullable().describe("step that --resume goes on from; null = the beginning"),
  sessions: z.array(Session).min(1).describe("one for each time the run was started or resumed"),
});
export type Manifest = z.infer<typeof Manifest>;
export type RunStatus = Manifest["status"];

/** @throws {RlvrError} E_RUN if it is not there or not a manifest of this version. */
export function readManifest(run: string): Manifest {
  const path = join(run, "manifest.json");
  if (!existsSync(path)) {
    throw new RlvrError("E_RUN", `${run} has no manifest.json, expected a run directory`, {
      hint: "Give the folder of a run, such as runs/<name>.",
    });
  }
  try {
    return Manifest.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new RlvrError("E_RUN", `${path} is not a manifest of this version of rlvr`, {
      hint: "Open it with the version of rlvr that wrote it.",
      cause,
    });
  }
}

export function writeManifest(run: string, manifest: Manifest): void {
  writeDurably(join(run, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A new entry of `sessions`. `packages` are the versions of whatever else decides the numbers, such as the engine. */
export function startSession(
  fromStep: number | null,
  packages: Readonly<Record<string, string>>,
): Manifest["sessions"][number] {
  return {
    startedAt: new Date().toISOString(),
    endedAt: null,
    fromStep,
    versions: { rlvr: ownVersion(), node: process.versions.node, ...packages },
    commit: gitCommit(),
    machine: `${process.platform}-${process.arch}`,
  };
}

function ownVersion(): string {
  const packageJson = readFileSync(new URL("../../package.json", import.meta.url), "utf8"); // the same way from src and dist
  return z.object({ version: z.string() }).parse(JSON.parse(packageJson)).version;
}

function gitCommit(): string | null {
  const commit = git("rev-parse", "HEAD");
  if (commit === null) return null;
  return git("status", "--porcelain", "--untracked-files=no") === "" ? commit : `${commit}+`;
}

/** Null without git, outside a repository, or before its first commit: a run needs none of them. */
function git(...args: string[]): string | null {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 10_000 }).trim();
  } catch {
    return null;
  }
}
