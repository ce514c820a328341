import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { readModelConfig } from "../../src/policy/index.ts";
import type { Task } from "../../src/rollout/index.ts";
import { listCheckpoints, type PpoRun, ppo, type RunEvent, replayBadStep } from "../../src/run/index.ts";
import { graded } from "../../src/verifiers/verdict.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, ONE, saveTinyModel } from "./tiny.ts";

const root = temporaryFolder();
let model = "";
beforeAll(async () => {
  model = await saveTinyModel(root);
});

/** The share of the letters a and b in what was written: a model made from nothing earns some of it. */
const letters: Task = {
  ...(echo as Task),
  verify: (completion) => graded(completion.replaceAll(/[^ab]/g, "").length / 3, "partial", completion, ""),
};

type Settings = z.input<typeof PpoRun>;
type Config = NonNullable<Settings["ppo"]>;

const settings = (name: string, config: Config = {}): Settings => ({
  ...{ model, out: root, name, engine: ONE, checkpointEvery: 2 },
  ppo: {
    ...{ steps: 4, promptsPerStep: 4, samplesPerPrompt: 2, learningRate: 3e-3, warmupSteps: 0, truncation: "score" },
    ...config,
  },
  eval: { every: 0, quickProblems: 4, problems: 4, samples: 8 },
});
const bytes = (name: string, file: string) => readFileSync(join(root, name, file));
const lines = (name: string, file: string): Record<string, unknown>[] =>
  bytes(name, file)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("ppo", () => {
  test("with a head on the policy's trunk: learns, and hands on a model without that head", async () => {
    const { finished } = await ppo(settings("shared"), { task: letters });
    expect(finished).toBe(true);
    const [, first] = lines("shared", "metrics.jsonl");
    expect(first).toMatchObject({ "critic/values/mean": 0, "sampling/lost": 0 }); // the fresh head says 0
    expect(first).toHaveProperty("critic/vf_loss");
    expect(first).toHaveProperty("policy/approx_kl");
    expect(lines("shared", "metrics.jsonl").at(-1)!["critic/values/mean"]).not.toBe(0);
    expect(lines("shared", "rollouts.jsonl")).toHaveLength(4 * 8);
    const checkpoint = listCheckpoints(join(root, "shared")).at(-1)!;
    expect((await readModelConfig(checkpoint.path)).head).toBe("both");
    expect((await readModelConfig(join(root, "shared", "model"))).head).toBe("language");
  });

  test("with a critic of its own: it is in the checkpoint", async () => {
    await ppo(settings("own", { critic: "own", valueWarmupSteps: 2 }), { task: letters });
    const [, first, , third] = lines("own", "metrics.jsonl");
    expect(first).toMatchObject({ "update/count": 0, "critic/values/mean": 0 }); // value warm-up: the policy stays
    expect(third!["update/count"]).toBeGreaterThan(0);
    const checkpoint = listCheckpoints(join(root, "own")).at(-1)!;
    expect((await readModelConfig(join(checkpoint.path, "critic"))).head).toBe("score");
    expect((await readModelConfig(checkpoint.path)).head).toBe("language");
  });

  test.each<[string, Config]>([
    ["shared", {}],
    [
      "own",
      {
        ...{ critic: "own", ptxCoef: 0.1, ptxExamples: 4 },
        ...{ klCoef: 0.05, klControl: "adaptive", klTarget: 0.1, klHorizon: 100 },
      },
    ],
  ])("a run with a %s critic that was stopped goes on bit for bit", async (kind, config) => {
    await ppo(settings(`${kind}-whole`, config), { task: letters });
    const controller = new AbortController();
    const stop = (event: RunEvent) => event.kind === "step" && event.step === 3 && controller.abort();
    const name = `${kind}-stopped`;
    await ppo(settings(name, config), { task: letters, signal: controller.signal, onEvent: stop });
    const resumed = await ppo(settings(name, config), { task: letters, resume: true });
    expect(resumed.finished).toBe(true);
    const critic = kind === "own" ? ["critic/model", "critic/optimizer"] : [];
    const files = [
      ...["metrics.jsonl", "rollouts.jsonl", "model/model.safetensors", "checkpoints/4/model.safetensors"],
      ...["optimizer", ...critic].map((file) => `checkpoints/4/${file}.safetensors`),
    ];
    const different = files.filter((file) => !bytes(name, file).equals(bytes(`${kind}-whole`, file)));
    expect(different).toEqual([]);
  });

  test("rewards of steps: drops of a step verifier, and the outcome with its weight", async () => {
    const judged: Task = {
      ...letters,
      steps: (completion) => [...completion].map((letter, i) => ({ end: i + 1, right: /[ab]/.test(letter) })),
    };
    const process = { stepVerifier: true, outcomeWeight: 0.5 };
    await ppo({ ...settings("steps"), process }, { task: judged });
    const [, first] = lines("steps", "metrics.jsonl");
    // the letters that are neither a nor b cost 1 together: however many there are
    const rows = lines("steps", "rollouts.jsonl") as { step: number; completion: string; reward: number }[];
    const earned = rows
      .filter(({ step }) => step === 1)
      .map(({ completion, reward }) => 0.5 * reward - (/[^ab]/.test(completion) ? 1 : 0));
    const mean = earned.reduce((sum, x) => sum + x, 0) / earned.length;
    expect(earned.length).toBe(8);
    expect(first!["objective/rlhf_reward"]).toBeCloseTo(mean, 6);
  });

  test("an update of the critic that is not finite is left out, and can be repeated", async () => {
    const tooLarge: Task = { ...letters, verify: () => graded(1e39, "partial", null, "infinite as a float32") };
    const events: RunEvent[] = [];
    const given = settings("bad", { steps: 1, epochs: 1, minibatches: 1, critic: "own" });
    await ppo(given, { task: tooLarge, onEvent: (event) => events.push(event) });
    const folders = events.flatMap((event) => (event.kind === "bad-step" ? [event.folder] : []));
    expect(folders).toEqual([join(root, "bad", "bad-steps", "1.0.0.critic")]);
    expect(lines("bad", "metrics.jsonl")[1]).toMatchObject({ "update/skipped": 1 });
    const report = await replayBadStep(folders[0]!);
    expect([report.applied, report.badRows.length]).toEqual([false, 8]);
  });

  test.each<[Settings, string]>([
    [{ process: { rollouts: 3 } }, "process.rollouts are values of steps"],
    [{ lora: { rank: 4 } }, "ppo.critic is shared, but only an adapter is trained"],
    [{ lora: { rank: 4, dropout: 0.1 }, ppo: { critic: "own" } }, "lora.dropout is 0.1, expected 0"],
    [{ ppo: { ptxCoef: 1 } }, 'the task "echo" has no solution(row) to imitate'],
  ])("refuses %o", async (given, message) => {
    const { solution: _, ...unsolved } = letters;
    const run = ppo({ ...settings("refused"), name: "", ...given }, { task: unsolved });
    await expect(run).rejects.toThrow(message);
  });

  test("an adapter and a critic of its own", async () => {
    const given = { ...settings("lora", { steps: 1, critic: "own" }), lora: { rank: 2 } };
    expect((await ppo(given, { task: letters })).finished).toBe(true);
  });
});
