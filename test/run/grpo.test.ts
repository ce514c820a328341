import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Task } from "../../src/rollout/index.ts";
import { grpo, type RunEvent, readManifest, Summary } from "../../src/run/index.ts";
import { graded, notGraded } from "../../src/verifiers/verdict.ts";
import { runGrpo, stepsWritten } from "./grpo-runner.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, ONE, saveTinyModel } from "./tiny.ts";

const root = temporaryFolder();
let model = "";
beforeAll(async () => {
  model = await saveTinyModel(root);
});

const settings = (name: string, steps = 3) => ({
  ...{ model, out: root, name, engine: ONE, checkpointEvery: 2 },
  grpo: { steps, promptsPerStep: 4, groupSize: 4, learningRate: 3e-3, dynamicSampling: "keep" as const },
  eval: { every: 0, quickProblems: 4, problems: 4, samples: 8 },
});
const bytes = (name: string, file: string) => readFileSync(join(root, name, file));
const lines = (name: string, file: string): Record<string, unknown>[] =>
  bytes(name, file)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("grpo", () => {
  test("leaves everything that a run leaves, and tells what happens", async () => {
    const events: RunEvent[] = [];
    const result = await grpo(settings("whole"), { task: echo, onEvent: (event) => events.push(event) });
    expect(result).toMatchObject({ path: join(root, "whole"), finished: true });
    const summary = Summary.parse(JSON.parse(bytes("whole", "summary.json").toString()));
    expect(summary).toMatchObject({ steps: 3, seed: 1, rollouts: 3 * 16, before: { n: 4, samples: 8 } });
    expect(summary.parts.before.length).toBeGreaterThan(0); // the verifier's own number
    expect(result.summary).toEqual(summary);
    expect(result.examples).toHaveLength(4);
    expect(lines("whole", "metrics.jsonl").map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    expect(lines("whole", "metrics.jsonl")[0]).toMatchObject({ step: 0, "eval/greedy": summary.before.greedy });
    expect(lines("whole", "rollouts.jsonl")).toHaveLength(3 * 16);
    expect(existsSync(join(root, "whole", "model", "model.safetensors"))).toBe(true);
    expect(bytes("whole", "report.html").toString()).toContain("whole");
    expect(readManifest(join(root, "whole"))).toMatchObject({ status: "finished", lastCompleteStep: 3 });
    expect(readManifest(join(root, "whole")).sessions[0]?.versions).toHaveProperty("onnxruntime-node");
    const kinds = events.filter(({ kind }) => kind !== "busy").map(({ kind }) => kind);
    expect(kinds).toEqual(["opened", "measured", "step", "step", "step", "measured"]);
  });

  test("tokens count what was sampled", () => {
    const rows = lines("whole", "rollouts.jsonl") as { tokens: number }[];
    const summary = JSON.parse(bytes("whole", "summary.json").toString());
    expect(summary.tokens).toBe(rows.reduce((sum, { tokens }) => sum + tokens, 0));
    // each prompt has 2 tokens
    expect(lines("whole", "metrics.jsonl").at(-1)).toMatchObject({ num_tokens: summary.tokens + 2 * rows.length });
  });

  test("resuming a finished run says so and does nothing; with more steps it goes on", async () => {
    const events: string[] = [];
    const hooks = { task: echo, resume: true, onEvent: ({ kind }: RunEvent) => events.push(kind) };
    const before = bytes("whole", "summary.json");
    const again = await grpo(settings("whole"), hooks);
    expect(events).toEqual(["opened", "finished-before"]);
    expect(again.summary).toEqual(JSON.parse(before.toString()));
    const more = await grpo(settings("whole", 4), hooks);
    expect(more.summary?.steps).toBe(4);
    expect(lines("whole", "metrics.jsonl").map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
  });

  test("stopped between steps it leaves a checkpoint and a report, and is interrupted", async () => {
    const controller = new AbortController();
    const stopAt = (event: RunEvent) => event.kind === "step" && event.step === 1 && controller.abort();
    const result = await grpo(settings("stopped"), { task: echo, signal: controller.signal, onEvent: stopAt });
    expect(result).toMatchObject({ finished: false, summary: null, report: join(root, "stopped", "report.html") });
    expect(readManifest(join(root, "stopped"))).toMatchObject({ status: "interrupted", lastCompleteStep: 1 });
  });

  test("stopped while it measures, it starts again from the beginning", async () => {
    const controller = new AbortController();
    const stop = ({ kind }: RunEvent) => kind === "busy" && controller.abort();
    const result = await grpo(settings("early"), { task: echo, signal: controller.signal, onEvent: stop });
    expect(result.finished).toBe(false);
    expect(readManifest(join(root, "early"))).toMatchObject({ status: "interrupted", lastCompleteStep: null });
    const resumed = await grpo(settings("early"), { task: echo, resume: true });
    expect(resumed.finished).toBe(true);
    expect(lines("early", "metrics.jsonl").map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  });

  test("the greedy baseline (ReMax) subtracts the reward of a greedy completion", async () => {
    const { grpo: config, ...rest } = settings("remax", 1);
    const half = { ...echo, verify: () => graded(0.5, "partial", null, "always") }; // greedy and sampled: 0.5 − 0.5
    await grpo({ ...rest, grpo: { ...config, advantage: "greedy-baseline" } }, { task: half });
    const trained = lines("remax", "rollouts.jsonl").filter(({ stopReason }) => stopReason !== "length"); // others are masked
    expect(trained.length).toBeGreaterThan(0);
    expect(new Set(trained.map(({ advantage }) => advantage))).toEqual(new Set([0]));
  });

  test("names of runs are numbered where none is given", async () => {
    const { name: _, ...unnamed } = settings("", 1);
    const paths = [await grpo(unnamed, { task: echo }), await grpo(unnamed, { task: echo })].map(({ path }) => path);
    expect(paths).toEqual([join(root, "echo-grpo-seed1"), join(root, "echo-grpo-seed1-2")]);
  });

  test("a verifier that fails stops the run, which is failed and can be resumed", async () => {
    const broken: Task = { ...echo, verify: () => notGraded("verifier-error", "out of order") };
    const run = grpo(settings("broken"), { task: broken });
    await expect(run).rejects.toThrow(
      /^step 1: 16 of 16 completions were not graded, first 0\/train-\d+\/0: out of order/,
    );
    expect(readManifest(join(root, "broken")).status).toBe("failed");
    expect(existsSync(join(root, "broken", "report.html"))).toBe(true);
  });
});

describe("a run that is killed in the middle of a step", () => {
  const runner = fileURLToPath(new URL("grpo-runner.ts", import.meta.url));
  const files = [
    ...["metrics.jsonl", "rollouts.jsonl", "before.json", "model/model.safetensors"],
    ...["checkpoints/5/model.safetensors", "checkpoints/5/optimizer.safetensors"],
  ];

  test("goes on bit for bit", async () => {
    await runGrpo(model, root, "uninterrupted");
    const child = spawn(process.execPath, [runner, model, root, "killed"], { stdio: "ignore" });
    const gone = new Promise<NodeJS.Signals | null>((done) => child.once("exit", (_, signal) => done(signal)));
    while (stepsWritten(root, "killed") < 4 && child.exitCode === null)
      await new Promise((later) => setTimeout(later, 20));
    child.kill("SIGKILL"); // steps 0 to 3 are written, 4 is being judged; the last checkpoint is that of step 2
    expect(await gone).toBe("SIGKILL");
    expect(readManifest(join(root, "killed"))).toMatchObject({ status: "running", lastCompleteStep: 2 });
    await runGrpo(model, root, "killed", { resume: true });
    expect(readManifest(join(root, "killed")).sessions[1]).toMatchObject({ fromStep: 2 });
    const different = files.filter((file) => !bytes("killed", file).equals(bytes("uninterrupted", file)));
    expect(different).toEqual([]);
  });
});
