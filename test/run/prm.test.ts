/** From solutions to labels, to a reward model, to a policy that is trained on its scores: on a model made from nothing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadModel } from "../../src/policy/index.ts";
import type { Task } from "../../src/rollout/index.ts";
import { evaluateModel, evaluatePrm, grpo, labelSteps, prmTrain } from "../../src/run/index.ts";
import { graded } from "../../src/verifiers/verdict.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, ONE, saveTinyModel } from "./tiny.ts";

const root = temporaryFolder();
let model = "";
beforeAll(async () => {
  model = await saveTinyModel(root);
});

/** Each letter is a step, wrong where it is c or d; the last decides. Signs say nothing, so they are no steps. */
const isFine = (text: string) => !/[cd][^a-d]*$/.test(text);
const letters: Task = {
  ...echo,
  name: "letters",
  maxTokens: 4,
  verify: (completion) => {
    const isRight = isFine(completion);
    return graded(isRight ? 1 : 0, isRight ? "correct" : "incorrect", completion.at(-1) ?? null, "");
  },
  steps: (completion) => [...completion].map((letter, i) => ({ end: i + 1, right: isFine(letter) })),
};
const hooks = { task: letters };
const lines = (path: string) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const label = (out: string, method: "hard" | "soft" | "bisect" | "verifier" | "consensus", problems = 40) =>
  labelSteps({ model, engine: ONE, out: join(root, out), method, problems, samples: 4, rollouts: 3 }, hooks);

describe("labelSteps", () => {
  test("the verifier's labels are the task's, and cost nothing", async () => {
    const ledger = await label("verifier.jsonl", "verifier");
    expect(ledger).toMatchObject({ rollouts: 0, agreement: { all: 1, firstError: 1 }, steps: { rule: "task" } });
    for (const line of lines(join(root, "verifier.jsonl"))) {
      expect(line.labels).toEqual(line.completions.map(isFine));
      expect(line.step_ends.at(-1)).toBe(line.completion_ids.length - 1);
    }
    expect(lines(join(root, "verifier.jsonl"))).toHaveLength(ledger.solutions);
    expect(ledger.solutions + ledger.dropped).toBe(160);
  });

  test.each(["hard", "soft", "bisect", "consensus"] as const)(
    "%s: the last step is the outcome, the rest is counted",
    async (method) => {
      const ledger = await label(`${method}.jsonl`, method, 8);
      expect(ledger.rollouts).toBeGreaterThan(0);
      expect(ledger.tokens).toBeGreaterThan(0);
      const found = lines(join(root, `${method}.jsonl`));
      for (const { completions, labels } of found) {
        const last = labels.at(-1);
        if (last !== null) expect(last).toBe(isFine(completions.at(-1)));
      }
      if (method === "hard") {
        // again: the same bytes
        await label("again.jsonl", method, 8);
        expect(readFileSync(join(root, "again.jsonl"), "utf8")).toBe(readFileSync(join(root, "hard.jsonl"), "utf8"));
      }
    },
  );

  test("refuses to write over a file", async () => {
    await expect(label("verifier.jsonl", "verifier")).rejects.toThrow("exists, expected a new file");
  });

  test("refuses a verifier where the task has none", async () => {
    const settings = { model, engine: ONE, out: join(root, "none.jsonl"), method: "verifier" as const };
    await expect(labelSteps(settings, { task: echo })).rejects.toThrow("nothing says which steps are right");
  });
});

