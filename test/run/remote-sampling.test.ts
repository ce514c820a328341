import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { OnnxEngine } from "../../src/engine/onnx/onnx-engine.ts";
import { hashText } from "../../src/rng.ts";
import type { Task } from "../../src/rollout/index.ts";
import { evaluateModel, grpo, type RolloutRow, type RunEvent } from "../../src/run/index.ts";
import { graded } from "../../src/verifiers/verdict.ts";
import { type Counter, type Fault, type MockOptions, mockServer } from "../rollout/mock-servers.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, LETTERS, ONE, saveTinyModel, tinyModel } from "./tiny.ts";

const root = temporaryFolder();
let model = "";
let engine: OnnxEngine;
beforeAll(async () => {
  model = await saveTinyModel(root);
  engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1 });
});
afterAll(() => engine.dispose());

/** As echo, with a reward that a model made from nothing gets now and then. */
const mention: Task = {
  ...echo,
  verify: (completion, row) => {
    const { letter } = row as { letter: string };
    return completion.includes(letter)
      ? graded(1, "correct", completion, "has the letter")
      : graded(0, "incorrect", completion, `expected ${letter}`);
  },
};

const STEPS = 3;
const SEED = 1;
const [GROUP, SAMPLES] = [4, 8];
/** Every completion that the runs below ask for. */
const COUNTERS: Counter[] = LETTERS.flatMap((_, i) => [
  ...Array.from({ length: STEPS * GROUP }, (_, k) => ({
    ...{ seed: SEED, step: Math.floor(k / GROUP), promptId: `train-${i}`, sampleIndex: k % GROUP },
  })),
  ...Array.from({ length: SAMPLES }, (_, sampleIndex) => ({
    ...{ seed: hashText(`evaluate ${SEED}`), step: 0, promptId: `eval-${i}`, sampleIndex },
  })),
]);

const settings = (name: string, sampler: object = {}) => ({
  ...{ model, out: root, name, seed: SEED, engine: ONE, lora: { rank: 4 }, checkpointEvery: 1, ledgerLogProbs: true },
  grpo: {
    ...{ steps: STEPS, promptsPerStep: 4, groupSize: GROUP, learningRate: 1e-2, warmupSteps: 0 },
    ...{ dynamicSampling: "keep" as const, truncation: "score" as const },
    // a corrected gradient would follow the last bits of the sampler's log-probs, which depend on its batches
    importance: "none" as "none" | "token-truncate",
  },
  eval: { every: 0, quickProblems: 4, problems: 4, samples: SAMPLES },
  sampler,
});

async function server(dialect: MockOptions["dialect"], more: Partial<MockOptions> = {}) {
  const running = await mockServer({ dialect, engine, folder: model, counters: COUNTERS, ...more });
  onTestFinished(() => running.close());
  return running;
}

