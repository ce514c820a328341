/** Imports nothing that needs an optional package: what is missing is its subject. */
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { join, relative } from "node:path";
import { z } from "zod";
import { readModelConfig } from "../../policy/hf-config.ts";
import { weightCount } from "../../policy/weights.ts";
import { taskNames } from "../../rollout/load-task.ts";
import { PACKAGE } from "../../run/packages.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { wrapText } from "../completion-text.ts";
import { bytes, count } from "../plan.ts";
import { PROGRAM } from "../program.ts";
import { paint } from "../screen.ts";
import { formatTable } from "../table.ts";
import { ownVersion } from "../version.ts";

/** Where the sources and the packages need it. */
const NODE_MAJOR = 24;

interface Row {
  readonly what: string;
  readonly value: string;
  /** Why, and what to do about it: in lines of its own. */
  readonly hint?: string;
}

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Says what this machine has: Node, engines and devices, sandboxes, memory, models, tasks.",
  schema: z.strictObject({}),
  examples: [],
  run: async (_, context) => {
    section(context, "Machine", machine());
    section(context, "Engines", await engines(context));
    section(context, "Sandbox", await sandbox(context));
    section(context, "Models", await models());
    section(context, "Tasks", tasks());
  },
});

function section({ out, env }: CommandContext, title: string, rows: readonly Row[]): void {
  const width = Math.min((out.columns ?? 100) - 1, 120);
  const table = formatTable(
    rows.map(({ what, value }) => [`  ${what}`, value]),
    { align: ["left", "left"] },
  ).split("\n");
  const lines = rows.flatMap(({ hint }, i) => [
    table[i] as string,
    ...(hint ? wrapText(hint, width - 6).map((line) => `      ${paint(out, env, "dim", line)}`) : []),
  ]);
  out.write(`${paint(out, env, "bold", title)}\n${lines.join("\n")}\n\n`);
}

function machine(): Row[] {
  const node = process.versions.node;
  const isOld = Number.parseInt(node, 10) < NODE_MAJOR;
  const old = `expected ${NODE_MAJOR} or newer: run it through npm in the clone, which brings its own`;
  return [
    { what: "rlvr", value: ownVersion() },
    { what: "node", value: node, ...(isOld ? { hint: old } : {}) },
    { what: "system", value: `${process.platform}-${process.arch}` },
    { what: "cores", value: `${availableParallelism()} of ${cpus()[0]?.model.trim() ?? "an unknown processor"}` },
    { what: "memory", value: `${bytes(totalmem())}, ${bytes(freemem())} free` },
  ];
}

/** Longest reason that is shown: native errors can go on for pages. */
const LONGEST_REASON = 240;

async function engines({ out, env }: CommandContext): Promise<Row[]> {
  const found = await import("../../engine/index.ts").then(
    ({ engineReport }) => engineReport(),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (typeof found === "string") {
    return [{ what: "none", value: found, hint: "run: npm install @tensorflow/tfjs onnxruntime-node" }];
  }
  return found.map(({ engine, device, present, provider, experimental, reason = "", hint = "" }) => {
    const what = `${engine}/${device}`;
    const note = experimental ? " (experimental)" : "";
    if (present) return { what, value: `${paint(out, env, "green", "present")}  ${provider}${note}` };
    const why = reason.replaceAll(/\s+/g, " ").trim();
    const shown = why.length > LONGEST_REASON ? `… ${why.slice(-LONGEST_REASON)}` : why;
    return { what, value: `absent${note}`, hint: hint === "" ? shown : `${shown}\n${hint}` };
  });
}

/** Where untrusted code would run, found out by running something there. */
async function sandbox({ out, env }: CommandContext): Promise<Row[]> {
  const { probe } = await import("../../sandbox/index.ts");
  const { languages, advice, advisory } = await probe();
  const rows = languages.map(({ language, runtime, version, tier, chain, unusable }) => {
    const passedOver = unusable.length === 0 ? {} : { hint: unusable.join("\n") };
    if (runtime === null || tier === null) return { what: language, value: "absent", ...passedOver };
    const name = runtime === language ? version : `${runtime} ${version}`;
    const color = tier === "strong" ? "green" : "yellow";
    return { what: language, value: `${paint(out, env, color, tier)}  ${name}, held by ${chain}`, ...passedOver };
  });
  const affected = { what: advisory.id, value: "isolated-vm is affected and not used", hint: "install 7.0.1 or newer" };
  return [
    ...rows,
    ...(advisory.status === "affected" ? [affected] : []),
    ...(advice.length === 0 ? [] : [{ what: "for a better tier", value: "", hint: advice.join("\n") }]),
  ];
}

function tasks(): Row[] {
  const names = taskNames();
  if (names.length > 0) return [{ what: "tasks", value: String(names.length), hint: names.join(", ") }];
  return [{ what: "none", value: "", hint: `${PROGRAM} new makes one` }];
}

async function models(): Promise<Row[]> {
  const folders = [...new Set(["models", join(PACKAGE, "models")].filter((path) => existsSync(path)))].flatMap((path) =>
    readdirSync(path).map((name) => join(path, name)),
  );
  const known = [...new Map(folders.map((path) => [relative(".", path), path])).values()];
  const rows: Row[] = [];
  for (const path of known.filter((folder) => existsSync(join(folder, "config.json")))) {
    const config = await readModelConfig(path);
    rows.push({ what: relative(".", path), value: `${count(weightCount(config))} parameters` });
  }
  return rows.length > 0 ? rows : [{ what: "none", value: "", hint: "npm run make-base makes the small base models" }];
}
