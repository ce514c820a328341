import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { type Model, saveModel } from "../../src/policy/index.ts";
import { toSample } from "../../src/rollout/remote/drawn.ts";
import {
  llamaServerSampler,
  openAiSampler,
  requestSeed,
  type ServerOptions,
  sglangSampler,
} from "../../src/rollout/remote/index.ts";
import { allDelivered, isLost, type Sampler } from "../../src/rollout/sampler.ts";
import { StallWatch, stallMessage } from "../../src/rollout/stall-watch.ts";
import { smallPolicy, tokenizer } from "../policy/small-policy.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { FAULTS, type MockOptions, type MockServer, mockServer } from "./mock-servers.ts";
import { OPTIONS, REQUESTS } from "./sampler-contract.ts";

const OPENERS = { vllm: openAiSampler, sglang: sglangSampler, "llama-server": llamaServerSampler };
const DIALECTS = ["vllm", "sglang", "llama-server"] as const;
const KEY = "secret-key-1";
const folder = join(temporaryFolder(), "model");
let engine: OnnxEngine;
let model: Model;
beforeAll(async () => {
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
  model = smallPolicy(1);
  await saveModel(folder, model);
});
afterAll(() => engine.dispose());

async function opened(
  mock: Pick<MockOptions, "dialect"> & Partial<MockOptions>,
  options: Partial<ServerOptions> = {},
): Promise<{ sampler: Sampler; server: MockServer }> {
  const server = await mockServer({ engine, folder, ...mock });
  onTestFinished(() => server.close());
  const sampler = await OPENERS[mock.dialect]({
    ...{ url: server.url, model, modelFolder: "base", folder: `${folder}-weights` },
    ...{ concurrency: 4, timeoutMs: 20_000, retries: 2, backOffMs: 1, apiKey: KEY, ...options },
  });
  onTestFinished(() => sampler.close());
  return { sampler, server };
}

const generations = ({ received }: MockServer) => received.filter(({ body }) => body !== null).length;

