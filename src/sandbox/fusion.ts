/**
 * A box on an existing farm that speaks SandboxFusion's protocol: `POST /run_code`.
 *
 * Programs are sent as they are. Calls go through a harness of ours, one request for each call: the farm's process is the
 * candidate's own, so what it answers is the candidate's word, and is compared out here like every other result. Such a harness
 * can be forged by the code in it, which gains nothing: nobody told it what was expected.
 *
 * A farm's "SandboxError", an HTTP error, a reply that is no reply, and silence are faults of the farm: tried again, then
 * "sandbox_error". What tier a farm holds is not known from here, so it is "none" unless its operator says.
 */
import pLimit from "p-limit";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { callHarness, readHarness } from "./fusion-harness.ts";
import type { Box, Job, JobResult, Language, Run } from "./job.ts";
import type { Limits } from "./limits.ts";
import type { Tier } from "./tier.ts";

export interface FusionOptions {
  /** Such as http://farm:8080; `/run_code` is added. */
  readonly url: string;
  readonly languages?: readonly Language[];
  /** What its operator vouches for. */
  readonly tier?: Tier;
  /** Requests at the same time. */
  readonly concurrency?: number;
  /** Tries of one request, the first included. */
  readonly tries?: number;
  /** Time for the farm's own work, on top of the limits of a run. */
  readonly graceMs?: number;
}

/** What farms call our languages. */
const NAMES: Record<Language, string> = { javascript: "nodejs", typescript: "typescript", python: "python" };

const CommandResult = z.object({
  status: z.enum(["Finished", "Error", "TimeLimitExceeded"]),
  execution_time: z.number().nullish(),
  return_code: z.number().nullish(),
  stdout: z.string().nullish(),
  stderr: z.string().nullish(),
});
const RunCodeReply = z.object({
  status: z.enum(["Success", "Failed", "SandboxError"]),
  message: z.string().nullish(),
  compile_result: CommandResult.nullish(),
  run_result: CommandResult.nullish(),
});
type RunCodeReply = z.infer<typeof RunCodeReply>;

interface Request {
  readonly code: string;
  readonly stdin: string;
  readonly language: Language;
  readonly limits: Limits;
}

export function fusionBox({
  url,
  languages = ["javascript", "typescript", "python"],
  tier = "none",
  concurrency = 8,
  tries = 3,
  graceMs = 10_000,
}: FusionOptions): Box {
  const limit = pLimit(concurrency);
  const endpoint = new URL("run_code", url.endsWith("/") ? url : `${url}/`);
  const post = (request: Request, signal?: AbortSignal) =>
    limit(() => postWithTries(endpoint, request, { tries, graceMs, signal }));

  return {
    languages,
    tier,
    async run(job, signal) {
      checkJob(job, languages);
      const { limits } = job;
      const asked = (id: string, request: Request) => async () => endOf(id, await post(request, signal), limits);
      const tasks =
        job.kind === "program"
          ? job.inputs.map(({ id, stdin }) => asked(id, { ...job, stdin }))
          : job.calls.map((call) => {
              const ask = asked(call.id, { ...job, ...callHarness(job, call) });
              return async () => readHarness(await ask());
            });
      const runs: Run[] = [];
      for (const task of tasks) {
        runs.push(await task());
        if (job.stopAtFailure && runs.at(-1)?.outcome !== "ok") break;
      }
      return { tier, runs } satisfies JobResult;
    },
    open: () => Promise.reject(noSessions()),
    test: () => Promise.reject(noSessions()),
    close: async () => {},
  };
}

function noSessions(): RlvrError {
  return new RlvrError(
    "E_SANDBOX",
    "a SandboxFusion farm keeps no program between requests, as tests in two boxes need",
    {
      hint: "Run problems with asserts in a box of this machine.",
    },
  );
}

