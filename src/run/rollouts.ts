/** Samples and judges the completions of a step: the `collect` that a training loop asks for. */
import { RlvrError } from "../errors.ts";
import type { Sample, SampleOptions, SampleRequest } from "../policy/index.ts";
import {
  endlessRows,
  type Group,
  type Judged,
  type Judgment,
  judge,
  judgeLimit,
  type RowSource,
} from "../rollout/index.ts";
import type { TaskRow } from "./evaluate.ts";
import type { Session } from "./session.ts";

export interface RolloutOptions {
  readonly groupSize: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number;
  /** Also samples each prompt greedily: the baseline of ReMax. */
  readonly greedyBaseline: boolean;
  readonly signal?: AbortSignal;
  /** Verifiers under way at the same time. */
  readonly concurrency: number;
  /** Deadline of one verdict. */
  readonly timeoutMs: number;
}

/** A prompt of the step, and the number of its first sample: a small set may give a row several times in one step. */
interface Prompt {
  readonly row: TaskRow;
  readonly text: string;
  readonly tokens: Int32Array;
  readonly firstIndex: number;
}

/** Draws prompts from the train split, one after the other; its position belongs in a checkpoint. */
export class Rollouts {
  readonly #session: Session;
  readonly #options: RolloutOptions;
  readonly #rows: RowSource<TaskRow>;
  readonly #limit: ReturnType<typeof judgeLimit>;
  /** How often each row came in the current step, refills included. */
  #seen = { step: -1, times: new Map<string, number>() };
  /** Seconds spent since the last call of `takeSeconds`. */
  #seconds = { sample: 0, verify: 0, slowest: 0 };

  constructor(session: Session, options: RolloutOptions, position: number) {
    this.#session = session;
    this.#options = options;
    this.#rows = endlessRows(session.task, "train", options.seed, position) as RowSource<TaskRow>;
    this.#limit = judgeLimit(options.concurrency);
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

  /** Judged groups of the next `count` rows, at the current weights, which are version `policyVersion`. */
  async collect(step: number, count: number, policyVersion: number): Promise<Group[]> {
    const { groupSize, temperature, greedyBaseline } = this.#options;
    const prompts = this.#prepare(step, await this.#rows.take(count));
    const judged = await this.#sample(step, prompts, groupSize, temperature, policyVersion);
    const greedy = greedyBaseline ? await this.#sample(step, prompts, 1, 0, policyVersion) : [];
    return prompts.map(({ row, text }, p) => ({
      promptId: row.id,
      prompt: text,
      trajectories: judged.slice(p * groupSize, (p + 1) * groupSize),
      ...(greedyBaseline ? { greedyReward: greedy[p]?.reward ?? null } : {}),
    }));
  }

  close(): Promise<void> {
    return this.#rows.close();
  }

  #prepare(step: number, rows: readonly TaskRow[]): Prompt[] {
    const { task, model } = this.#session;
    if (this.#seen.step !== step) this.#seen = { step, times: new Map() };
    return rows.map((row) => {
      const before = this.#seen.times.get(row.id) ?? 0;
      this.#seen.times.set(row.id, before + 1);
      const text = task.prompt(row);
      return { row, text, tokens: model.tokenizer.encode(text), firstIndex: before * this.#options.groupSize };
    });
  }

  /** `each` completions of every prompt, in order; each is judged the moment it ends, while others are still written. */
  async #sample(
    step: number,
    prompts: readonly Prompt[],
    each: number,
    temperature: number,
    policyVersion: number,
  ): Promise<Judged[]> {
    const { task, sampler } = this.#session;
    const { maxTokens, seed, signal, timeoutMs } = this.#options;
    const requests = prompts.flatMap(({ row, tokens, firstIndex }) =>
      Array.from({ length: each }, (_, i): SampleRequest & { row: TaskRow } => {
        const sampleIndex = firstIndex + i;
        return {
          id: `${step}/${row.id}/${sampleIndex}`,
          prompt: tokens,
          promptId: row.id,
          sampleIndex,
          maxTokens,
          row,
        };
      }),
    );
    const rowOf = new Map(requests.map(({ id, row }) => [id, row]));
    const options: SampleOptions = { temperature, topK: 0, topP: 1, minP: 0, seed, step, stopStrings: task.stop ?? [] };
    const judging = new Map<string, ReturnType<typeof judge>>();
    const onSample = ({ id, text }: Sample) => {
      const verdict = judge(task, rowOf.get(id) as TaskRow, [{ id, completion: text }], {
        concurrency: this.#limit,
        timeoutMs,
      });
      verdict.catch(() => undefined); // awaited below
      judging.set(id, verdict);
    };
    const started = performance.now();
    const samples = await sampler.sample(requests, options, onSample, signal);
    this.#seconds.sample += (performance.now() - started) / 1000;
    return Promise.all(
      samples.map(async (sample, i) => {
        const judgment = (await judging.get(sample.id))?.get(sample.id);
        if (!judgment) throw new RlvrError("E_VERIFIER", `the completion ${sample.id} was not judged`);
        this.#seconds.verify += judgment.verifyMs / 1000;
        this.#seconds.slowest = Math.max(this.#seconds.slowest, judgment.verifyMs / 1000);
        return judgedTrajectory(requests[i] as SampleRequest, sample, judgment, policyVersion);
      }),
    );
  }
}

/** Prompt and completion as one array of tokens, with what the policy wrote marked. */
function judgedTrajectory(
  { prompt, promptId, sampleIndex }: SampleRequest,
  { id, tokens: written, logProbs, stopReason, text }: Sample,
  judgment: Judgment,
  policyVersion: number,
): Judged {
  const T = prompt.length + written.length;
  const tokens = new Int32Array(T);
  tokens.set(prompt);
  tokens.set(written, prompt.length);
  const samplerLogProbs = new Float32Array(T);
  samplerLogProbs.set(logProbs, prompt.length);
  const completionMask = new Uint8Array(T).fill(1, prompt.length);
  const sampled = { id, promptId, sampleIndex, tokens, completionMask, samplerLogProbs };
  return { ...sampled, stopReason, policyVersion, completion: text, ...judgment };
}
