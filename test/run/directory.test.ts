import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { listCheckpoints } from "../../src/run/checkpoints.ts";
import { openRun, type RunOptions, readConfig } from "../../src/run/directory.ts";
import { readManifest } from "../../src/run/manifest.ts";
import { temporaryFolder } from "./temporary.ts";
import { train } from "./toy-trainer.ts";

const root = temporaryFolder();
let runs = 0;
const options = (changes: Partial<RunOptions> = {}): RunOptions => ({
  root,
  name: `run${runs++}`,
  resume: false,
  config: { steps: 10, grpo: { clipHigh: 0.2 } },
  seed: 5,
  engine: "onnx/cpu",
  ...changes,
});
const nothing = async () => {};
const read = (path: string) => readFileSync(path, "utf8");
const checkpointSteps = (run: string) => listCheckpoints(run).map(({ step }) => step);

describe("openRun", () => {
  test("writes config and manifest", () => {
    const run = openRun(options({ packages: { onnxruntime: "1.30.0" } }));
    expect(readConfig(run.path)).toEqual({ steps: 10, grpo: { clipHigh: 0.2 } });
    expect(readManifest(run.path)).toMatchObject({
      seed: 5,
      engine: "onnx/cpu",
      status: "running",
      lastCompleteStep: null,
      sessions: [{ fromStep: null, endedAt: null, versions: { node: process.versions.node, onnxruntime: "1.30.0" } }],
    });
    run.close("finished");
    expect(readManifest(run.path)).toMatchObject({
      status: "finished",
      sessions: [{ endedAt: expect.stringMatching(/Z$/) }],
    });
  });

  test("an existing run is not written over", () => {
    const mine = options();
    openRun(mine).close("finished");
    expect(() => openRun(mine)).toThrow(
      expect.objectContaining({
        code: "E_RUN",
        message: `${join(root, mine.name)} exists already`,
        hint: "Go on with --resume, or give this run another name with --name.",
      }),
    );
    expect(existsSync(join(root, mine.name, "lock"))).toBe(false);
  });

  test("a folder with other things in it is not written into", () => {
    const mine = options();
    mkdirSync(join(root, mine.name));
    writeFileSync(join(root, mine.name, "thesis.tex"), "years of work");
    expect(() => openRun(mine)).toThrow("exists already");
  });

  test("a run killed before it had a manifest is started anew", () => {
    const mine = options();
    mkdirSync(join(root, mine.name));
    writeFileSync(join(root, mine.name, "config.json"), "{}");
    writeFileSync(join(root, mine.name, ".tmp-1-abc"), "{");
    openRun(mine).close("finished");
  });

  test("two processes cannot write one run", () => {
    const mine = options();
    const run = openRun(mine);
    expect(() => openRun({ ...mine, resume: true })).toThrow(`is being written by process ${process.pid}`);
    run.close("interrupted");
    openRun({ ...mine, resume: true }).close("finished");
  });

  test("a run that is not there is not resumed, and leaves no folder", () => {
    const mine = options({ resume: true });
    expect(() => openRun(mine)).toThrow(
      expect.objectContaining({ code: "E_RUN", hint: expect.stringContaining("run0") }),
    );
    expect(existsSync(join(root, mine.name))).toBe(false);
  });

  test("a changed setting is refused by name, except those that may change", () => {
    const mine = options();
    openRun(mine).close("interrupted");
    const changed = { ...mine, resume: true, config: { steps: 20, grpo: { clipHigh: 0.28 } } };
    expect(() => openRun({ ...changed, mayChange: ["steps"] })).toThrow(
      "started with other settings (grpo.clipHigh: 0.2 → 0.28)",
    );
    openRun({ ...changed, mayChange: ["steps", "grpo.clipHigh"] }).close("finished");
    expect(readConfig(join(root, mine.name))).toEqual(changed.config);
  });

  test.each(["../up", "a/b", "", ".hidden", "a b"])("%j is no name", (name) => {
    expect(() => openRun(options({ name }))).toThrow(expect.objectContaining({ code: "E_CONFIG" }));
  });
});

