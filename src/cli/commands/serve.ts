import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { sandboxTier } from "../../rollout/sandbox-tier.ts";
import type { Box, Language } from "../../sandbox/job.ts";
import { TIERS, type Tier } from "../../sandbox/tier.ts";
import type { RewardServer } from "../../serve/index.ts";
import { ServeSettings } from "../../serve/settings.ts";
import { SHIMS } from "../../serve/shims.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { ownVersion } from "../version.ts";

const RUN_CODE = "/run_code";

export const serveCommand = defineCommand({
  name: "serve",
  summary: "Serves tasks as a reward server for OpenRLHF, slime, NeMo Gym, TRL, verl and others.",
  schema: ServeSettings.extend({
    runCode: z
      .array(z.enum(["javascript", "typescript", "python"]))
      .default([])
      .describe("languages of programs that /run_code runs in this machine's sandbox; none = no such path"),
    minTier: z
      .enum(TIERS)
      .default("weak")
      .describe("least containment of that sandbox, and of those in which tasks run code; see `rlvr doctor`"),
    quiet: z.boolean().default(false).describe("no line of figures each second"),
    shim: z.enum(SHIMS).optional().describe("print a Python module that asks the server for rewards, and stop"),
  }),
  positional: ["tasks"],
  examples: [
    `${PROGRAM} serve arithmetic countdown`,
    `${PROGRAM} serve arithmetic --port 9000 --limits.concurrency 64`,
    `${PROGRAM} serve arithmetic --shim trl > arithmetic_reward.py`,
  ],
  run: async ({ quiet, shim, runCode: languages, minTier, ...settings }, context) => {
    const { loadServedTasks, runCode, shimOf, startServer } = await import("../../serve/index.ts");
    const tasks = await loadServedTasks(settings.tasks, settings);
    if (shim !== undefined) {
      const [only, ...others] = tasks;
      if (only !== undefined && others.length === 0) context.out.write(shimOf(shim, only, { url: urlOf(settings) }));
      else refuseSeveral(tasks.length);
      return;
    }
    for (const { task } of tasks) await sandboxTier(task, minTier);
    const log = (line: string) => context.err.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`);
    const box = languages.length === 0 ? null : await openSandbox(languages, minTier);
    const dialects = box === null ? [] : [runCode(async () => box)];
    const options = { ...settings, dialects, version: ownVersion(), ...(quiet ? {} : { log }) };
    const server = await startServer(tasks, options).catch(async (error) => {
      await box?.close();
      throw error;
    });
    context.out.write(greeting(server, settings.token !== ""));
    await untilAborted(context);
    await server.close();
    await box?.close();
    const { requests, completions, notGraded, refused } = server.context.traffic.totals;
    context.err.write(
      `Stopped after ${requests} requests (${refused} refused), ${completions} completions (${notGraded} not graded).\n`,
    );
  },
});

function refuseSeveral(count: number): never {
  throw new RlvrError("E_CONFIG", `--shim has ${count} tasks, expected one`, { hint: "Print one for each." });
}

function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function openSandbox(languages: readonly Language[], minTier: Tier): Promise<Box> {
  const { openBox } = await import("../../sandbox/index.ts");
  return openBox({ languages, minTier });
}

function greeting({ url, context }: RewardServer, hasToken: boolean): string {
  const [first, ...others] = context.tasks.keys();
  const prefix = others.length === 0 ? "" : `/${first}`;
  const lines = [
    `Serving ${[...context.tasks.keys()].join(", ")} on ${url}${hasToken ? ", with a token" : ""}`,
    "",
    `  any client   POST ${url}/v1/verify`,
    `  OpenRLHF     --reward.remote_url ${url}${prefix}/get_reward`,
    `  slime        --rm-type remote_rm --rm-url ${url}${prefix}/rm`,
    `  NeMo Gym     POST ${url}${prefix}/verify`,
    `  TRL, verl    ${PROGRAM} serve ${first} --shim trl > reward.py`,
    `  rows, paths  GET  ${url}/v1/tasks, /openapi.json, /health`,
    ...(context.endpoints.some(({ path }) => path === RUN_CODE) ? [`  programs     POST ${url}${RUN_CODE}`] : []),
    "",
    "Ctrl-C stops it.",
    "",
  ];
  return lines.join("\n");
}

function untilAborted({ signal }: CommandContext): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
