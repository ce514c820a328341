/** Names of runs: new ones that are free, and old ones to go on with. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RlvrError } from "../errors.ts";
import { readConfig } from "./directory.ts";
import { readManifest } from "./manifest.ts";

/** `base`, or the first of base-2, base-3, … that is not in `out` yet. */
export function freshName(out: string, base: string): string {
  let name = base;
  for (let i = 2; existsSync(join(out, name)); i++) name = `${base}-${i}`;
  return name;
}

export interface RunPlace {
  readonly out: string;
  readonly name: string;
}

/**
 * A run to go on with: by its folder, by its name in `out`, or (true) the newest one that is not finished.
 * @param algorithm the group of settings that the run must have
 * @throws {RlvrError} E_RUN if there is no such run.
 */
export function findRun(
  which: string | true,
  out: string,
  algorithm: "grpo" | "ppo" | "prm" | "sft" | "dpo" | "rm",
): RunPlace {
  if (which === true) return newestUnfinished(out, algorithm);
  const isFolder = existsSync(join(which, "manifest.json"));
  const place = isFolder ? { out: dirname(which), name: basename(which) } : { out, name: which };
  const path = join(place.out, place.name);
  if (!existsSync(join(path, "manifest.json"))) {
    const names = runNames(out);
    throw new RlvrError("E_RUN", `${path} does not exist, expected a run to resume`, {
      hint: names.length === 0 ? `there are no runs in ${out} yet` : `runs in ${out}: ${names.slice(-8).join(", ")}`,
    });
  }
  if (!isOf(path, algorithm)) {
    throw new RlvrError("E_RUN", `${path} is not a run of ${algorithm}`, { hint: "resume it with its own command" });
  }
  return place;
}

function newestUnfinished(out: string, algorithm: string): RunPlace {
  const unfinished = runNames(out).filter(
    (name) => readManifest(join(out, name)).status !== "finished" && isOf(join(out, name), algorithm),
  );
  const newest = newestOf(out, unfinished);
  if (newest !== undefined) return { out, name: newest };
  throw new RlvrError("E_RUN", `no run of ${algorithm} in ${out} is unfinished`, {
    hint: "start a new one without --resume, or name a finished one and raise its steps",
  });
}

/** Folders of runs, by name. */
export function runNames(out: string): string[] {
  if (!existsSync(out)) return [];
  return readdirSync(out)
    .filter((name) => existsSync(join(out, name, "manifest.json")))
    .sort();
}

function isOf(path: string, algorithm: string): boolean {
  const config = readConfig(path);
  return typeof config === "object" && config !== null && Object.hasOwn(config, algorithm);
}

/** The run in `out` that was started or resumed last. @throws {RlvrError} E_RUN if there is none. */
export function newestRun(out: string): string {
  const newest = newestOf(out, runNames(out));
  if (newest !== undefined) return join(out, newest);
  throw new RlvrError("E_RUN", `there are no runs in ${out}`, { hint: "start one, or name its folder" });
}

function newestOf(out: string, names: readonly string[]): string | undefined {
  const started = (name: string) => Date.parse(readManifest(join(out, name)).sessions.at(-1)?.startedAt ?? "");
  return names.toSorted((a, b) => started(a) - started(b)).at(-1);
}
