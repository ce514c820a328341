import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Task } from "../../src/rollout/index.ts";
import { evaluateModel, sampleModel } from "../../src/run/index.ts";
import { graded, notGraded } from "../../src/verifiers/verdict.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, LETTERS, ONE, saveTinyModel, tinyModel } from "./tiny.ts";

const root = temporaryFolder();
let model = "";
/** All weights 0, so all logits 0: each of the V tokens is as likely as any other. */
let uniform = "";
const V = tinyModel().config.vocabSize;

beforeAll(async () => {
  model = await saveTinyModel(root);
  const flat = tinyModel();
  flat.weights.flat.fill(0);
  uniform = await saveTinyModel(join(root, "uniform"), flat);
});

/** Right where the first token is the letter; 200 problems. */
const first: Task = {
  ...echo,
  maxTokens: 1,
  verify: (completion, row) => {
    const isRight = completion === (row as { letter: string }).letter;
    return graded(isRight ? 1 : 0, isRight ? "correct" : "incorrect", completion, "");
  },
  *load() {
    for (let i = 0; i < 200; i++) yield { id: `${i}`, letter: LETTERS[i % LETTERS.length] };
  },
};
const always: Task = { ...echo, verify: () => graded(1, "correct", "x", "") };
const settings = { engine: ONE, problems: 4, samples: 8, k: [1, 8, 16] };

describe("evaluateModel", () => {
  test("a uniform policy over V tokens is right once in V, and with k tries 1 − (1 − 1/V)^k", async () => {
    const result = await evaluateModel({ ...settings, model: uniform, problems: 200, k: [1, 4, 8] }, { task: first });
    const within = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(0.05);
    within(result.avg!.value, 1 / V);
    within(result.pass[1]!.value, 1 / V);
    within(result.pass[4]!.value, 1 - (1 - 1 / V) ** 4);
    within(result.pass[8]!.value, 1 - (1 - 1 / V) ** 8);
    expect(result.avg!.ci95[0]).toBeLessThan(1 / V);
    expect(result.avg!.ci95[1]).toBeGreaterThan(1 / V);
    expect(result).toMatchObject({ task: "echo", problems: 200, samples: 8, ungraded: 0, meanLength: 1 });
  });

  test("where all are right everything is 1, and no interval claims certainty from 4 problems", async () => {
    const result = await evaluateModel({ ...settings, model }, { task: always });
    // Wilson's lower bound at 4 of 4: 4 / (4 + 1.96²) = .5101
    for (const estimate of [result.greedy, result.avg, result.pass[1], result.pass[8], result.maj[8]]) {
      expect(estimate?.value).toBe(1);
      expect(estimate?.ci95[0]).toBeCloseTo(0.5101, 4);
      expect(estimate?.ci95[1]).toBe(1);
    }
    expect(Object.keys(result.pass)).toEqual(["1", "8"]); // 16 is more than the samples
  });

  test("what was not graded is counted, and is not right", async () => {
    const broken: Task = { ...echo, verify: () => notGraded("verifier-error", "out of order") };
    const result = await evaluateModel({ ...settings, model, samples: 0 }, { task: broken });
    expect(result).toMatchObject({ ungraded: 1, greedy: { value: 0 }, avg: null, pass: {}, maj: {} });
  });

  test("the same seed gives the same figures, whatever the number of executors", async () => {
    const one = await evaluateModel({ ...settings, model: uniform, problems: 40 }, { task: first });
    const two = await evaluateModel(
      { ...settings, model: uniform, problems: 40, engine: { executors: 2, threads: 1, slots: 3 } },
      { task: first },
    );
    expect({ ...two, seconds: 0 }).toEqual({ ...one, seconds: 0 });
  });

  test("refuses to measure nothing", async () => {
    const nothing = evaluateModel({ ...settings, model, greedy: false, samples: 0 }, { task: echo });
    await expect(nothing).rejects.toThrow("expected something to measure");
  });
});

describe("sampleModel", () => {
  test("shows problems with verdicts, or a prompt without", async () => {
    const problems = await sampleModel({ engine: ONE, model, problems: 2, samples: 3 }, { task: echo });
    expect(problems.map(({ prompt, completions }) => [prompt, completions.length])).toEqual([
      ["a=", 3],
      ["b=", 3],
    ]);
    for (const { verdict, tokens, stopReason } of problems.flatMap(({ completions }) => completions)) {
      expect(verdict?.status).toBe("graded");
      expect(stopReason === "length" ? tokens === 3 : tokens <= 3).toBe(true);
    }
    const [own] = await sampleModel({ engine: ONE, model, prompt: "c?", samples: 1, temperature: 0 }, { task: echo });
    expect(own).toMatchObject({ prompt: "c?", completions: [{ verdict: null }] });
  });

  test("the log-prob of one token of a uniform policy is −ln V", async () => {
    const [problem] = await sampleModel({ engine: ONE, model: uniform, problems: 1, samples: 2 }, { task: first });
    for (const { logProb } of problem!.completions) expect(logProb).toBeCloseTo(-Math.log(V), 5);
  });
});
