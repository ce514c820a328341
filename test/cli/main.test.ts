/** The command as a newcomer meets it, in a process of its own. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands/index.ts";
import { createCharTokenizer, saveModel } from "../../src/policy/index.ts";
import { createWeights, initialize } from "../../src/policy/weights.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { tinyModel } from "../run/tiny.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "src", "cli", "main.ts");
const folder = temporaryFolder();

/** Runs `rlvr` in an empty folder. */
function rlvr(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RLVR_")));
  return new Promise((done) => {
    const argv = ["--conditions=rlvr-source", MAIN, ...args];
    execFile(process.execPath, argv, { cwd: folder, env: { ...env, NO_COLOR: "1" } }, (error, out, err) => {
      done({ code: typeof error?.code === "number" ? error.code : 0, out, err: err.replaceAll(ROOT, "<rlvr>/") });
    });
  });
}

/** A tiny model that can read the arithmetic task. */
beforeAll(async () => {
  const tokenizer = createCharTokenizer("0123456789+-=,", ["<think>", "</think>", "<answer>", "</answer>"]);
  const config = { ...tinyModel().config, vocabSize: tokenizer.vocabSize, maxPositions: 128 };
  const whole = { ...config, eosIds: [...tokenizer.eosIds], padId: tokenizer.padId };
  const weights = createWeights(whole);
  initialize(weights, whole, 1);
  mkdirSync(join(folder, "runs"), { recursive: true });
  await saveModel(join(folder, "tiny"), { config: whole, weights, tokenizer });
});

describe("rlvr", () => {
  test("--version is that of package.json", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(await rlvr("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  test("--help lists the commands, and each lists its settings", async () => {
    const [overview, grpo] = await Promise.all([rlvr("--help"), rlvr("grpo", "--help")]);
    const listed = [...overview.out.matchAll(/^ {2}(\w+(?: [a-z]+)?) {2,}/gm)].map(([, name]) => name);
    expect(listed).toEqual(COMMANDS.map(({ name }) => name));
    expect(grpo).toMatchObject({ code: 0, err: "" });
    for (const flag of ["--grpo.clip-high <number>", "--eval.every <integer>", "--resume [text]", "--dry-run"]) {
      expect(grpo.out).toContain(flag);
    }
  });

  test.each([
    [["gpro"], '"gpro" is not a command', "Did you mean npm run rlvr -- grpo?"],
    [["grpo", "--grpo.cliphigh", "0.3"], "--grpo.cliphigh is not a setting", "Did you mean --grpo.clip-high?"],
    [["grpo", "--task", "arithmetics"], 'there is no task "arithmetics"', "arithmetic"],
    [["eval", "--model", "nowhere"], "nowhere/config.json does not exist", "Hugging Face"],
    [["grpo", "--resume"], "no run of grpo in runs is unfinished", "without --resume"],
    [["report"], "there are no runs in runs", "name its folder"],
    [["sft"], "neither task nor data is given", "--data"],
  ])("%j is refused with what to do", async (argv, message, hint) => {
    const { code, out, err } = await rlvr(...argv);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect(err).not.toContain("    at "); // no stack
  });

  test("grpo --dry-run shows the arithmetic of a batch and makes nothing", async () => {
    const config = join(ROOT, "tasks", "arithmetic", "grpo.yaml");
    const flags = ["--grpo.prompts-per-step", "8", "--grpo.group-size", "4", "--grpo.minibatches", "2"];
    const { code, out, err } = await rlvr("grpo", "--config", config, "--model", "tiny", "--dry-run", ...flags);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/completions a step +32 +8 prompts × 4 completions/);
    expect(out).toMatch(/updates a step +2 +1 epochs × 2 minibatches/);
    expect(out).toMatch(/completions an update +16/);
    expect(out).toContain("runs/arithmetic-grpo-seed1/");
    expect((await rlvr("report")).err).toContain("there are no runs");
  });

  test("a run from its start to the command that goes on from there", async () => {
    const small = [
      "--eval.problems",
      "4",
      "--eval.every",
      "0",
      "--grpo.prompts-per-step",
      "2",
      "--grpo.group-size",
      "2",
    ];
    const first = await rlvr("grpo", "--model", "tiny", "--name", "a", "--grpo.steps", "1", ...small);
    expect(first.code).toBe(0);
    expect(first.err).toMatch(/^runs\/a: tiny, [\d.]+ k parameters\n/);
    expect(first.err).toMatch(/^step 1\/1 · reward /m);
    expect(first.out).toMatch(/^greedy +[\d.]+ % \[[\d.]+, [\d.]+\]/m);
    expect(first.out).toMatch(/^report +runs\/a\/report\.html$/m);
    const again = /^go on +npm run rlvr -- (.*)$/m.exec(first.out)?.[1]?.split(" ") ?? [];
    expect(again).toEqual(["grpo", "--config", "runs/a/config.json", "--model", "runs/a/model", "--name", "a-on"]);
    const second = await rlvr(...again);
    expect(second.err).toMatch(/^runs\/a-on: runs\/a\/model, /);
    expect(second.err).toContain("step 1/1");
  });
});
