/** Solutions of a task's problems, split into steps: what is labeled, and what a reward model is measured with. */
import { encodePrompt, type Prompt } from "../policy/index.ts";
import type { Solution } from "../prm/index.ts";
import { allDelivered, judge, promptText } from "../rollout/index.ts";
import type { Verdict } from "../verifiers/verdict.ts";
import type { TaskRow } from "./evaluate.ts";
import type { Session } from "./session.ts";
import type { JudgedSpans, Stepper } from "./steps.ts";

export interface SolutionOptions {
  /** Of each problem. */
  readonly samples: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: () => void;
}

/** A problem, and the number of its first solution: a small set gives a row several times. */
export interface Problem {
  readonly row: TaskRow;
  readonly first: number;
}

export interface TaskSolution extends Solution {
  readonly row: TaskRow;
  readonly promptText: string;
  readonly spans: JudgedSpans;
  readonly verdict: Verdict;
}

const CONCURRENCY = 16;

/** `samples` solutions of each problem, in order [problems][samples]. Equal weights and options give equal solutions. */
export async function solve(
  { task, model, sampler }: Pick<Session, "task" | "model" | "sampler">,
  problems: readonly Problem[],
  stepper: Stepper,
  { samples, temperature, maxTokens, seed, timeoutMs, signal, onProgress }: SolutionOptions,
): Promise<TaskSolution[][]> {
  const prompts = problems.map(({ row }) => task.prompt(row as never) as Prompt);
  const encoded = prompts.map((prompt) => encodePrompt(model, prompt));
  const requests = problems.flatMap(({ row: { id }, first }, p) =>
    Array.from({ length: samples }, (_, i) => ({
      ...{ id: `${id}/${first + i}`, prompt: encoded[p]!, promptId: id, sampleIndex: first + i, maxTokens },
    })),
  );
  const options = { temperature, topK: 0, topP: 1, minP: 0, seed, step: 0, stopStrings: task.stop ?? [] };
  const drawn = allDelivered(await sampler.sample(requests, options, onProgress, signal));
  return Promise.all(
    problems.map(async ({ row }, p) => {
      const mine = drawn.slice(p * samples, (p + 1) * samples);
      const completions = mine.map(({ id, text }) => ({ id, completion: text }));
      const judged = await judge(task, row as never, completions, { concurrency: CONCURRENCY, timeoutMs });
      return Promise.all(
        mine.map(async ({ id, tokens }) => {
          const verdict = judged.get(id)!.verdict;
          const spans = await stepper.split(tokens, row);
          const correct = verdict.status === "graded" ? verdict.outcome === "correct" : null;
          const solution = { id, prompt: encoded[p]!, completion: tokens, ends: spans.ends, correct };
          return { ...solution, row, promptText: promptText(prompts[p]!), spans, verdict };
        }),
      );
    }),
  );
}
