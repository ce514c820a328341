/** The problems of tasks/code-js and tasks/code-python are what they say: references pass, plausible mistakes do not. */
import { afterAll, describe, expect, test } from "vitest";
import { readRows } from "../../src/rollout/index.ts";
import type { Language } from "../../src/sandbox/job.ts";
import { CodeRow, codePrompt, codeRow, codeVerifier, fenced } from "../../src/verifiers/code/index.ts";
import { PROBLEMS as JAVASCRIPT } from "../../tasks/code-js/problems.ts";
import codeJs from "../../tasks/code-js/task.ts";
import { PROBLEMS as PYTHON } from "../../tasks/code-python/problems.ts";
import codePython from "../../tasks/code-python/task.ts";
import { LANGUAGES } from "../verifiers/code/languages.ts";

const runnable = (language: Language) => LANGUAGES.some((one) => one.language === language);
const TASKS = [
  { task: codeJs, language: "javascript", problems: JAVASCRIPT },
  { task: codePython, language: "python", problems: PYTHON },
] as const;

describe.each(TASKS)("$task.name", ({ task, language, problems }) => {
  test("has at least 30 problems, each with hidden tests that its prompt does not show", () => {
    expect(problems.length).toBeGreaterThanOrEqual(30);
    expect(new Set(problems.map(({ id }) => id)).size).toBe(problems.length);
    for (const written of problems) {
      expect(written.examples.length, written.id).toBeGreaterThanOrEqual(1);
      expect(written.hidden.length, written.id).toBeGreaterThanOrEqual(6);
      const inputs = [...written.examples, ...written.hidden].map((one) => JSON.stringify(one));
      expect(new Set(inputs).size, written.id).toBe(inputs.length);
    }
  });

  test("has prompts that show the examples and nothing of the reference", () => {
    for (const written of problems) {
      const prompt = codePrompt(CodeRow.parse(codeRow(written)), language);
      expect(prompt).toContain(written.statement);
      expect(prompt).not.toContain(written.solution.trim());
      expect(prompt).not.toContain("EXPECTED_OUTPUTS");
    }
  });

  test("has two splits that share no problem", async () => {
    const [train, evaluation] = [await readRows(task, "train", 0, 1000), await readRows(task, "eval", 0, 1000)];
    const ids = [...train, ...evaluation].map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(problems.map(({ id }) => id)));
    expect(ids.length).toBe(problems.length);
    expect(evaluation.length).toBeGreaterThanOrEqual(7);
  });
});

describe.each(TASKS.filter(({ language }) => runnable(language)))(
  "problems of $task.name",
  ({ language, problems }) => {
    const verify = codeVerifier({ language });
    afterAll(() => verify.close());

    test.each(problems.map((written) => [written.id, written] as const))("%s", async (_, written) => {
      const { problem } = CodeRow.parse(codeRow(written));
      const right = await verify(fenced(written.solution, language), problem);
      expect(right).toMatchObject({ reward: 1, outcome: "correct", metrics: { tests_passed: problem.tests.length } });

      const hidden = { ...problem, tests: problem.tests.filter((one) => !one.public) } as typeof problem;
      const wrong = await verify(fenced(written.wrong, language), hidden);
      expect(wrong).toMatchObject({ status: "graded", reward: 0, metrics: { hack: 0 } });
    });
  },
);
