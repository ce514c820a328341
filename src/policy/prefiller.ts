/** Reads prompts ahead of the decoder: several at once, each distinct prompt once however many samples it gets. */
import type { Engine } from "../engine/engine.ts";
import { inputViews } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import { prefillProgram } from "./programs.ts";
import type { SampleRequest } from "./sampler.ts";
import type { ModelWeights } from "./weights.ts";

/** A prompt that has been read. */
export interface Prompt {
  readonly length: number;
  /** Scores of the first token of the completion. [V] */
  readonly logits: Float32Array;
  /** For each layer, keys and values [Hkv, length, d]. */
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** Prompts read in one call at most. */
const BATCH = 32;
const LENGTH_BUCKET = 16;

export class Prefiller {
  readonly #engine: Engine;
  readonly #executor: number;
  readonly #config: ModelConfig;
  readonly #weights: ModelWeights;
  readonly #requests: readonly SampleRequest[];
  /** Prompts that have been read and are still needed. */
  readonly #ready = new Map<string, Prompt>();
  /** How many requests still wait for each prompt. */
  readonly #waiting = new Map<string, number>();

  constructor(
    engine: Engine,
    executor: number,
    config: ModelConfig,
    weights: ModelWeights,
    requests: readonly SampleRequest[],
  ) {
    this.#engine = engine;
    this.#executor = executor;
    this.#config = config;
    this.#weights = weights;
    this.#requests = requests;
    for (const { prompt } of requests) {
      const key = prompt.join();
      this.#waiting.set(key, (this.#waiting.get(key) ?? 0) + 1);
    }
  }

  /** The prompt of request `index`. Requests are taken in order. */
  async take(index: number): Promise<Prompt> {
    const key = (this.#requests[index] as SampleRequest).prompt.join();
    if (!this.#ready.has(key)) await this.#readFrom(index);
    const prompt = this.#ready.get(key) as Prompt;
    const left = (this.#waiting.get(key) as number) - 1;
    this.#waiting.set(key, left);
    if (left === 0) this.#ready.delete(key);
    return prompt;
  }

  async #readFrom(index: number): Promise<void> {
    const batch = new Map<string, Int32Array>();
    for (let i = index; i < this.#requests.length && batch.size < BATCH; i++) {
      const { prompt } = this.#requests[i] as SampleRequest;
      const key = prompt.join();
      if (!this.#ready.has(key)) batch.set(key, prompt);
    }
    const prompts = [...batch.values()];
    const config = this.#config;
    const T = Math.ceil(Math.max(...prompts.map((p) => p.length)) / LENGTH_BUCKET) * LENGTH_BUCKET;
    const B = 2 ** Math.ceil(Math.log2(prompts.length));
    const { name, fn, signature } = prefillProgram({ config, weights: this.#weights }, B, T);
    const program = await this.#engine.compile(name, fn, signature);
    const tokens = new Int32Array(B * T).fill(config.padId);
    for (const [b, prompt] of prompts.entries()) tokens.set(prompt, b * T);
    const last = Int32Array.from({ length: B }, (_, b) => (prompts[b]?.length ?? 1) - 1);
    const bound = program.bind(inputViews(this.#weights), this.#executor);
    const out = await bound.run({ tokens, last });
    bound.release();
    for (const [b, key] of [...batch.keys()].entries()) {
      this.#ready.set(
        key,
        this.#unpack(out as Record<string, Float32Array>, b, B, T, (prompts[b] as Int32Array).length),
      );
    }
  }

  /** Row b of a prefill: keys and values [L, B, Hkv, T, d] cut to the prompt's length. */
  #unpack(out: Record<string, Float32Array>, b: number, B: number, T: number, length: number): Prompt {
    const { kvHeads, headDim, layers, vocabSize: V } = this.#config;
    const cut = (all: Float32Array) =>
      Array.from({ length: layers }, (_, layer) => {
        const kept = new Float32Array(kvHeads * length * headDim);
        for (let h = 0; h < kvHeads; h++) {
          const from = ((layer * B + b) * kvHeads + h) * T * headDim;
          kept.set(all.subarray(from, from + length * headDim), h * length * headDim);
        }
        return kept;
      });
    return {
      length,
      logits: (out.logits as Float32Array).slice(b * V, (b + 1) * V),
      keys: cut(out.keys as Float32Array),
      values: cut(out.values as Float32Array),
    };
  }
}