describe("RunDirectory", () => {
  test("writes metrics in the table's order, clock values apart, and NaN as null", () => {
    const run = openRun(options());
    run.recordStep(0, { "eval/pass1": 0.25 }, []);
    run.recordStep(1, { step_time: 2, loss: Number.NaN, reward: 0.5, "rewards/b/mean": 1, "rewards/a/mean": 0 }, []);
    run.close("finished");
    expect(read(join(run.path, "metrics.jsonl"))).toBe(
      '{"step":0,"eval/pass1":0.25}\n{"step":1,"reward":0.5,"rewards/a/mean":0,"rewards/b/mean":1,"loss":null}\n',
    );
    expect(read(join(run.path, "timings.jsonl"))).toBe('{"step":0}\n{"step":1,"step_time":2}\n');
  });

  test("a step is written once", () => {
    const run = openRun(options());
    run.recordStep(3, {}, []);
    expect(() => run.recordStep(3, {}, [])).toThrow("step 3 came after step 3");
    run.close("failed");
  });

  test("keeps the newest checkpoints and the best one", async () => {
    const run = openRun(options({ keep: 2 }));
    for (const [i, score] of [0.1, 0.9, 0.3, 0.9, 0.2].entries()) {
      run.recordStep(i + 1, {}, []);
      await run.saveCheckpoint({ state: null, score }, nothing);
    }
    expect(checkpointSteps(run.path)).toEqual([2, 4, 5]); // 2 was the first to reach .9
    expect(readManifest(run.path).lastCompleteStep).toBe(5);
    run.close("finished");
  });

  test("a checkpoint whose writing fails leaves the older ones and no trace among them", async () => {
    const mine = options();
    const run = openRun(mine);
    run.recordStep(1, {}, []);
    await run.saveCheckpoint({ state: { at: 1 } }, nothing);
    run.recordStep(2, {}, []);
    const full = async (folder: string) => {
      writeFileSync(join(folder, "model.safetensors"), "half");
      throw new Error("disk full");
    };
    await expect(run.saveCheckpoint({ state: { at: 2 } }, full)).rejects.toThrow("disk full");
    expect(checkpointSteps(run.path)).toEqual([1]);
    run.close("failed");
    const resumed = openRun({ ...mine, resume: true });
    expect(resumed.resumed).toMatchObject({ step: 1, state: { at: 1 } });
    expect(readdirSync(join(run.path, "checkpoints"))).toEqual(["1"]);
    resumed.close("finished");
  });

  test("resuming cuts the logs at the checkpoint, whatever came after it", async () => {
    const mine = options();
    const run = openRun(mine);
    run.recordStep(1, { reward: 1 }, []);
    await run.saveCheckpoint({ state: null }, nothing);
    run.recordStep(2, { reward: 2 }, []);
    run.close("interrupted");
    writeFileSync(join(run.path, "metrics.jsonl"), `${read(join(run.path, "metrics.jsonl"))}{"step":3,"rew`);
    const resumed = openRun({ ...mine, resume: true });
    expect(read(join(run.path, "metrics.jsonl"))).toBe('{"step":1,"reward":1}\n');
    resumed.recordStep(2, { reward: 2 }, []);
    resumed.close("finished");
  });

  test("logs shorter than the checkpoint says are an error, not a hole", async () => {
    const mine = options();
    const run = openRun(mine);
    run.recordStep(1, { reward: 1 }, []);
    await run.saveCheckpoint({ state: null }, nothing);
    run.close("interrupted");
    writeFileSync(join(run.path, "metrics.jsonl"), "");
    expect(() => openRun({ ...mine, resume: true })).toThrow("metrics.jsonl has 0 bytes, expected at least 22");
  });
});

describe("a run that is killed", () => {
  const steps = 24;
  const trainer = fileURLToPath(new URL("toy-trainer.ts", import.meta.url));
  const files = ["metrics.jsonl", "rollouts.jsonl", "checkpoints/24/weights.bin"];

  /** Starts or resumes the run in another process and kills it after its log has grown by `bytes`. */
  async function killAfter(name: string, mode: "new" | "resume", bytes: number): Promise<void> {
    const log = join(root, name, "rollouts.jsonl");
    const size = () => (existsSync(log) ? statSync(log).size : 0);
    const from = mode === "new" ? 0 : size();
    const child = spawn(process.execPath, [trainer, root, name, String(steps), mode], { stdio: "inherit" });
    const exited = new Promise<void>((gone) => child.once("exit", () => gone()));
    while (size() - from < bytes && child.exitCode === null) await new Promise((later) => setTimeout(later, 1));
    child.kill("SIGKILL");
    await exited;
  }

  test("goes on and writes the bytes of a run that was not, weights included", async () => {
    await train(root, "whole", steps, false);
    await killAfter("killed", "new", 30_000);
    await killAfter("killed", "resume", 20_000);
    await killAfter("killed", "resume", 50_000);
    expect(readManifest(join(root, "killed")).status).toBe("running");
    await train(root, "killed", steps, true);
    expect(readManifest(join(root, "killed")).sessions).toHaveLength(4);
    for (const file of files)
      expect(readFileSync(join(root, "killed", file)).equals(readFileSync(join(root, "whole", file)))).toBe(true);
  });

  test("in the middle of writing a checkpoint goes on from the one before", async () => {
    const path = join(root, "torn");
    await train(root, "torn", 8, false);
    cpSync(join(path, "checkpoints/8"), join(path, "checkpoints/.tmp-12"), { recursive: true });
    rmSync(join(path, "checkpoints/.tmp-12/weights.bin"));
    mkdirSync(join(path, "checkpoints/12")); // a folder that no checkpoint was renamed to
    await train(root, "torn", steps, true);
    for (const file of files)
      expect(readFileSync(join(path, file)).equals(readFileSync(join(root, "whole", file)))).toBe(true);
  });
});
