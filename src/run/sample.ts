/** Completions of a prompt, or of a task's eval problems with their verdicts: to look at what a model does. */
import { z } from "zod";
import { encodePrompt, type Sample, type SampleOptions } from "../policy/index.ts";
import { allDelivered, judge, loadTask, promptText, readRows, type Task } from "../rollout/index.ts";
import type { Verdict } from "../verifiers/verdict.ts";
import type { TaskRow } from "./evaluate.ts";
import { findModel, type ModelSession, openModelSession } from "./session.ts";
import { RunSettings } from "./settings.ts";
import { parseSettings } from "./training.ts";

export const SampleRun = RunSettings.pick({ task: true, model: true, chat: true, seed: true, engine: true }).extend({
  prompt: z.string().default("").describe("text to continue; empty = problems of the task's eval split"),
  problems: z.int().min(1).default(3).describe("problems of the eval split"),
  samples: z.int().min(1).default(2).describe("completions of each"),
  temperature: z.number().min(0).default(1).describe("0 = greedy"),
  topK: z.int().min(0).default(0).describe("draw from the k likeliest tokens; 0 = off"),
  topP: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("draw from the likeliest tokens of this total probability; 1 = off"),
  minP: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("leave out tokens below this share of the likeliest one's; 0 = off"),
  maxTokens: z.int().min(0).default(0).describe("longest completion, in tokens; 0 = the task's limit"),
});
export type SampleRun = z.infer<typeof SampleRun>;

export interface SampledCompletion {
  readonly completion: string;
  readonly tokens: number;
  readonly stopReason: Sample["stopReason"];
  /** Log-prob of the completion, in nats. */
  readonly logProb: number;
  /** Null for a prompt of one's own: no row, no verdict. */
  readonly verdict: Verdict | null;
}

export interface SampledProblem {
  readonly promptId: string;
  readonly prompt: string;
  readonly completions: readonly SampledCompletion[];
}

export interface SampleHooks {
  /** Instead of the task that the settings name. */
  readonly task?: Task;
  readonly signal?: AbortSignal;
}

export async function sampleModel(
  input: z.input<typeof SampleRun>,
  hooks: SampleHooks = {},
): Promise<SampledProblem[]> {
  const settings = parseSettings(SampleRun, input);
  const task = hooks.task ?? (await loadTask(settings.task));
  const session = await openModelSession(
    await findModel(settings.model, task.name),
    settings.engine,
    undefined,
    settings.chat,
  );
  try {
    const rows = settings.prompt === "" ? await evalRows(task, settings) : [null];
    return await complete(session, task, settings, rows, hooks.signal);
  } finally {
    await session.engine.dispose();
  }
}

async function evalRows(task: Task, { seed, problems }: SampleRun): Promise<TaskRow[]> {
  return (await readRows(task, "eval", seed, problems)) as TaskRow[];
}

/** @param rows null stands for the prompt of the settings */
async function complete(
  { sampler, model }: ModelSession,
  task: Task,
  settings: SampleRun,
  rows: readonly (TaskRow | null)[],
  signal: AbortSignal | undefined,
): Promise<SampledProblem[]> {
  const { samples: n, temperature, topK, topP, minP, seed } = settings;
  const options: SampleOptions = { temperature, topK, topP, minP, seed, step: 0, stopStrings: task.stop ?? [] };
  const maxTokens = settings.maxTokens === 0 ? task.maxTokens : settings.maxTokens;
  const problems = rows.map((row) => ({
    row,
    promptId: row?.id ?? "prompt",
    prompt: row === null ? settings.prompt : task.prompt(row),
  }));
  const requests = problems.flatMap(({ promptId, prompt }) =>
    Array.from({ length: n }, (_, sampleIndex) => ({
      ...{ id: `${promptId}/${sampleIndex}`, prompt: encodePrompt(model, prompt) },
      ...{ promptId, sampleIndex, maxTokens },
    })),
  );
  const samples = allDelivered(await sampler.sample(requests, options, undefined, signal));
  return Promise.all(
    problems.map(async ({ row, promptId, prompt }, p) => {
      const mine = samples.slice(p * n, (p + 1) * n);
      const texts = mine.map(({ id, text }) => ({ id, completion: text }));
      const judged = row === null ? null : await judge(task, row, texts, { concurrency: n });
      const completions = mine.map(({ id, text, tokens, stopReason, logProbs }) => ({
        completion: text,
        tokens: tokens.length,
        stopReason,
        logProb: logProbs.reduce((sum, one) => sum + one, 0),
        verdict: judged?.get(id)?.verdict ?? null,
      }));
      return { promptId, prompt: promptText(prompt), completions };
    }),
  );
}
