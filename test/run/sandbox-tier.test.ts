/** A run demands a least containment of the code that its task runs, before it starts, and says what it had. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadTask, sandboxTier, type Task } from "../../src/rollout/index.ts";
import { evaluateModel, grpo, readManifest, sft } from "../../src/run/index.ts";
import { holds, type Tier } from "../../src/sandbox/index.ts";
import { codeVerifier } from "../../src/verifiers/index.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, ONE, saveTinyModel } from "./tiny.ts";

const root = temporaryFolder();
let model = "";
beforeAll(async () => {
  model = await saveTinyModel(root);
});

/** A task whose code would run in this tier. */
const heldIn = (tier: Tier): Task => ({ ...echo, sandbox: async () => tier });
const refusal = {
  code: "E_SANDBOX",
  message: 'the task "echo" runs code in tier "medium", expected "strong" or better',
};

const settings = (name: string) => ({
  ...{ model, out: root, name, engine: ONE },
  grpo: { steps: 1, promptsPerStep: 2, groupSize: 2, dynamicSampling: "keep" as const },
  eval: { every: 0, quickProblems: 1, problems: 1, samples: 8 },
});

describe("minTier", () => {
  test("below it, nothing starts and nothing is left", async () => {
    const task = heldIn("medium");
    const { engine, out } = settings("");
    await expect(grpo({ ...settings("refused"), minTier: "strong" }, { task })).rejects.toMatchObject(refusal);
    await expect(sft({ model, engine, out, name: "refused", minTier: "strong" }, { task })).rejects.toMatchObject(
      refusal,
    );
    await expect(evaluateModel({ model, engine, minTier: "strong" }, { task })).rejects.toMatchObject(refusal);
    expect(existsSync(join(root, "refused"))).toBe(false);
  });

  test("is weak by default: code that nothing holds is not run", async () => {
    await expect(grpo(settings("open"), { task: heldIn("none") })).rejects.toThrow('in tier "none", expected "weak"');
  });

  test("a run says in its manifest how its code was held, and null where it ran none", async () => {
    await grpo(settings("held"), { task: heldIn("medium") });
    await grpo(settings("without"), { task: echo });
    expect(readManifest(join(root, "held")).sandbox).toBe("medium");
    expect(readManifest(join(root, "without")).sandbox).toBe(null);
  });

  test("a run that goes on elsewhere says how its code is held there", async () => {
    await grpo(settings("held"), { task: heldIn("strong"), resume: true });
    expect(readManifest(join(root, "held")).sandbox).toBe("strong");
  });
});

describe("the tier of a code verifier", () => {
  const box = { languages: ["python" as const], tier: "none" as const };
  const never = () => Promise.reject(new Error("nothing runs here"));
  const farm = { ...box, run: never, open: never, test: never, close: async () => {} };

  test("is that of the box it was given", async () => {
    const sandbox = codeVerifier({ language: "python", box: farm }).tier;
    expect(await sandboxTier({ name: "farmed", sandbox }, "none")).toBe("none");
    await expect(sandboxTier({ name: "farmed", sandbox }, "weak")).rejects.toMatchObject({ code: "E_SANDBOX" });
  });

  test.each(["code-js", "code-python"])("is said by %s", async (name) => {
    const task = await loadTask(name);
    const tier = (await sandboxTier(task, "none")) as Tier;
    const [example] = task.cases;
    const row = task.row.parse(example!.row);
    const verdict = await task.verify(example!.completion, row);
    expect(holds(tier, "weak")).toBe(true);
    expect(verdict).toMatchObject({
      status: "graded",
      reward: 1,
      reason: expect.stringContaining(`(${tier} sandbox)`),
    });
  });
});
