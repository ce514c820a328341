/** Samples and judges the completions of a step: the `collect` that a training loop asks for. */
import type { SampleOptions } from "../policy/index.ts";
import { endlessRows, type Group, type Judged, judge, type RowSource } from "../rollout/index.ts";
import type { TaskRow } from "./evaluate.ts";
import type { Session } from "./session.ts";

export interface RolloutOptions {
  readonly groupSize: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Verifiers under way at the same time. */
  readonly concurrency: number;
}

/** Draws prompts from the train split, one after the other; its position belongs in a checkpoint. */
export class Rollouts {
  readonly #session: Session;
  readonly #options: RolloutOptions;
  readonly #rows: RowSource<TaskRow>;
  /** Seconds spent since the last call of `takeSeconds`. */
  #seconds = { sample: 0, verify: 0, slowest: 0 };

  constructor(session: Session, options: RolloutOptions, position: number) {
    this.#session = session;
    this.#options = options;
    this.#rows = endlessRows(session.task, "train", options.seed, position) as RowSource<TaskRow>;
  }

  /** Rows given out so far. */
  get position(): number {
    return this.#rows.position;
  }

  takeSeconds(): { sample: number; verify: number; slowest: number } {
    const seconds = this.#seconds;
    this.#seconds = { sample: 0, verify: 0, slowest: 0 };
    return seconds;
  }

  /** Judged groups of the next `prompts` rows, at the current weights, which are version `policyVersion`. */
  async collect(step: number, prompts: number, policyVersion: number): Promise<Group[]> {
    const { task, model, sampler } = this.#session;
    const { groupSize, temperature, maxTokens, seed, signal, concurrency } = this.#options;
    const rows = await this.#rows.take(prompts);
    const seen = new Map<string, number>();
    const groups = rows.map((row) => {
      const before = seen.get(row.id) ?? 0; // a small set may give a row twice in one step
      seen.set(row.id, before + 1);
      const prompt = task.prompt(row);
      return { row, prompt, tokens: model.tokenizer.encode(prompt), firstIndex: before * groupSize };
    });
    const requests = groups.flatMap(({ row, tokens, firstIndex }) =>
      Array.from({ length: groupSize }, (_, g) => ({
        id: `${step}/${row.id}/${firstIndex + g}`,
        prompt: tokens,
        promptId: row.id,
        sampleIndex: firstIndex + g,
        maxTokens,
      })),
    );
    const rowOf = new Map(
      requests.map((request, i) => [request.id, groups[Math.floor(i / groupSize)]?.row as TaskRow]),
    );
    const options: SampleOptions = { temperature, topK: 0, topP: 1, minP: 0, seed, step, stopStrings: task.stop ?? [] };
    const started = performance.now();
    const judging = new Map<string, ReturnType<typeof judge>>();
    // each completion is judged the moment it ends, while others are still written
    const samples = await sampler.sample(
      requests,
      options,
      ({ id, text }) => {
        const verdict = judge(task, rowOf.get(id) as TaskRow, [{ id, completion: text }], { concurrency });
        verdict.catch(() => undefined); // awaited below
        judging.set(id, verdict);
      },
      signal,
    );
    this.#seconds.sample += (performance.now() - started) / 1000;
    const judged: Judged[] = [];
    for (const [i, sample] of samples.entries()) {
      const { prompt, promptId, sampleIndex } = requests[i] as (typeof requests)[number];
      const judgment = (await judging.get(sample.id))?.get(sample.id);
      if (!judgment) throw new Error(`no judgment of ${sample.id}`);
      this.#seconds.verify += judgment.verifyMs / 1000;
      this.#seconds.slowest = Math.max(this.#seconds.slowest, judgment.verifyMs / 1000);
      const T = prompt.length + sample.tokens.length;
      const tokens = new Int32Array(T);
      tokens.set(prompt);
      tokens.set(sample.tokens, prompt.length);
      const samplerLogProbs = new Float32Array(T);
      samplerLogProbs.set(sample.logProbs, prompt.length);
      const completionMask = new Uint8Array(T).fill(1, prompt.length);
      const { id, stopReason, text: completion } = sample;
      const { verdict, reward, verifyMs } = judgment;
      judged.push({
        ...{
          id,
          promptId,
          sampleIndex,
          tokens,
          completionMask,
          samplerLogProbs,
          stopReason,
          policyVersion,
          completion,
        },
        ...{ verdict, reward, verifyMs },
      });
    }
    return groups.map(({ row, prompt }, p) => ({
      promptId: row.id,
      prompt,
      trajectories: judged.slice(p * groupSize, (p + 1) * groupSize),
    }));
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}
