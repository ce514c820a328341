/** A run directory written by the code under test from made-up numbers: 120 steps of 6 completions that get better. */
import { join } from "node:path";
import { Rng } from "../../src/rng.ts";
import { openRun } from "../../src/run/directory.ts";
import type { RolloutRow } from "../../src/run/ledger.ts";
import type { Examples, Summary } from "../../src/run/summary.ts";
import { graded, notGraded } from "../../src/verifiers/verdict.ts";

/** Tries to run scripts, to leave its element, its JSON block and its page. */
export const HOSTILE =
  "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 2'><!-- <b>bold</b> $& %%script%% \u2028 \u0000";

export interface SmallRun {
  readonly root: string;
  readonly name: string;
  readonly steps?: number;
  /** Also writes summary.json and examples.json. */
  readonly finished?: boolean;
}

export function writeSmallRun({ root, name, steps = 120, finished = true }: SmallRun): string {
  const rng = new Rng(7, "small run");
  const config = { task: "chain", grpo: { groupSize: 8, clipHigh: 0.28, klCoef: 0, aggregate: "token-mean" }, seed: 1 };
  const run = openRun({
    root,
    name,
    resume: false,
    config,
    seed: 1,
    engine: "onnx/cpu",
    packages: { onnxruntime: "1.30.0" },
  });
  for (let step = 1; step <= steps; step++) {
    const skill = 0.3 + 0.65 / (1 + Math.exp((steps / 3 - step) / (steps / 14)));
    const noise = () => (rng.next() - 0.5) * 0.12;
    const length = 42 + 30 * skill + 8 * noise();
    run.recordStep(
      step,
      {
        reward: Math.min(1, skill + noise()),
        reward_std: 0.5 * Math.sqrt(skill * (1 - skill)) + 0.1 * noise(),
        frac_reward_zero_std: Math.max(0, skill ** 4 + 0.3 * noise()),
        "completions/mean_length": length,
        "completions/mean_terminated_length": length - 3 * (1 - skill),
        "completions/clipped_ratio": Math.max(0, 0.12 * (1 - skill) + 0.1 * noise()),
        entropy: 0.7 - 0.5 * skill + 0.2 * noise(),
        kl: 0.02 * skill + 0.01 * Math.abs(noise()),
        "clip_ratio/region_mean": 0.02 + 0.1 * Math.abs(noise()),
        "clip_ratio/low_mean": 0.008 + 0.04 * Math.abs(noise()),
        "clip_ratio/high_mean": 0.012 + 0.06 * Math.abs(noise()),
        grad_norm: step === 60 ? Number.POSITIVE_INFINITY : 0.4 + noise(),
        "sampling/sampling_logp_difference/mean": 2e-7 + 1e-6 * Math.abs(noise()),
        "sampling/sampling_logp_difference/max": 4e-6 + 2e-5 * Math.abs(noise()),
        loss: 0.3 * noise(),
        learning_rate: 1e-4 * Math.min(1, step / 10),
        "verify/ungraded": step % 40 === 0 ? 0.04 : 0,
        step_time: 2 + noise(),
        "timing/sample": 1.2 + noise(),
        "perf/tokens_per_second": 6000 + 4000 * noise(),
        ...(step % 15 === 0
          ? { "eval/pass1": skill, "eval/greedy": skill + 0.02, "eval/pass8": Math.min(1, skill + 0.2) }
          : {}),
      },
      Array.from({ length: 6 }, (_, i) => rollout(step, i, rng, skill)),
    );
  }
  if (finished) {
    run.writeJson("summary.json", summary(steps));
    run.writeJson("examples.json", EXAMPLES);
  }
  run.close(finished ? "finished" : "interrupted");
  return join(root, name);
}

function rollout(step: number, index: number, rng: Rng, skill: number): RolloutRow {
  const [a, b, c] = [rng.integer(12, 99), rng.integer(12, 99), rng.integer(2, 9)];
  const right = rng.next() < skill;
  const value = a + b * c + (right ? 0 : rng.integer(1, 20));
  const base = {
    step,
    promptId: `chain-${step}`,
    prompt: `Compute ${a} + ${b} * ${c}.\n`,
    id: `${step}/chain-${step}/${index}`,
    policyVersion: step - 1,
  };
  const completion = `<think>${b} * ${c} = ${value - a}\n${a} + ${value - a} = ${value}</think>\n<answer>${value}</answer>`;
  if (step === 1 && index === 0) {
    const verdict = graded(0, "unparsed", null, "no <answer>…</answer> was found");
    return { ...base, completion: HOSTILE, stopReason: "eos", verdict, reward: 0, advantage: -0.5, tokens: 61 };
  }
  if (step % 40 === 0 && index === 0) {
    const verdict = notGraded("infrastructure-error", "the sandbox could not start: out of file handles");
    return { ...base, completion, stopReason: "eos", verdict, reward: null, advantage: null, tokens: 48 };
  }
  if (rng.next() < 0.1 * (1 - skill)) {
    const verdict = graded(0, "unparsed", null, "cut off before an answer");
    return {
      ...base,
      completion: completion.slice(0, 30),
      stopReason: "length",
      verdict,
      reward: 0,
      advantage: -0.91,
      tokens: 96,
    };
  }
  const answer = String(value);
  const verdict = right
    ? graded(1, "correct", answer, `${answer} equals the reference`)
    : graded(0, "incorrect", answer, `${answer} differs from the reference ${a + b * c}`);
  return {
    ...base,
    completion,
    stopReason: "eos",
    verdict,
    reward: right ? 1 : 0,
    advantage: right ? 0.74 : -1.21,
    tokens: 52,
  };
}

function summary(steps: number): Summary {
  const before = {
    greedy: 0.42,
    pass1: 0.311,
    pass8: 0.7205,
    maj8: 0.475,
    n: 200,
    samples: 8,
    ci95: { greedy: [0.3536, 0.4893], pass1: [0.272, 0.351], pass8: [0.664, 0.776], maj8: [0.411, 0.541] },
  } satisfies Summary["before"];
  const after = {
    greedy: 0.965,
    pass1: 0.941,
    pass8: 0.995,
    maj8: 0.97,
    n: 200,
    samples: 8,
    ci95: { greedy: [0.9295, 0.983], pass1: [0.917, 0.962], pass8: [0.985, 1], maj8: [0.945, 0.99] },
  } satisfies Summary["before"];
  return {
    before,
    after,
    meanLength: { before: 48.2, after: 70.6 },
    parts: { before: { layout: 0.81 }, after: { layout: 0.99 } },
    seconds: 251,
    seed: 1,
    steps,
    rollouts: 30720,
    tokens: 1893412,
  };
}

const EXAMPLES: Examples = [
  {
    promptId: "held-out-3",
    prompt: "Compute 47 + 38 * 6.\n",
    before: { completion: "<answer>275</answer>", verdict: graded(1, "correct", "275", "275 equals the reference") },
    after: {
      completion: "<think>38 * 6 = 228\n47 + 228 = 275</think>\n<answer>275</answer>",
      verdict: graded(1, "correct", "275", "275 equals the reference"),
    },
  },
  {
    promptId: "held-out-9",
    prompt: "Compute 81 + 77 * 8.\n",
    before: {
      completion: "<answer>687</answer>",
      verdict: graded(0, "incorrect", "687", "687 differs from the reference 697"),
    },
    after: {
      completion: "<think>77 * 8 = 616\n81 + 616 = 697</think>\n<answer>697</answer>",
      verdict: graded(1, "correct", "697", "697 equals the reference"),
    },
  },
];
