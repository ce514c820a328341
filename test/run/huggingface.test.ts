/** A folder in Hugging Face's layout, of a published shape, through a whole run: the command that researchers begin with. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configOf } from "../../bench/models/shapes.ts";
import { createWeights, readTokenizer, saveModel, weightCount } from "../../src/policy/index.ts";

const ROOT = join(import.meta.dirname, "../..");
const MINUTES = 60_000;
let away: string;

/** SmolLM2-135M's shape with random weights, in BF16 as it is published, behind a byte-level BPE tokenizer. */
beforeAll(async () => {
  away = mkdtempSync(join(tmpdir(), "huggingface-"));
  const tokenizer = await readTokenizer(join(ROOT, "test/fixtures/hf-tokenizers/byte-level"));
  const config = configOf("SmolLM2-135M", { eosIds: [...tokenizer.eosIds], padId: tokenizer.padId });
  expect(weightCount(config)).toBe(134_515_008); // as published
  const weights = createWeights(config);
  let state = 1;
  for (const { name } of weights.specs) {
    const view = weights.views[name] as Float32Array;
    for (let i = 0; i < view.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0; // half a second; a counter-based draw for each takes ten
      view[i] = name.endsWith("norm.weight") ? 1 : 0.035 * (state / 2 ** 31);
    }
  }
  await saveModel(join(away, "model"), { config, weights, tokenizer }, { format: "BF16" });
}, 5 * MINUTES);
afterAll(() => rmSync(away, { recursive: true, force: true }));

test(
  "rlvr grpo --model <folder> --task gsm8k --lora.rank 8",
  () => {
    const sizes = ["--grpo.steps", "1", "--grpo.promptsPerStep", "2", "--grpo.groupSize", "2", "--grpo.maxTokens", "8"];
    const measured = [
      "--eval.problems",
      "1",
      "--eval.every",
      "0",
      "--grpo.dynamicSampling",
      "keep",
      "--grpo.truncation",
      "score",
      "--grpo.klCoef",
      "0.01",
    ];
    const args = ["grpo", "--model", "model", "--task", "gsm8k", "--lora.rank", "8", ...sizes, ...measured];
    const main = join(ROOT, "src/cli/main.ts");
    execFileSync(process.execPath, ["--conditions=rlvr-source", main, ...args, "--name", "run", "--out", "."], {
      cwd: away,
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, NO_COLOR: "1" },
    });
    const run = join(away, "run");
    const [before, step] = readFileSync(join(run, "metrics.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect([before.step, step.step]).toEqual([0, 1]);
    // the sampler decodes with a cache, the learner reads whole sequences: on 30 layers they must still agree
    expect(step["sampling/sampling_logp_difference/mean"]).toBeLessThan(1e-4);
    const rollouts = readFileSync(join(run, "rollouts.jsonl"), "utf8").trim().split("\n");
    expect(rollouts).toHaveLength(4);
    const peft = JSON.parse(readFileSync(join(run, "model/adapter_config.json"), "utf8"));
    expect(peft).toMatchObject({ peft_type: "LORA", r: 8, base_model_name_or_path: join(away, "model") });
    expect(existsSync(join(run, "model/model.safetensors"))).toBe(false);
  },
  10 * MINUTES,
);
