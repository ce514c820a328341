/**
 * Does learning come from the reward? `npm run bench:controls` trains the default task three times on each of three rewards
 * and writes bench/results/controls.json:
 *
 *   answer   the task's own reward
 *   layout   1 for the layout alone, whatever the answer
 *   random   a coin for each completion
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { Rng } from "../src/rng.ts";
import { loadTask, type Task } from "../src/rollout/index.ts";
import { grpo } from "../src/run/index.ts";
import { graded, layout, type Verifier } from "../src/verifiers/index.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const STEPS = Number(process.argv[2] ?? 40);
const SEEDS = [1, 2, 3];
/** The rewards to train on: all, or the ones that are named. */
const ONLY = process.argv.slice(3);

const task = await loadTask("arithmetic");
const REWARDS: Readonly<Record<string, Verifier<unknown>>> = {
  answer: task.verify,
  layout: (completion) => layout(completion),
  random: (completion, row) => {
    const coin = new Rng(1, `${JSON.stringify(row)} ${completion}`).integer(0, 1);
    return graded(coin, coin === 1 ? "correct" : "incorrect", null, "a coin");
  },
};

const settings = parse(readFileSync(join(ROOT, "tasks", "arithmetic", "grpo.yaml"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "rlvr-controls-"));
const results = [];
for (const [reward, verify] of Object.entries(REWARDS)) {
  if (ONLY.length > 0 && !ONLY.includes(reward)) continue;
  for (const seed of SEEDS) {
    const rewarded: Task = { ...task, verify };
    const grpoSettings = { ...settings.grpo, steps: STEPS };
    const run = { ...settings, seed, grpo: grpoSettings, out: folder, name: `${reward}-${seed}`, checkpointEvery: 0 };
    // trained on one reward, measured by the task's own
    const { summary } = await grpo(run, { task: rewarded, measureWith: task });
    if (!summary) throw new Error("the run was interrupted");
    const { before, after, meanLength, parts } = summary;
    const layoutShare = { before: parts.before.layout ?? 0, after: parts.after.layout ?? 0 };
    results.push({ reward, seed, before, after, meanLength, layout: layoutShare });
    console.log(
      `${reward.padEnd(8)} seed ${seed}  sampled accuracy ${before.pass1.toFixed(3)} → ${after.pass1.toFixed(3)}` +
        `  layout ${layoutShare.before.toFixed(3)} → ${layoutShare.after.toFixed(3)}` +
        `  length ${meanLength.before.toFixed(1)} → ${meanLength.after.toFixed(1)}`,
    );
  }
}
rmSync(folder, { recursive: true });
mkdirSync(join(ROOT, "bench", "results"), { recursive: true });
const report = { steps: STEPS, date: new Date().toISOString(), results };
const file = ONLY.length > 0 ? `controls-${ONLY.join("-")}.json` : "controls.json";
writeFileSync(join(ROOT, "bench", "results", file), `${JSON.stringify(report, null, 2)}\n`);
