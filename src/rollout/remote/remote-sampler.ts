/** A Sampler on the server of another engine, whatever its dialect. */
import { RlvrError } from "../../errors.ts";
import type { Model, SampleOptions, SampleRequest } from "../../policy/index.ts";
import { hashText, philox } from "../../rng.ts";
import type { LostSample, Sampler, SamplerCapabilities, VersionedSample } from "../sampler.ts";
import type { EngineClient } from "./client.ts";
import type { Dialect, Generation, WeightsFolder } from "./dialect.ts";
import { toSample } from "./drawn.ts";

/** Temperature at which every token of a vocabulary is about as likely as any other: logits lie within ±100. */
const FLAT = 1000;
const FLAT_TOLERANCE = 0.2; // nats
const FLAT_TOKENS = 8;

export interface RemoteSamplerOptions {
  /** What is sampled: its tokenizer reads the ids. */
  readonly model: Model;
  readonly dialect: Dialect;
  readonly client: EngineClient;
  readonly weights: WeightsFolder;
}

/**
 * Asks the server for what it must be able to do.
 *
 * @throws E_SERVE that says what is missing, and the command line that starts a server which has it
 */
export async function openRemoteSampler(options: RemoteSamplerOptions, signal?: AbortSignal): Promise<Sampler> {
  const sampler = new RemoteSampler(options);
  await sampler.open(signal);
  return sampler;
}

class RemoteSampler implements Sampler {
  readonly capabilities: SamplerCapabilities;
  readonly #options: RemoteSamplerOptions;
  readonly #waits = new Map<string, string>();
  #version: number | null = null;
  /** Temperatures whose log-probs are known to be those of the tempered distribution. */
  readonly #checked = new Set([0, 1]);

  constructor(options: RemoteSamplerOptions) {
    this.#options = options;
    this.capabilities = options.dialect.capabilities;
  }

  get version(): number | null {
    return this.#version;
  }

  async open(signal?: AbortSignal): Promise<void> {
    const { dialect, client } = this.#options;
    await this.#orHowToStart(signal, async () => {
      await dialect.open(client, signal);
      await this.#probe(1, 1, signal);
    });
  }

  async sample(
    requests: readonly SampleRequest[],
    options: SampleOptions,
    onSample?: (sample: VersionedSample) => void,
    signal?: AbortSignal,
  ): Promise<(VersionedSample | LostSample)[]> {
    signal?.throwIfAborted();
    const { topK, topP, minP, temperature } = options;
    if (topK !== 0 || topP !== 1 || minP !== 0) {
      throw new RlvrError(
        "E_CONFIG",
        `top-k ${topK}, top-p ${topP} and min-p ${minP} are given, expected all to be off`,
        {
          hint: "engines differ in what log-probs of a truncated distribution are: use sampler.kind embedded",
        },
      );
    }
    if (!this.#checked.has(temperature)) await this.#checkTempered(temperature, signal);
    return Promise.all(requests.map((request) => this.#one(request, options, onSample, signal)));
  }

  async sync(version: number, model: Model, signal?: AbortSignal): Promise<void> {
    const { dialect, client, weights } = this.#options;
    await this.#orHowToStart(signal, () => dialect.sync(client, weights, { version, model }, signal));
    this.#version = version;
  }

  waitsFor(id: string): string {
    return this.#waits.get(id) ?? `${this.#options.dialect.engine} at ${this.#options.client.name}`;
  }

  async close(): Promise<void> {
    this.#options.client.close();
  }

  async #one(
    request: SampleRequest,
    { temperature, stopStrings, seed, step }: SampleOptions,
    onSample: ((sample: VersionedSample) => void) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<VersionedSample | LostSample> {
    const { id } = request;
    const { tokenizer, config } = this.#options.model;
    const generation: Generation = {
      prompt: [...request.prompt],
      maxTokens: request.maxTokens,
      temperature,
      stopIds: tokenizer.stopIds,
      stopStrings,
      seed: requestSeed(seed, step, request),
    };
    const asked = this.#version ?? 0;
    let sample: VersionedSample;
    try {
      sample = await this.#generate(generation, signal, id, (drawn) => ({
        ...toSample(drawn, request, { tokenizer, vocabSize: config.vocabSize, stopStrings }),
        policyVersion: drawn.policyVersion ?? asked,
      }));
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RlvrError) return { id, lost: error };
      throw error;
    } finally {
      this.#waits.delete(id);
    }
    onSample?.(sample);
    return sample;
  }

  #generate<Value>(
    generation: Generation,
    signal: AbortSignal | undefined,
    id: string,
    read: (drawn: ReturnType<Dialect["read"]>) => Value,
  ): Promise<Value> {
    const { dialect, client } = this.#options;
    const { path, body } = dialect.ask(generation);
    return client.call(path, body, (answer) => read(dialect.read(answer, generation)), {
      signal,
      note: (waitsFor) => this.#waits.set(id, waitsFor),
    });
  }

  /** Log-probs of at most so many tokens, at that temperature. Throws where the server gives none. */
  async #probe(temperature: number, maxTokens: number, signal: AbortSignal | undefined): Promise<Float32Array> {
    const { tokenizer, config } = this.#options.model;
    const prompt = tokenizer.prefixIds.length > 0 ? [...tokenizer.prefixIds] : [tokenizer.eosIds[0] ?? 0];
    const generation = { prompt, maxTokens, temperature, stopIds: tokenizer.stopIds, stopStrings: [], seed: 1 };
    const request = { id: "probe", prompt: Int32Array.from(prompt), promptId: "", sampleIndex: 0, maxTokens };
    try {
      const read = { tokenizer, vocabSize: config.vocabSize, stopStrings: [] };
      return (await this.#generate(generation, signal, "probe", (drawn) => toSample(drawn, request, read))).logProbs;
    } finally {
      this.#waits.delete("probe");
    }
  }

  /**
   * Whether log-probs are those of the distribution that was drawn from. At a very high temperature each token of V has
   * about the log-prob −ln V; raw ones of tokens drawn so are far from it, unless the policy knows nothing yet.
   */
  async #checkTempered(temperature: number, signal: AbortSignal | undefined): Promise<void> {
    const { model, dialect, client } = this.#options;
    const expected = -Math.log(model.config.vocabSize);
    const logProbs = await this.#probe(FLAT, FLAT_TOKENS, signal);
    const raw = logProbs.find((logProb) => Math.abs(logProb - expected) > FLAT_TOLERANCE);
    if (raw !== undefined) {
      throw new RlvrError(
        "E_SERVE",
        `${client.name}: at temperature ${FLAT} a token has the log-prob ${raw.toPrecision(4)}, expected about ` +
          `${expected.toPrecision(4)}: these are not the log-probs of what it draws at temperature ${temperature}`,
        { hint: `start the server with: ${dialect.start}` },
      );
    }
    this.#checked.add(temperature);
  }

  async #orHowToStart(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RlvrError) || error.code !== "E_SERVE") throw error;
      const { engine, start } = this.#options.dialect;
      const hint = `${error.hint === undefined ? "" : `${error.hint}; `}start ${engine} with: ${start}`;
      throw new RlvrError("E_SERVE", error.message, { hint, cause: error });
    }
  }
}

/**
 * One number for all the randomness of a completion, for engines that take one. Below 2^31: some read it as signed.
 */
export function requestSeed(
  seed: number,
  step: number,
  { promptId, sampleIndex }: Pick<SampleRequest, "promptId" | "sampleIndex">,
): number {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  return philox([hashText(promptId), sampleIndex, hashText("request seed"), step], key)[0] >>> 1;
}