describe.each(DIALECTS)("%s", (dialect) => {
  test.each(FAULTS)("%s: what passes is not noticed", async (fault) => {
    const timeoutMs = fault === "silent" ? 2000 : 20_000;
    const expected = allDelivered(await (await opened({ dialect })).sampler.sample(REQUESTS, OPTIONS));
    const { sampler, server } = await opened({ dialect, fault: (n) => (n === 3 ? fault : null) }, { timeoutMs });
    const samples = await sampler.sample(REQUESTS, OPTIONS);
    expect(samples).toEqual(expected);
    expect(generations(server)).toBe(1 + REQUESTS.length + 1); // the probe at the start, and one more
  });

  test.each(FAULTS)("%s: what stays is lost, not scored, and said", async (fault) => {
    const timeoutMs = fault === "silent" ? 300 : 20_000;
    const options = { timeoutMs, retries: 1 };
    const { sampler, server } = await opened({ dialect, fault: (n) => (n > 1 ? fault : null) }, options);
    const heard: string[] = [];
    const samples = await sampler.sample(REQUESTS.slice(0, 2), OPTIONS, ({ id }) => heard.push(id));
    expect(heard).toEqual([]);
    expect(samples.map(({ id }) => id)).toEqual(REQUESTS.slice(0, 2).map(({ id }) => id));
    for (const sample of samples) {
      if (!isLost(sample)) throw new Error("expected it to be lost");
      expect(sample.lost).toMatchObject({ name: "RlvrError", code: "E_SERVE" });
      expect(sample.lost.message).toMatch(new RegExp(`^${server.url}/.*\\(request 2 of 2\\)$`));
      expect(sample.lost.message).not.toContain(KEY);
    }
    expect(generations(server)).toBe(1 + 2 * 2);
  });

  test("a request that is wrong is sent once; one that came too soon again", async () => {
    const wrong = await opened({ dialect, fault: (n) => (n > 1 ? "400" : null) });
    const [lost] = await wrong.sampler.sample(REQUESTS.slice(0, 1), OPTIONS);
    expect(lost).toMatchObject({
      lost: { message: expect.stringContaining('400: "{\\"error\\":\\"the prompt is too long') },
    });
    expect(generations(wrong.server)).toBe(2);
    const busy = await opened({ dialect, fault: (n) => (n === 2 ? "429" : null) });
    expect(isLost((await busy.sampler.sample(REQUESTS.slice(0, 1), OPTIONS))[0]!)).toBe(false);
  });

  test("nothing is cut off the distribution, and nothing is left to the server", async () => {
    const { sampler, server } = await opened({ dialect });
    await sampler.sample(REQUESTS.slice(0, 1), { ...OPTIONS, stopStrings: ["42"] });
    const { body, key } = server.received.at(-1)!;
    const off = { min_p: 0, top_p: 1, presence_penalty: 0, frequency_penalty: 0, temperature: 1 };
    const seed = requestSeed(OPTIONS.seed, OPTIONS.step, REQUESTS[0]!);
    const stop = { stop: ["42"], stop_token_ids: tokenizer.stopIds };
    const expected = {
      vllm: { ...off, ...stop, top_k: -1, repetition_penalty: 1, seed, n: 1, logprobs: 0, return_token_ids: true },
      sglang: { ...off, ...stop, top_k: -1, repetition_penalty: 1, sampling_seed: seed },
      "llama-server": {
        ...off,
        top_k: 0,
        repeat_penalty: 1,
        seed,
        n_probs: 1,
        return_tokens: true,
        cache_prompt: false,
      },
    };
    expect(body.sampling_params ?? body).toMatchObject(expected[dialect]);
    expect(body.prompt ?? body.input_ids).toEqual([...REQUESTS[0]!.prompt]);
    expect(key).toBe(`Bearer ${KEY}`);
    await expect(sampler.sample(REQUESTS, { ...OPTIONS, topP: 0.9 })).rejects.toMatchObject({ code: "E_CONFIG" });
  });

  test("a server that is not there, or cannot do it, is named at the start with what to start", async () => {
    const start = {
      vllm: /vllm serve/,
      sglang: /sglang.launch_server --model-path base/,
      "llama-server": /llama-server --model/,
    };
    const hint = expect.stringMatching(start[dialect]);
    const gone = opened({ dialect }, { url: "http://127.0.0.1:9" });
    await expect(gone).rejects.toMatchObject({
      code: "E_SERVE",
      message: expect.stringContaining("127.0.0.1:9"),
      hint,
    });
    const blind = opened({ dialect, fault: () => "no log-probs" }, { retries: 0 });
    await expect(blind).rejects.toMatchObject({ code: "E_SERVE", message: expect.stringContaining("expected"), hint });
  });

  test("an abort ends requests that wait for an answer and those that wait for a place", async () => {
    const { sampler, server } = await opened({ dialect, fault: (n) => (n > 1 ? "silent" : null) }, { concurrency: 2 });
    const controller = new AbortController();
    const sampling = sampler.sample(REQUESTS, OPTIONS, undefined, controller.signal);
    while (generations(server) < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(sampler.waitsFor(REQUESTS[0]!.id)).toBe(`${server.url}${server.received.at(-1)?.path}, request 1 of 3`);
    expect(sampler.waitsFor(REQUESTS[8]!.id)).toContain("a place among the 2 requests");
    controller.abort(new Error("enough"));
    await expect(sampling).rejects.toThrow("enough");
    expect(generations(server)).toBe(3);
  });
});

test("log-probs before temperature are found out, and the flag is named", async () => {
  const { sampler } = await opened({ dialect: "vllm", rawLogProbs: true });
  expect(isLost((await sampler.sample(REQUESTS, OPTIONS))[0]!)).toBe(false); // at temperature 1 they are the same
  await expect(sampler.sample(REQUESTS, { ...OPTIONS, temperature: 0.7 })).rejects.toMatchObject({
    code: "E_SERVE",
    hint: expect.stringContaining("--logprobs-mode processed_logprobs"),
  });
});

test.each(["", "localhost:8000", "ftp://host", `http://user:${KEY}@host`])("refuses the address %j", async (url) => {
  const refused = await openAiSampler({
    ...{ url, model, modelFolder: "base", folder, concurrency: 1, timeoutMs: 1, retries: 0 },
  }).catch((error: Error) => error);
  expect(refused).toMatchObject({ code: "E_CONFIG" });
  expect(JSON.stringify(refused) + (refused as Error).message).not.toContain(KEY);
});

describe("toSample", () => {
  const request = { ...REQUESTS[0]!, maxTokens: 3 };
  const options = { tokenizer, vocabSize: tokenizer.vocabSize, stopStrings: ["34"] };
  const eos = tokenizer.eosIds[0]!;
  const ids = (text: string) => [...tokenizer.encode(text)];
  const read = (tokens: number[], logProbs: (number | null)[] = tokens.map(() => -1)) =>
    toSample({ tokens, logProbs, finish: "stop" }, request, options);

  test("an end-of-sequence id is a token and no text; what follows a stop string is cut", () => {
    expect(read([...ids("12"), eos])).toMatchObject({ text: "12", stopReason: "eos", logProbs: { length: 3 } });
    expect(read(ids("123"))).toMatchObject({ text: "123", stopReason: "length" });
    expect(read([...ids("34"), ...ids("5")], [-1, -2, -3])).toMatchObject({
      ...{ text: "34", stopReason: "stop-string", logProbs: Float32Array.of(-1, -2) },
    });
    expect(read(ids("123"), [1e-4, -1, -1]).logProbs[0]).toBe(0); // a rounded log-softmax
  });

  test.each<[string, number[], (number | null)[] | undefined, RegExp]>([
    ["no token", [], undefined, /stopped after 0 of 3 tokens/],
    ["an end that is not ours", ids("12"), undefined, /stopped after 2 of 3 tokens \(stop\).*expected one of the ends/],
    ["more than the limit", ids("1256"), undefined, /has 4 tokens, expected 3/],
    ["tokens after the end", [eos, ...ids("1")], undefined, /has 2 tokens, expected 1/],
    ["an id beyond the vocabulary", [99_999], undefined, /is 99999, expected an id below/],
    ["a negative id", [-1], undefined, /is -1/],
    ["half an id", [0.5], undefined, /is 0.5/],
    ["fewer log-probs", ids("123"), [-1], /3 tokens came with 1 log-probs/],
    ["no number", ids("123"), [-1, Number.NaN, -1], /log-prob of token 1 is NaN/],
    ["minus infinity", ids("123"), [-1, -1, Number.NEGATIVE_INFINITY], /token 2 is -Infinity/],
    ["a probability above 1", ids("123"), [0.1, -1, -1], /token 0 is 0.1, expected a finite number of at most 0/],
  ])("refuses %s", (_, tokens, logProbs, message) => {
    expect(() => read(tokens, logProbs)).toThrow(message);
  });
});

describe("requestSeed", () => {
  test("depends on run seed, step, prompt and sample, and fits into 31 bits", () => {
    const seeds = [1, 2].flatMap((seed) =>
      [0, 1].flatMap((step) =>
        ["a", "b"].flatMap((promptId) =>
          [0, 1, 2].map((sampleIndex) => requestSeed(seed, step, { promptId, sampleIndex })),
        ),
      ),
    );
    expect(new Set(seeds).size).toBe(24);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
    expect(requestSeed(1, 0, { promptId: "a", sampleIndex: 0 })).toBe(seeds[0]);
  });
});

describe("StallWatch", () => {
  test("says what the oldest wait for, and how many more there are", () => {
    const waiting = Array.from({ length: 7 }, (_, i) => ({
      id: `0/p/${i}`,
      sinceMs: i * 1000,
      waitsFor: "its verdict",
    }));
    const message = stallMessage(waiting, 60_000);
    expect(message).toMatch(/^nothing moved for 60 s; 7 pending: 0\/p\/6 waits since 6 s for its verdict; 0\/p\/5 /);
    expect(message).toMatch(/; and 2 more$/);
  });

  test("warns while nothing moves, and not without anything pending", async () => {
    const heard: string[] = [];
    const watch = new StallWatch(20, (message) => heard.push(message));
    const quiet = () => new Promise((resolve) => setTimeout(resolve, 200));
    await quiet();
    expect(heard).toEqual([]);
    watch.waits("0/p/0", () => "the sandbox");
    await quiet();
    expect(heard[0]).toContain("0/p/0 waits since 0 s for the sandbox");
    watch.done("0/p/0");
    const before = heard.length;
    await quiet();
    expect(heard).toHaveLength(before);
    watch.stop();
  });
});