describe("a trained reward model", { timeout: 240_000 }, () => {
  let prm = "";
  beforeAll(async () => {
    await label("train.jsonl", "verifier", 100);
    const result = await prmTrain(
      {
        ...{ model, out: root, name: "prm", engine: ONE, data: join(root, "train.jsonl"), checkpointEvery: 0 },
        heldOut: join(root, "verifier.jsonl"),
        prm: { steps: 40, batchSize: 32, learningRate: 5e-3, warmupSteps: 2, evalEvery: 40 },
      },
      hooks,
    );
    prm = result.path;
  }, 240_000);

  test("is a model with a score head that says what a step is", async () => {
    const { config } = await loadModel(join(prm, "model"));
    expect(config.head).toBe("score");
    expect(JSON.parse(readFileSync(join(prm, "model", "prm.json"), "utf8"))).toMatchObject({ steps: { rule: "task" } });
    const metrics = lines(join(prm, "metrics.jsonl"));
    expect(metrics.at(-1)["eval/prm_accuracy"]).toBeGreaterThan(0.97);
    expect(metrics.at(-1).loss).toBeLessThan(metrics[0].loss);
  });

  test("finds the first wrong step, and chooses a right solution where there is one", async () => {
    const plot = join(root, "calibration.svg");
    const result = await evaluatePrm(
      { model, engine: ONE, prm, problems: 8, samples: 8, k: 4, calibrationPlot: plot },
      {
        task: {
          ...letters,
          *load() {
            for (let i = 0; i < 40; i++) yield { id: `${i}`, letter: "abcd"[i % 4]! };
          },
        },
      },
    );
    expect(result.firstError!.f1).toBeGreaterThan(0.9);
    expect(result.steps!.auc).toBeGreaterThan(0.97);
    const { best, one, any } = result.selection;
    expect(best.last.value).toBeGreaterThan(one.value + 0.1);
    expect(best.last.value).toBeGreaterThan(any.value - 0.15);
    expect(readFileSync(plot, "utf8")).toContain("<svg");
  });

  test("eval --select prm adds what it chooses", async () => {
    const settings = { model, engine: ONE, problems: 4, samples: 8, k: [1, 8], greedy: false };
    const result = await evaluateModel({ ...settings, select: "prm", prm, score: "last" }, hooks);
    expect(result.best![8]!.value).toBeGreaterThanOrEqual(result.avg!.value);
    expect(Object.keys(result.vote!)).toEqual(["1", "8"]);
    expect(result.best![1]!.value).toBe(result.avg!.value); // of one there is no choice
    await expect(evaluateModel({ ...settings, select: "prm" }, hooks)).rejects.toThrow("expected a reward model");
  });

  test.each([
    ["a reward model", () => ({ prm })],
    ["the task's step verifier, as DeepSeekMath has it", () => ({ stepVerifier: true, credit: "process" as const })],
    ["values of fresh completions", () => ({ rollouts: 2 })],
  ])("GRPO learns from %s", async (name, process) => {
    const run = {
      ...{ model, out: root, name: name.slice(0, 12).replaceAll(/\W/g, "-"), engine: ONE, checkpointEvery: 0 },
      process: process(),
      grpo: {
        steps: 15,
        promptsPerStep: 4,
        groupSize: 8,
        learningRate: 5e-3,
        warmupSteps: 0,
        truncation: "score" as const,
      },
      eval: { every: 0, problems: 4, samples: 32 },
    };
    const { summary, path } = await grpo(run, hooks);
    expect(summary!.after.pass1).toBeGreaterThan(summary!.before.pass1 + 0.2);
    const [, first] = lines(join(path, "metrics.jsonl"));
    expect(first["process/mean_steps"]).toBeGreaterThan(1);
  });
});

describe("process settings", () => {
  const refused = (settings: object) => grpo({ model, out: root, engine: ONE, ...settings }, { task: echo });

  test("are refused where nothing scores steps, or several things do", async () => {
    await expect(refused({ grpo: { advantage: "process" } })).rejects.toThrow("nothing scores single steps");
    await expect(refused({ process: { stepVerifier: true, rollouts: 2 } })).rejects.toThrow(
      "stepVerifier and rollouts",
    );
    await expect(refused({ process: { stepVerifier: true } })).rejects.toThrow("judges no steps");
    await expect(refused({ process: { prm: model } })).rejects.toThrow("no prm.json");
    const kl = { klCoef: 0.1, klIn: "reward" };
    await expect(refused({ process: { rollouts: 2 }, grpo: kl })).rejects.toThrow(
      "must be loss with process advantages",
    );
  });
});
