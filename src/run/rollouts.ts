/** Samples and judges the completions of a step: the `collect` that a training loop asks for. */
import { RlvrError } from "../errors.ts";
import { encodePrompt, type SampleOptions, type SampleRequest } from "../policy/index.ts";
import {
  endlessRows,
  type Group,
  isLost,
  type Judged,
  judge,
  judgeLimit,
  type LostSample,
  promptText,
  type RowSource,
  type VersionedSample,
} from "../rollout/index.ts";
import { StallWatch } from "../rollout/stall-watch.ts";
import type { TaskRow } from "./evaluate.ts";
import { judgedTrajectory, lostTrajectory } from "./judged-trajectory.ts";
import { syncWithin } from "./sampler.ts";
import type { Session } from "./session.ts";
import type { SamplerSettings } from "./settings.ts";

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
  readonly sampler: Pick<SamplerSettings, "maxLag" | "stale" | "stallMs">;
  /** Share of completions that may be lost on the way before the run stops. */
  readonly maxLost: number;
  /** Hears what everything waits for when nothing moves. */
  readonly warn: (message: string) => void;
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

  /**
   * Judged groups of the next `count` rows, at the current weights, which are version `policyVersion`. A completion that
   * the engine did not deliver is in its group without a reward.
   *
   * @throws E_SERVE where more than `maxLost` were not delivered
   */
  async collect(step: number, count: number, policyVersion: number): Promise<Group[]> {
    const { groupSize, temperature, greedyBaseline, sampler, signal } = this.#options;
    await syncWithin(this.#session, policyVersion, sampler.maxLag, signal);
    const prompts = this.#prepare(step, await this.#rows.take(count));
    const judged = await this.#sample(step, prompts, groupSize, temperature, policyVersion);
    const greedy = greedyBaseline ? await this.#sample(step, prompts, 1, 0, policyVersion) : [];
    return prompts.map(({ row, text }, p) => ({
      promptId: row.id,
      prompt: text,
      row,
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
      const prompt = task.prompt(row);
      const [text, tokens] = [promptText(prompt), encodePrompt(model, prompt)];
      return { row, text, tokens, firstIndex: before * this.#options.groupSize };
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
    const { maxTokens, seed, signal, timeoutMs, warn } = this.#options;
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
    const watch = new StallWatch(this.#options.sampler.stallMs, warn);
    const onSample = (sample: VersionedSample) => {
      const { id, text } = sample;
      if (isLost(this.#fresh(sample, policyVersion))) return;
      watch.waits(id, () => "its verdict");
      const verdict = judge(task, rowOf.get(id) as TaskRow, [{ id, completion: text }], {
        concurrency: this.#limit,
        timeoutMs,
      });
      verdict.then(
        () => watch.done(id),
        () => undefined, // awaited below
      );
      judging.set(id, verdict);
    };
    const judged = async (sample: VersionedSample | LostSample, request: SampleRequest): Promise<Judged> => {
      if (isLost(sample)) return lostTrajectory(request, sample.lost, policyVersion);
      const judgment = (await judging.get(sample.id))?.get(sample.id);
      if (!judgment) throw new RlvrError("E_VERIFIER", `the completion ${sample.id} was not judged`);
      this.#seconds.verify += judgment.verifyMs / 1000;
      this.#seconds.slowest = Math.max(this.#seconds.slowest, judgment.verifyMs / 1000);
      return judgedTrajectory(request, sample, judgment);
    };

    try {
      for (const { id } of requests) watch.waits(id, () => sampler.waitsFor(id));
      const started = performance.now();
      const samples = (await sampler.sample(requests, options, onSample, signal)).map((sample) =>
        this.#fresh(sample, policyVersion),
      );
      this.#seconds.sample += (performance.now() - started) / 1000;
      for (const { id } of samples.filter(isLost)) watch.done(id);
      this.#checkDelivered(step, samples);
      return await Promise.all(samples.map((sample, i) => judged(sample, requests[i] as SampleRequest)));
    } finally {
      watch.stop();
    }
  }

  /** A completion of weights that are too old to be trained on is as good as none. */
  #fresh(sample: VersionedSample | LostSample, policyVersion: number): VersionedSample | LostSample {
    if (isLost(sample)) return sample;
    const { maxLag, stale } = this.#options.sampler;
    const { id, policyVersion: drawnAt } = sample;
    const lag = policyVersion - drawnAt;
    if (lag >= 0 && (lag <= maxLag || stale === "correct")) return sample;
    const expected = maxLag === 0 ? policyVersion : `${policyVersion - maxLag} to ${policyVersion}`;
    const lost = new RlvrError("E_MISMATCH", `${id} was drawn at version ${drawnAt}, expected ${expected}`, {
      hint: "let nobody else change the server's weights; or raise sampler.maxLag, or set sampler.stale to correct",
    });
    return { id, lost };
  }

  #checkDelivered(step: number, samples: readonly (VersionedSample | LostSample)[]): void {
    const lost = samples.filter(isLost);
    const first = lost[0]?.lost;
    if (!first || lost.length <= this.#options.maxLost * samples.length) return;
    const message = `step ${step + 1}: ${lost.length} of ${samples.length} completions were not delivered, first ${lost[0]?.id}: ${first.message}`;
    throw new RlvrError("E_SERVE", message, {
      hint: `${first.hint ?? "look after the sampling engine"}; then go on with --resume`,
      cause: first,
    });
  }
}
