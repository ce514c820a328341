/**
 * Samples completions: batched, with a key-value cache, continuously (a finished row's slot is refilled).
 *
 * Requests are dealt to the engine's executors in a fixed way, and each executor's stream depends on its own requests
 * only. So equal requests give equal bits, and a completion's text does not depend on the batch it ran in.
 */
import type { Engine } from "../engine/engine.ts";
import { hashText } from "../rng.ts";
import { Completion, type StopReason } from "./completion.ts";
import { type DrawOptions, draw } from "./draw.ts";
import type { ModelConfig } from "./model-config.ts";
import { Prefiller, type Prompt } from "./prefiller.ts";
import { DecodeSlots } from "./slots.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { ModelWeights } from "./weights.ts";

export interface SampleRequest {
  readonly id: string;
  readonly prompt: Int32Array; // tokens, at least one
  /** With the seed and the step, what the randomness of this completion depends on. */
  readonly promptId: string;
  readonly sampleIndex: number;
  /** Longest completion, in tokens. */
  readonly maxTokens: number;
}

export interface SampleOptions extends DrawOptions {
  readonly seed: number;
  readonly step: number;
  readonly stopStrings: readonly string[];
}

export interface Sample {
  readonly id: string;
  /** What was sampled, the end-of-sequence id included. */
  readonly tokens: Int32Array;
  readonly logProbs: Float32Array;
  readonly text: string;
  readonly stopReason: StopReason;
}

interface Running {
  readonly request: SampleRequest;
  /** Its place among the requests. */
  readonly index: number;
  readonly promptHash: number;
  readonly completion: Completion;
  readonly logProbs: number[];
}

export class PolicySampler {
  readonly #engine: Engine;
  readonly #config: ModelConfig;
  readonly #weights: ModelWeights;
  readonly #tokenizer: Tokenizer;
  readonly #slots: number;

  /** @param slots sequences decoded at the same time on one executor */
  constructor(engine: Engine, config: ModelConfig, weights: ModelWeights, tokenizer: Tokenizer, slots: number) {
    this.#engine = engine;
    this.#config = config;
    this.#weights = weights;
    this.#tokenizer = tokenizer;
    this.#slots = slots;
  }

  /**
   * One sample for each request, in their order. `onSample` hears of each as it ends, so that it can be verified while
   * others are still written.
   */
  async sample(
    requests: readonly SampleRequest[],
    options: SampleOptions,
    onSample?: (sample: Sample) => void,
    signal?: AbortSignal,
  ): Promise<Sample[]> {
    const { executors } = this.#engine;
    const share = Math.ceil(requests.length / executors);
    const streams = Array.from({ length: executors }, (_, executor) =>
      this.#stream(executor, requests.slice(executor * share, (executor + 1) * share), options, onSample, signal),
    );
    return (await Promise.all(streams)).flat();
  }

  async #stream(
    executor: number,
    requests: readonly SampleRequest[],
    options: SampleOptions,
    onSample: ((sample: Sample) => void) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Sample[]> {
    const samples = new Array<Sample>(requests.length);
    const prefiller = new Prefiller(this.#engine, executor, this.#config, this.#weights, requests);
    const slots = new DecodeSlots<Running>(this.#engine, executor, this.#config, this.#weights, this.#slots);
    let next = 0;

    const finish = ({ request, index, completion, logProbs }: Running, stopReason: StopReason) => {
      const sample = {
        id: request.id,
        tokens: Int32Array.from(completion.tokens),
        logProbs: Float32Array.from(logProbs),
        text: completion.end(),
        stopReason,
      };
      samples[index] = sample;
      onSample?.(sample);
    };

    /** Draws the next token of a sequence. Returns it, or null where the sequence is over. */
    const advance = (running: Running, logits: Float32Array, row: number): number | null => {
      const { request, completion } = running;
      const V = this.#config.vocabSize;
      const counter = [running.promptHash, request.sampleIndex, completion.tokens.length, options.step] as const;
      const { token, logProb } = draw(logits, row * V, V, options, options.seed, counter);
      running.logProbs.push(logProb);
      const stopReason = completion.push(token);
      if (stopReason !== null) {
        finish(running, stopReason);
        return null;
      }
      return token;
    };

    const refill = async (): Promise<void> => {
      while (next < requests.length && slots.free > 0) {
        const request = requests[next] as SampleRequest;
        const prompt: Prompt = await prefiller.take(next);
        const running: Running = {
          request,
          index: next++,
          promptHash: hashText(request.promptId),
          completion: new Completion(this.#tokenizer, { ...options, maxTokens: request.maxTokens }),
          logProbs: [],
        };
        const token = advance(running, prompt.logits, 0);
        if (token !== null) slots.add(running, prompt, token);
      }
    };

    try {
      await refill();
      while (slots.used > 0) {
        signal?.throwIfAborted();
        const logits = await slots.step();
        slots.advance((running, row) => advance(running, logits, row));
        await refill();
        slots.compact(next >= requests.length);
      }
    } finally {
      slots.release();
    }
    return samples;
  }
}