function checkJob(job: Job, languages: readonly Language[]): void {
  const ids = (job.kind === "program" ? job.inputs : job.calls).map(({ id }) => id);
  const message = !languages.includes(job.language)
    ? `the farm runs ${languages.join(", ")}, and the job is ${job.language}`
    : ids.length === 0
      ? "the job has no runs, expected at least one"
      : new Set(ids).size < ids.length
        ? "two runs of the job have the same id"
        : null;
  if (message !== null) throw new RlvrError("E_SANDBOX", message);
}

interface Tries {
  readonly tries: number;
  readonly graceMs: number;
  readonly signal: AbortSignal | undefined;
}

type Posted = { readonly ok: true; readonly reply: RunCodeReply } | { readonly ok: false; readonly reason: string };

const WAIT_MS = 100; // doubled with each try

async function postWithTries(url: URL, request: Request, { tries, graceMs, signal }: Tries): Promise<Posted> {
  let failed: Posted = { ok: false, reason: "never asked" };
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, WAIT_MS * 2 ** (attempt - 1)));
    signal?.throwIfAborted();
    failed = await postOnce(url, request, graceMs, signal);
    if (failed.ok) return failed;
  }
  return { ok: false, reason: `${failed.ok ? "" : failed.reason}, ${tries} times` };
}

async function postOnce(url: URL, request: Request, graceMs: number, signal?: AbortSignal): Promise<Posted> {
  const { code, stdin, language, limits } = request;
  const deadline = AbortSignal.timeout(limits.wallMs + graceMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        code,
        stdin,
        language: NAMES[language],
        compile_timeout: limits.wallMs / 1000,
        run_timeout: limits.wallMs / 1000,
        memory_limit_MB: language === "python" ? limits.addressSpaceMb : limits.memoryMb,
      }),
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    if (!response.ok) return { ok: false, reason: `the farm answered HTTP ${response.status}` };
    const reply = RunCodeReply.safeParse(await response.json());
    if (!reply.success) return { ok: false, reason: `the farm's reply is none: ${z.prettifyError(reply.error)}` };
    if (reply.data.status !== "SandboxError") return { ok: true, reply: reply.data };
    return { ok: false, reason: `the farm failed: ${reply.data.message ?? ""}` };
  } catch (error) {
    signal?.throwIfAborted();
    return { ok: false, reason: `the farm gave no answer: ${(error as Error).message}` };
  }
}

/** A farm says how a run ended in its own words; signals are negative return codes, as in Python's subprocess. */
function endOf(id: string, posted: Posted, limits: Limits): Run {
  const end = (outcome: Run["outcome"], message: string, result?: z.infer<typeof CommandResult> | null): Run => {
    const room = limits.outputKb * 1024;
    const [stdout, stderr] = [(result?.stdout ?? "").slice(0, room), (result?.stderr ?? "").slice(0, room)];
    return { id, outcome, stdout, stderr, message, ms: (result?.execution_time ?? 0) * 1000 };
  };
  if (!posted.ok) return end("sandbox_error", posted.reason);
  const { status, message, compile_result: compiled, run_result: ran } = posted.reply;
  if (compiled && (compiled.status !== "Finished" || (compiled.return_code ?? 0) !== 0)) {
    return end("compile_error", compiled.stderr ?? message ?? "", compiled);
  }
  if (!ran) return end("sandbox_error", `the farm ran nothing: ${message ?? status}`);
  if (ran.status === "TimeLimitExceeded") return end("timeout", `took more than ${limits.wallMs} ms`, ran);
  if ((ran.stdout ?? "").length > limits.outputKb * 1024) return end("output_limit", "wrote too much", ran);
  if (ran.status === "Finished" && (ran.return_code ?? 0) === 0) return end("ok", "", ran);
  const last = (ran.stderr ?? "").trimEnd().split("\n").at(-1) ?? "";
  if (/MemoryError|heap out of memory/.test(ran.stderr ?? "")) return end("memory", last, ran);
  return (ran.return_code ?? 1) < 0
    ? end("crash", `ended by signal ${-(ran.return_code as number)}`, ran)
    : end("runtime_error", last, ran);
}
