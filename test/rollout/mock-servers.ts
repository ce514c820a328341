/**
 * Servers on loopback that speak the dialects of vLLM, SGLang and llama-server. What they draw is true: the embedded
 * sampler draws it, on weights that they read from disk. A request's seed tells them what to draw: the completion that the
 * embedded sampler would have drawn for it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Engine } from "../../src/engine/index.ts";
import {
  loadAdapter,
  loadModel,
  type Model,
  PolicyLearner,
  PolicySampler,
  type Sample,
  withAdapter,
} from "../../src/policy/index.ts";
import { requestSeed } from "../../src/rollout/remote/index.ts";

/** What a completion's randomness depends on. */
export interface Counter {
  readonly seed: number;
  readonly step: number;
  readonly promptId: string;
  readonly sampleIndex: number;
}

export const FAULTS = [
  "500",
  "silent",
  "reset",
  "torn",
  "proxy page",
  "no log-probs",
  "no ids",
  "wrong id",
  "ids twice",
  "positive log-prob",
  "null log-prob",
  "cut short",
] as const;
export type Fault = (typeof FAULTS)[number] | "400" | "429" | "slow";

export interface MockOptions {
  readonly dialect: "vllm" | "sglang" | "llama-server";
  readonly engine: Engine;
  /** The folder that the server was started on. */
  readonly folder: string;
  /** Completions that may be asked for. */
  readonly counters?: readonly Counter[];
  /** What goes wrong with the nth request for a completion, from 1. */
  readonly fault?: (n: number) => Fault | null;
  /** vLLM without --logprobs-mode processed_logprobs. */
  readonly rawLogProbs?: boolean;
  /** SGLang that somebody else gave other weights: what it calls their version. */
  readonly frozenVersion?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON that the code under test sent
type Body = any;

export interface MockServer {
  readonly url: string;
  readonly received: { readonly path: string; readonly body: Body; readonly key: string | undefined }[];
  close(): Promise<void>;
}

const GENERATE = { vllm: "/v1/completions", sglang: "/generate", "llama-server": "/completion" };

export async function mockServer(options: MockOptions): Promise<MockServer> {
  const state = new MockState(options, await loadModel(options.folder));
  const received: MockServer["received"] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    const body = await readBody(request);
    received.push({ path, body, key: request.headers.authorization });
    try {
      if (path === GENERATE[options.dialect]) await state.generate(body, response);
      else send(response, await state.control(path, body));
    } catch (error) {
      send(response, { status: 500, body: { error: String(error) } });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

class MockState {
  readonly #options: MockOptions;
  readonly #counters: Map<number, Counter>;
  readonly #adapters = new Map<string, Model>();
  #base: Model;
  #version = "default";
  #asleep = false;
  #requests = 0;
  /** One completion at a time: the engine has one executor. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MockOptions, base: Model) {
    this.#options = options;
    this.#base = base;
    this.#counters = new Map(
      (options.counters ?? []).map((counter) => [requestSeed(counter.seed, counter.step, counter), counter]),
    );
    if (this.#counters.size !== (options.counters ?? []).length) throw new Error("two completions have one seed");
  }

  async generate(body: Body, response: ServerResponse): Promise<void> {
    const fault = this.#options.fault?.(++this.#requests) ?? null;
    if (fault === "silent") return;
    if (fault === "reset") return void response.socket?.resetAndDestroy();
    if (fault === "500") return send(response, { status: 500, body: { error: "out of memory" } });
    if (fault === "400") return send(response, { status: 400, body: { error: "the prompt is too long" } });
    if (fault === "429") return send(response, { status: 429, body: { error: "busy" } });
    if (fault === "proxy page") return send(response, { body: "<html>Bad gateway</html>" });
    if (fault === "slow") await new Promise((resolve) => setTimeout(resolve, 1000));
    const drawn = this.#turn.then(() => this.#draw(body));
    this.#turn = drawn.catch(() => undefined);
    const sample = await drawn;
    if (sample === null)
      return send(response, { status: 404, body: { error: `the model ${body.model} does not exist` } });
    const answer = JSON.stringify(this.#answer(spoiled(sample, fault), body, fault));
    if (fault !== "torn") return send(response, { body: answer });
    response.writeHead(200, { "content-length": answer.length });
    response.write(answer.slice(0, answer.length / 2), () => response.destroy());
  }

  async #draw(body: Body): Promise<Sample | null> {
    if (this.#asleep) throw new Error("the engine is asleep");
    const { dialect, engine, rawLogProbs } = this.#options;
    const chosen: string | undefined = dialect === "vllm" ? body.model : body.lora_path;
    const model = chosen === undefined || chosen === "base" ? this.#base : this.#adapters.get(chosen);
    if (model === undefined) return null;
    const asked = askedOf(dialect, body);
    const counter = this.#counters.get(asked.seed) ?? { seed: asked.seed, step: 0, promptId: "", sampleIndex: 0 };
    const request = {
      ...{ id: "", promptId: counter.promptId, sampleIndex: counter.sampleIndex },
      ...{ prompt: Int32Array.from(asked.prompt), maxTokens: asked.maxTokens },
    };
    const sampler = new PolicySampler(engine, model.config, model.weights, model.tokenizer, 4);
    const { seed, step } = counter;
    const draw = { temperature: asked.temperature, topK: 0, topP: 1, minP: 0, seed, step, stopStrings: asked.stop };
    const sample = (await sampler.sample([request], draw))[0]!;
    return rawLogProbs
      ? { ...sample, logProbs: await this.#rawLogProbs(model, request.prompt, sample.tokens) }
      : sample;
  }

  async #rawLogProbs(model: Model, prompt: Int32Array, tokens: Int32Array): Promise<Float32Array> {
    const learner = new PolicyLearner(this.#options.engine, model.config, model.weights, LEARNER);
    const [row] = await learner.score([{ id: "", tokens: Int32Array.of(...prompt, ...tokens) }], 1);
    return row!.logProbs.slice(prompt.length);
  }

  #answer({ tokens, logProbs, text, stopReason }: Spoiled, body: Body, fault: Fault | null): unknown {
    const ids = fault === "no ids" ? undefined : tokens;
    const finish = stopReason === "length" ? "length" : "stop";
    if (this.#options.dialect === "vllm") {
      const logprobs = fault === "no log-probs" ? null : { token_logprobs: logProbs, tokens: [], top_logprobs: null };
      const choice = { index: 0, text, finish_reason: finish, token_ids: ids, prompt_token_ids: body.prompt, logprobs };
      return { id: "cmpl-1", object: "text_completion", model: body.model, choices: [choice], usage: {} };
    }
    if (this.#options.dialect === "sglang") {
      const triples = logProbs.map((logProb, t) => (ids === undefined ? [logProb] : [logProb, ids[t], null]));
      const more = tokens.slice(logProbs.length).map((id) => [null, id, null]);
      const info = {
        ...{
          id: "1",
          prompt_tokens: body.input_ids.length,
          completion_tokens: tokens.length,
          weight_version: this.#options.frozenVersion ?? this.#version,
        },
        finish_reason: { type: finish },
        ...(fault === "no log-probs" ? {} : { output_token_logprobs: [...triples, ...more] }),
      };
      return { text, output_ids: ids, meta_info: info };
    }
    const name = body.post_sampling_probs ? "prob" : "logprob";
    const value = (logProb: number | null) => (logProb === null || name === "logprob" ? logProb : Math.exp(logProb));
    const each = logProbs.map((logProb, t) => ({ id: tokens[t], token: "", [name]: value(logProb) }));
    return {
      ...{ content: text, tokens: ids, tokens_evaluated: body.prompt.length, truncated: false },
      stop_type: stopReason === "length" ? "limit" : "eos",
      ...(fault === "no log-probs" ? {} : { completion_probabilities: each }),
    };
  }

  async control(path: string, body: Body): Promise<Answer> {
    const { dialect, folder } = this.#options;
    const on = (engine: MockOptions["dialect"], asked: string) => dialect === engine && path === asked;
    if (path === "/health") return { body: "" };
    if (on("vllm", "/v1/models")) return { body: { object: "list", data: [{ id: "base" }, ...this.#names()] } };
    if (on("vllm", "/v1/load_lora_adapter") || on("sglang", "/load_lora_adapter")) {
      if (this.#adapters.has(body.lora_name)) return { status: 400, body: { error: "already loaded" } };
      const adapter = await loadAdapter(body.lora_path, this.#base.config);
      this.#adapters.set(body.lora_name, { ...this.#base, weights: withAdapter(this.#base.weights, adapter) });
      return { body: dialect === "vllm" ? `Success: LoRA adapter '${body.lora_name}' added.` : { success: true } };
    }
    if (on("vllm", "/v1/unload_lora_adapter") || on("sglang", "/unload_lora_adapter")) {
      this.#adapters.delete(body.lora_name);
      return { body: { success: true } };
    }
    if (on("sglang", "/update_weights_from_disk")) {
      this.#base = await loadModel(body.model_path);
      this.#version = body.weight_version;
      return { body: { success: true, message: "" } };
    }
    if (on("vllm", "/sleep?level=2")) this.#asleep = true;
    else if (on("vllm", "/collective_rpc") && body.method === "reload_weights") this.#base = await loadModel(folder);
    else if (on("vllm", "/wake_up?tags=kv_cache")) this.#asleep = false;
    else if (!on("vllm", "/wake_up?tags=weights")) return { status: 404, body: { detail: "Not Found" } };
    return { body: "" };
  }

  #names() {
    return [...this.#adapters.keys()].map((id) => ({ id }));
  }
}

const LEARNER = {
  optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 },
  microBatchTokens: 1024,
};

function askedOf(dialect: MockOptions["dialect"], body: Body) {
  if (dialect === "sglang") {
    const { max_new_tokens: maxTokens, sampling_seed: seed, temperature, stop } = body.sampling_params;
    return { prompt: body.input_ids, maxTokens, seed, temperature, stop };
  }
  const maxTokens = dialect === "vllm" ? body.max_tokens : body.n_predict;
  return { prompt: body.prompt, maxTokens, seed: body.seed, temperature: body.temperature, stop: body.stop ?? [] };
}

interface Spoiled extends Pick<Sample, "text" | "stopReason"> {
  readonly tokens: number[];
  readonly logProbs: (number | null)[];
}

function spoiled(sample: Sample, fault: Fault | null): Spoiled {
  const tokens = [...sample.tokens];
  const logProbs: (number | null)[] = [...sample.logProbs];
  const { text, stopReason } = sample;
  if (fault === "wrong id") tokens[0] = 151_936;
  if (fault === "ids twice") tokens.push(...tokens);
  if (fault === "positive log-prob") logProbs[0] = 0.5;
  if (fault === "null log-prob") logProbs[0] = null;
  if (fault === "cut short") return { text: "", stopReason: "eos", tokens: [], logProbs: [] };
  return { text, stopReason, tokens, logProbs };
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? null : JSON.parse(Buffer.concat(chunks).toString());
}

function send(response: ServerResponse, { status = 200, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
