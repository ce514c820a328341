/** Measures a policy on held-out problems: greedy, and several samples of each. */

import { encodePrompt, type Prompt, type Sample } from "../policy/index.ts";
import { hashText } from "../rng.ts";
import { allDelivered, judge, promptText, readRows } from "../rollout/index.ts";
import type { Verdict } from "../verifiers/verdict.ts";
import type { Session } from "./session.ts";
import type { ProblemResult } from "./summary.ts";

export interface EvaluateOptions {
  readonly problems: number;
  /** Samples of each problem, besides the greedy one. */
  readonly samples: number;
  readonly greedy: boolean;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Hears of each completion as it ends. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Answered {
  readonly completion: string;
  /** As sampled. */
  readonly ids: Int32Array;
  readonly verdict: Verdict;
  readonly tokens: number;
  readonly truncated: boolean;
}

export interface EvaluatedProblem {
  readonly promptId: string;
  readonly row: TaskRow;
  readonly prompt: string;
  readonly promptTokens: Int32Array;
  readonly greedy: Answered | null;
  readonly samples: readonly Answered[];
}

/** A parsed row; only its task knows the rest. */
export type TaskRow = { readonly id: string };

/** In the order of the task's eval split. Equal weights and options give equal results. */
export async function evaluate(session: Session, options: EvaluateOptions): Promise<EvaluatedProblem[]> {
  const { task, model } = session;
  const rows = (await readRows(task, "eval", options.seed, options.problems)) as TaskRow[];
  const prompts = rows.map((row) => task.prompt(row));
  const encoded = prompts.map((prompt) => encodePrompt(model, prompt));
  const total = rows.length * ((options.greedy ? 1 : 0) + options.samples);
  let done = 0;
  const run = async (count: number, temperature: number) => {
    const requests = rows.flatMap((row, p) =>
      Array.from({ length: count }, (_, sampleIndex) => ({
        id: `${p}/${sampleIndex}`,
        prompt: encoded[p] as Int32Array,
        promptId: row.id,
        sampleIndex,
        maxTokens: options.maxTokens,
      })),
    );
    const settings = {
      temperature,
      topK: 0,
      topP: 1,
      minP: 0,
      seed: hashText(`evaluate ${options.seed}`), // a stream of its own: training never draws from it
      step: 0,
      stopStrings: task.stop ?? [],
    };
    const onSample = () => options.onProgress?.(++done, total);
    const samples = allDelivered(await session.sampler.sample(requests, settings, onSample, options.signal));
    return Promise.all(rows.map((row, p) => answers(session, row, samples.slice(p * count, (p + 1) * count))));
  };
  const greedy = options.greedy ? await run(1, 0) : null;
  const sampled = options.samples > 0 ? await run(options.samples, options.temperature) : null;
  return rows.map((row, p) => ({
    promptId: row.id,
    row,
    prompt: promptText(prompts[p] as Prompt),
    promptTokens: encoded[p] as Int32Array,
    greedy: greedy?.[p]?.[0] ?? null,
    samples: sampled?.[p] ?? [],
  }));
}

async function answers(session: Session, row: TaskRow, samples: readonly Sample[]): Promise<Answered[]> {
  const completions = samples.map(({ id, text }) => ({ id, completion: text }));
  const judged = await judge(session.task, row, completions, { concurrency: 16 });
  return samples.map(({ id, text, tokens, stopReason }) => ({
    completion: text,
    ids: tokens,
    verdict: judged.get(id)?.verdict as Verdict,
    tokens: tokens.length,
    truncated: stopReason === "length",
  }));
}

export function isCorrect({ verdict }: Pick<Answered, "verdict">): boolean {
  return verdict.status === "graded" && verdict.outcome === "correct";
}

/** In the form that summary.ts measures; a verdict that is not graded counts as not solved, and has no vote. */
export function problemResults(problems: readonly EvaluatedProblem[]): ProblemResult[] {
  return problems.map(({ greedy, samples }) => ({
    greedy: greedy !== null && isCorrect(greedy),
    samples: samples.map((sample) => ({
      answer: sample.verdict.status === "graded" ? sample.verdict.answer : null,
      correct: isCorrect(sample),
    })),
  }));
}

/** Mean length of the sampled completions, in tokens. */
export function meanLength(problems: readonly EvaluatedProblem[]): number {
  const lengths = problems.flatMap(({ samples }) => samples.map(({ tokens }) => tokens));
  return lengths.reduce((a, b) => a + b, 0) / Math.max(1, lengths.length);
}