const ledger = (name: string): RolloutRow[] =>
  readFileSync(join(root, name, "rollouts.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const metrics = (name: string): Record<string, number>[] =>
  readFileSync(join(root, name, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const adapter = (name: string) => readFileSync(join(root, name, "model", "adapter_model.safetensors"));

describe("grpo on a vLLM server, with an adapter", () => {
  test("samples what it would have sampled here, and trains the same weights, bit for bit", async () => {
    await grpo(settings("here"), { task: mention });
    const vllm = await server("vllm");
    await grpo(settings("there", { kind: "vllm", url: vllm.url }), { task: mention });
    const told = ({ logProbs, ...row }: RolloutRow) => row;
    expect(ledger("there").map(told)).toEqual(ledger("here").map(told));
    expect(new Set(ledger("there").map(({ reward }) => reward)).size).toBe(2); // something was learned from
    expect(ledger("there").map(({ policyVersion, step }) => policyVersion - step + 1)).toEqual(
      ledger("there").map(() => 0),
    );
    for (const { "sampling/sampling_logp_difference/mean": difference, "sampling/lost": lost } of metrics(
      "there",
    ).slice(1, -1)) {
      expect(difference).toBeLessThan(1e-6);
      expect(lost).toBe(0);
    }
    expect(adapter("there").equals(adapter("here"))).toBe(true);
    const loads = vllm.received.filter(({ path }) => path === "/v1/load_lora_adapter");
    const unloads = vllm.received.filter(({ path }) => path === "/v1/unload_lora_adapter");
    expect(loads.map(({ body }) => body.lora_name.split("-")[1])).toEqual(["v0", "v1", "v2", "v3"]);
    expect(unloads.map(({ body }) => body.lora_name)).toEqual(loads.slice(0, 2).map(({ body }) => body.lora_name));
  });

  test("a completion that never comes is in the ledger without a reward, and in no other number", async () => {
    const evaluations = 4 * (1 + SAMPLES);
    const isBad = (n: number): Fault | null => (n === 1 + evaluations + 3 ? "400" : null); // the third of the first step
    const vllm = await server("vllm", { fault: isBad });
    const events: RunEvent[] = [];
    const sampler = { kind: "vllm", url: vllm.url, concurrency: 1 };
    await grpo(settings("lossy", sampler), { task: mention, onEvent: (event) => events.push(event) });
    const [first, others] = [ledger("lossy").slice(0, 16), ledger("here").slice(0, 16)];
    const lost = first.filter(({ stopReason }) => stopReason === "lost");
    expect(lost).toMatchObject([
      { reward: null, advantage: null, tokens: 0, completion: "", verdict: { cause: "infrastructure-error" } },
    ]);
    expect(lost[0]?.verdict).toMatchObject({ reason: expect.stringContaining(`${vllm.url}/v1/completions: 400`) });
    const rest = (rows: RolloutRow[]) =>
      rows.filter(({ id }) => id !== lost[0]?.id).map(({ id, reward }) => [id, reward]);
    expect(rest(first)).toEqual(rest(others));
    const graded = others.filter(({ id }) => id !== lost[0]?.id).map(({ reward }) => reward as number);
    expect(metrics("lossy")[1]).toMatchObject({
      ...{ "sampling/lost": 1, "verify/ungraded": 1 / 16, "verify/failed": 0 },
      reward: graded.reduce((sum, one) => sum + one, 0) / 15,
      "completions/min_length": expect.toSatisfy((length: number) => length >= 1),
    });
    expect(events.filter(({ kind }) => kind === "warning")).toMatchObject([
      { message: expect.stringMatching(/^step 1: 1 of 16 completions were not graded, first 0\/train-/) },
    ]);
  });

  test("a server that dies stops the run with what to do, and the run goes on when it is back", async () => {
    const evaluations = 4 * (1 + SAMPLES);
    let down = true;
    const dying = (n: number): Fault | null => (down && n > 1 + evaluations + 16 ? "500" : null); // after the first step
    const vllm = await server("vllm", { fault: dying });
    const sampler = { kind: "vllm", url: vllm.url, retries: 0 };
    await expect(grpo(settings("dying", sampler), { task: mention })).rejects.toMatchObject({
      code: "E_SERVE",
      message: expect.stringMatching(
        /^step 2: 16 of 16 completions were not delivered, first 1\/train-\d\/0: http.*500/,
      ),
      hint: expect.stringContaining("--resume"),
    });
    expect(ledger("dying")).toHaveLength(16);
    down = false;
    await grpo(settings("dying", sampler), { task: mention, resume: true });
    expect(adapter("dying").equals(adapter("here"))).toBe(true);
  });

  test("another model on the server is found out at the first step", async () => {
    const other = await saveTinyModel(join(root, "other"), tinyModel(2));
    const vllm = await server("vllm", { folder: other });
    const limited = settings("mismatched", { kind: "vllm", url: vllm.url });
    const run = grpo({ ...limited, grpo: { ...limited.grpo, mismatchLimit: 1e-3 } }, { task: mention });
    await expect(run).rejects.toMatchObject({ code: "E_MISMATCH" });
  });
});

test("while nothing moves, a warning says what the completions wait for", async () => {
  const slow = await server("vllm", { fault: (n) => (n === 1 + 4 * (1 + SAMPLES) + 1 ? "slow" : null) });
  const heard: string[] = [];
  const onEvent = (event: RunEvent) => event.kind === "warning" && heard.push(event.message);
  const run = settings("slow", { kind: "vllm", url: slow.url, concurrency: 1, stallMs: 100 });
  await grpo({ ...run, grpo: { ...run.grpo, steps: 1 } }, { task: mention, onEvent });
  expect(heard[0]).toMatch(
    /^nothing moved for 0 s; 16 pending: 0\/train-\d\/0 waits since 0 s for http.*, request 1 of 5; /,
  );
});

describe("weights on a server", () => {
  const full = (name: string, sampler: object) => ({ ...settings(name, sampler), lora: { rank: 0 } });

  test("that others change are refused by their version", async () => {
    const sglang = await server("sglang");
    await grpo(full("versioned", { kind: "sglang", url: sglang.url }), { task: mention });
    const updates = sglang.received.filter(({ path }) => path === "/update_weights_from_disk");
    expect(updates.map(({ body }) => body.weight_version)).toEqual(["0", "1", "2", "3"]);

    const stale = await server("sglang", { frozenVersion: "0" });
    const run = grpo(full("stale", { kind: "sglang", url: stale.url }), { task: mention });
    await expect(run).rejects.toMatchObject({
      code: "E_SERVE",
      message: expect.stringMatching(/step 2: 16 of 16 .* was drawn at version 0, expected 1/),
    });
  });

  test("may be a few updates behind, where that is allowed and corrected", async () => {
    const sglang = await server("sglang");
    const uncorrected = full("lagging", { kind: "sglang", url: sglang.url, maxLag: 1 });
    const lagging = { ...uncorrected, grpo: { ...uncorrected.grpo, importance: "token-truncate" as const } };
    await grpo(lagging, { task: mention });
    expect(ledger("lagging").map(({ policyVersion }) => policyVersion)).toEqual(
      [0, 0, 2].flatMap((version) => Array.from({ length: 16 }, () => version)),
    );
    const again = grpo({ ...uncorrected, name: "uncorrected" }, { task: mention });
    await expect(again).rejects.toThrow("grpo.importance is none");
  });

  test("cannot be trained on llama-server, nor all of them on vLLM without its folder", async () => {
    const llama = await server("llama-server");
    const settingsOf = (kind: string) => full(kind, { kind, url: llama.url });
    await expect(grpo(settingsOf("llama-server"), { task: mention })).rejects.toThrow("takes no new weights");
    await expect(grpo(settingsOf("vllm"), { task: mention })).rejects.toThrow("sampler.folder is empty");
  });
});

test("rlvr eval measures what a server has", async () => {
  const llama = await server("llama-server");
  const { name, lora, grpo: _, eval: __, checkpointEvery, out, ledgerLogProbs, ...shared } = settings("eval");
  const measured = { ...shared, problems: 4, samples: SAMPLES, k: [1] };
  const here = await evaluateModel(measured, { task: mention });
  const there = await evaluateModel(
    { ...measured, sampler: { kind: "llama-server", url: llama.url } },
    { task: mention },
  );
  const { seconds: a, ...expected } = here;
  const { seconds: b, ...got } = there;
  expect(got).toEqual(expected);
  expect(llama.received.length).toBeGreaterThan(4 * SAMPLES);
});
