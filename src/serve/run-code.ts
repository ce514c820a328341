/**
 * SandboxFusion's dialect: `POST /run_code` runs a program in a box of this machine.
 *
 * "Failed" is the program's doing, "SandboxError" ours: clients that tell them apart never score our faults.
 */
import { z } from "zod";
import type { Box, Language, Run } from "../sandbox/job.ts";
import { DEFAULT_LIMITS, type Limits } from "../sandbox/limits.ts";
import type { Dialect } from "./context.ts";
import { endpoint } from "./endpoint.ts";

const LANGUAGES: Readonly<Record<string, Language>> = {
  python: "python",
  nodejs: "javascript",
  javascript: "javascript",
  typescript: "typescript",
};

const MOST_SECONDS = 60;
const seconds = z.number().positive().max(MOST_SECONDS).default(10);

export const RunCodeRequest = z.looseObject({
  code: z.string(),
  language: z.enum(Object.keys(LANGUAGES) as [string, ...string[]]),
  stdin: z.string().nullish(),
  compile_timeout: seconds,
  run_timeout: seconds,
  memory_limit_MB: z.number().default(-1).describe("-1 = the server's own limit, which no request can raise"),
  files: z
    .record(z.string(), z.string().nullable())
    .default({})
    .refine((files) => Object.keys(files).length === 0, "expected no files"),
  fetch_files: z
    .array(z.string())
    .default([])
    .refine((files) => files.length === 0, "expected no files"),
});

const CommandResult = z.strictObject({
  status: z.enum(["Finished", "Error", "TimeLimitExceeded"]),
  execution_time: z.number().nullable().describe("seconds"),
  return_code: z.int().nullable(),
  stdout: z.string().nullable(),
  stderr: z.string().nullable(),
});
type CommandResult = z.infer<typeof CommandResult>;

export const RunCodeReply = z.strictObject({
  status: z.enum(["Success", "Failed", "SandboxError"]),
  message: z.string(),
  compile_result: CommandResult.nullable(),
  run_result: CommandResult.nullable(),
  executor_pod_name: z.null(),
  files: z.record(z.string(), z.string()),
});
export type RunCodeReply = z.infer<typeof RunCodeReply>;

/** The dialect of a box. The box is asked for when the first request comes, and closed by whoever opened it. */
export function runCode(openBox: () => Promise<Box>): Dialect {
  return (app, context) => {
    endpoint(app, context, {
      method: "post",
      path: "/run_code",
      tag: "sandbox",
      summary: "Runs a program in a sandbox, as SandboxFusion does.",
      perTask: false,
      body: RunCodeRequest,
      reply: RunCodeReply,
      handle: async ({ body }) => {
        const language = LANGUAGES[body.language] as Language;
        const limits = limitsOf(body.run_timeout, body.memory_limit_MB, language);
        try {
          const box = await openBox();
          const inputs = [{ id: "run", stdin: body.stdin ?? "" }];
          const { runs } = await box.run({ kind: "program", language, code: body.code, limits, inputs });
          return replyOf(runs[0] as Run);
        } catch (error) {
          return reply("SandboxError", (error as Error).message, null, null);
        }
      },
    });
  };
}

/** What a request may ask for is at most what a run may use here. */
function limitsOf(runSeconds: number, memoryMb: number, language: Language): Limits {
  const wallMs = Math.ceil(runSeconds * 1000);
  const times = { cpuMs: wallMs, wallMs, totalMs: wallMs };
  if (memoryMb <= 0) return { ...DEFAULT_LIMITS, ...times };
  const [name, least] = language === "python" ? (["addressSpaceMb", 64] as const) : (["memoryMb", 8] as const);
  const memory = Math.max(least, Math.min(DEFAULT_LIMITS[name], Math.floor(memoryMb)));
  return { ...DEFAULT_LIMITS, ...times, [name]: memory };
}

const SIGKILL = 9;

function replyOf(run: Run): RunCodeReply {
  const result = (status: CommandResult["status"], returnCode: number | null): CommandResult => ({
    status,
    execution_time: run.ms / 1000,
    return_code: returnCode,
    stdout: run.stdout,
    stderr: run.stderr === "" ? run.message : run.stderr,
  });
  switch (run.outcome) {
    case "ok":
      return reply("Success", "", null, result("Finished", 0));
    case "compile_error":
      return reply("Failed", run.message, result("Error", 1), null);
    case "runtime_error":
      return reply("Failed", run.message, null, result("Finished", 1));
    case "timeout":
      return reply("Failed", run.message, null, result("TimeLimitExceeded", null));
    case "memory":
    case "output_limit":
    case "crash":
      return reply("Failed", run.message, null, result("Error", -SIGKILL));
    case "sandbox_error":
      return reply("SandboxError", run.message, null, null);
    default:
      return run.outcome satisfies never;
  }
}

function reply(
  status: RunCodeReply["status"],
  message: string,
  compile_result: CommandResult | null,
  run_result: CommandResult | null,
): RunCodeReply {
  return { status, message, compile_result, run_result, executor_pod_name: null, files: {} };
}
