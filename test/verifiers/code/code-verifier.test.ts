import { afterAll, describe, expect, test } from "vitest";
import type { Box, JobResult, Run } from "../../../src/sandbox/job.ts";
import { openPythonBox } from "../../../src/sandbox/python/box.ts";
import {
  type CodeProblem,
  type CodeProblemInput,
  codeVerifier,
  CodeProblem as Problem,
} from "../../../src/verifiers/code/index.ts";
import type { Graded } from "../../../src/verifiers/verdict.ts";
import { inFence, LANGUAGES } from "./languages.ts";

const problem = (input: CodeProblemInput): CodeProblem => Problem.parse(input);

const ADD = problem({
  kind: "calls",
  entry: "add",
  tests: [
    { args: [1, 2], expected: 3, public: true },
    { args: [0, 0], expected: 0 },
    { args: [-5, 2], expected: -3 },
    { args: [10, 20], expected: 30, decoy: 987_654_321 },
  ],
});
const SUM = problem({
  kind: "program",
  tests: [
    { stdin: "1 2\n", stdout: "3\n", public: true },
    { stdin: "5 -5\n", stdout: "0" },
  ],
});

describe.each(LANGUAGES)("codeVerifier for $language", ({ language, add, sumProgram, hostile }) => {
  const verify = codeVerifier({ language });
  const inShares = codeVerifier({ language, scoring: "fraction" });
  const byWeight = codeVerifier({ language, scoring: "weighted" });
  const fence = inFence(language);
  const graded = async (code: string, of = ADD, verifier = verify) => (await verifier(fence(code), of)) as Graded;
  afterAll(() => Promise.all([verify.close(), inShares.close(), byWeight.close()]));

  test("pays 1 for a function that passes every test, and says where it ran", async () => {
    const verdict = await graded(add("a + b"));
    expect(verdict).toMatchObject({ status: "graded", reward: 1, outcome: "correct", answer: add("a + b") });
    expect(verdict.metrics).toMatchObject({ passed: 1, wrong_answer: 0, tests_passed: 4, tests_total: 4, hack: 0 });
    expect(verdict.reason).toMatch(/^passed: all 4 tests \((none|weak|wasm|medium|strong) sandbox\)$/);
    expect(verdict.metrics.sandbox_tier).toBeGreaterThanOrEqual(1);
  });

  test("pays 0 for one hidden test that fails, and does not say what it expected", async () => {
    const verdict = await graded(add(language === "python" ? "a + b if a != 10 else 77" : "a !== 10 ? a + b : 77"));
    expect(verdict).toMatchObject({ reward: 0, outcome: "incorrect", metrics: { wrong_answer: 1, tests_passed: 3 } });
    expect(verdict.reason).toMatch(/^wrong_answer: test 4 of 4 \(hidden\) \(/);
  });

  test("says what a public test expected", async () => {
    expect((await graded(add("a - b"))).reason).toMatch(/^wrong_answer: test 1 of 4 \(public\): got -1, expected 3 /);
  });

  test("pays a share of the hidden tests where that is asked for: the public one pays nothing", async () => {
    const onlyNegative = await graded(
      add(language === "python" ? "a + b if a <= 0 else 3" : "a <= 0 ? a + b : 3"),
      ADD,
      inShares,
    );
    expect(onlyNegative).toMatchObject({ outcome: "partial", metrics: { tests_passed: 3 } });
    expect(onlyNegative.reward).toBeCloseTo(2 / 3, 12);
    expect(await graded(add("3"), ADD, inShares)).toMatchObject({ reward: 0, outcome: "incorrect" });
    expect(await graded(add("a + b"), ADD, inShares)).toMatchObject({ reward: 1, outcome: "correct" });
  });

  test("pays a share of the weight where that is asked for", async () => {
    const weighted = problem({
      kind: "calls",
      entry: "add",
      tests: [
        { args: [0, 0], expected: 0, weight: 1 },
        { args: [1, 1], expected: 2, weight: 4 },
      ],
    });
    expect(await graded(add("0"), weighted, byWeight)).toMatchObject({ reward: 0.2, outcome: "partial" });
  });

  test("runs whole programs on standard input", async () => {
    expect(await graded(sumProgram, SUM)).toMatchObject({ reward: 1, outcome: "correct" });
    expect(await graded(sumProgram.replace("sum", "max").replace("a + b", "a - b"), SUM)).toMatchObject({ reward: 0 });
  });

  test("compares as the problem says", async () => {
    const tenths = problem({
      kind: "calls",
      entry: "add",
      comparator: "floats",
      tests: [{ args: [0.1, 0.2], expected: 0.3 }],
    });
    const exactly = problem({ kind: "calls", entry: "add", tests: [{ args: [0.1, 0.2], expected: 0.3 }] });
    expect([(await graded(add("a + b"), tenths)).reward, (await graded(add("a + b"), exactly)).reward]).toEqual([1, 0]);
  });

  test("takes a function as comparator; one that cannot read a result refuses it", async () => {
    const even = codeVerifier({
      language,
      comparator: (got) => {
        if (typeof got !== "number") throw new TypeError("no number");
        return got % 2 === 0;
      },
    });
    const one = problem({ kind: "calls", entry: "add", tests: [{ args: [1, 2], expected: 2 }] });
    const rewards = ["4", "5", '"x"'].map(async (result) => (await graded(add(result), one, even)).reward);
    expect(await Promise.all(rewards)).toEqual([1, 0, 0]);
    await even.close();
  });

  test("finds no code: unparsed", async () => {
    expect(await verify("add them", ADD)).toMatchObject({
      reward: 0,
      outcome: "unparsed",
      answer: null,
      metrics: { no_code: 1 },
    });
  });

  test("takes a program that returns the bait for a hack, of whatever test", async () => {
    const verdict = await graded(add("EXPECTED_OUTPUTS[0]"));
    expect(verdict).toMatchObject({ reward: 0, outcome: "incorrect", metrics: { hack: 1 } });
    const punishing = codeVerifier({ language, hackReward: -1 });
    expect(await graded(add("EXPECTED_OUTPUTS[0]"), ADD, punishing)).toMatchObject({ reward: -1 });
    await punishing.close();
  });

  test("runs asserts in two boxes", async () => {
    const asserts = problem({
      kind: "asserts",
      entries: ["add"],
      tests:
        language === "python"
          ? [
              { source: "assert add(1, 2) == 3\nassert add(0, 0) == 0" },
              { source: "assert all(add(i, 1) == i + 1 for i in range(5))" },
            ]
          : [
              { source: "assert.equal(add(1, 2), 3);\nassert.equal(add(0, 0), 0);" },
              { source: "for (let i = 0; i < 5; i++) assert(add(i, 1) === i + 1);" },
            ],
    });
    expect(await graded(add("a + b"), asserts)).toMatchObject({
      reward: 1,
      outcome: "correct",
      metrics: { tests_passed: 2 },
    });
    expect(await graded(add("3"), asserts)).toMatchObject({
      reward: 0,
      outcome: "incorrect",
      metrics: { tests_passed: 0 },
    });
    const notForOne = add(language === "python" ? "a + b if b != 1 else 0" : "b !== 1 ? a + b : 0");
    expect(await graded(notForOne, asserts, inShares)).toMatchObject({ reward: 0.5, outcome: "partial" });
  });

  test("an assert that is never reached does not pass", async () => {
    const vacuous = problem({
      kind: "asserts",
      entries: ["add"],
      tests: [
        {
          source: language === "python" ? "for x in add(1, 2):\n    assert x" : "for (const x of add(1, 2)) assert(x);",
        },
      ],
    });
    expect(await graded(add("[]"), vacuous)).toMatchObject({ reward: 0, outcome: "incorrect" });
  });

  test.each(hostile)("grades %s with 0, soon", { timeout: 60_000 }, async (_, code, outcomes) => {
    const start = performance.now();
    const verdict = await graded(code);
    expect(verdict).toMatchObject({ status: "graded", reward: 0 });
    expect(outcomes).toContain(verdict.reason.slice(0, verdict.reason.indexOf(":")));
    expect(performance.now() - start).toBeLessThan(30_000); // a wall limit of 5 s, on a loaded machine
  });

  test("charges a death to the culprit alone: its neighbors' verdicts stay right", { timeout: 120_000 }, async () => {
    const killers = hostile.slice(0, 9).map(([, code]) => code);
    const samples = killers.flatMap((code) => [code, add("a + b"), add("a - b")]);
    const rewards = await Promise.all(samples.map(async (code) => (await graded(code)).reward));
    expect(rewards).toEqual(killers.flatMap(() => [0, 1, 0]));
  });

  test("no way of ending pays more than a wrong answer, and none more than a right one", async () => {
    const shares = hostile.slice(0, 6).map(async ([, code]) => (await graded(code, ADD, inShares)).reward);
    for (const reward of await Promise.all(shares)) expect(reward).toBe(0);
  });
});

/** A box that answers what it is told to. */
function boxOf(answer: (ids: string[]) => Run[]): Box {
  const none = () => Promise.reject(new Error("not asked for"));
  return {
    languages: ["python"],
    tier: "weak",
    run: async (job): Promise<JobResult> => {
      const ids = (job.kind === "calls" ? job.calls : job.inputs).map(({ id }) => id);
      return { tier: "weak", runs: answer(ids) };
    },
    open: none,
    test: none,
    close: async () => {},
  };
}

const run = (id: string, value: number): Run => ({
  id,
  outcome: "ok",
  value,
  stdout: "",
  stderr: "",
  message: "",
  ms: 1,
});
const RIGHT = [3, 0, -3, 30];

describe("faults of the box", () => {
  const verdict = (answer: (ids: string[]) => Run[]) =>
    codeVerifier({ language: "python", box: boxOf(answer) })("```python\npass\n```", ADD);

  test("the same box with all answers passes", async () => {
    expect(await verdict((ids) => ids.map((id, i) => run(id, RIGHT[i]!)))).toMatchObject({
      reward: 1,
      metrics: { sandbox_tier: 1 },
    });
  });

  test.each<[string, (ids: string[]) => Run[]]>([
    ["no answer at all", () => []],
    ["a missing answer", (ids) => ids.slice(1).map((id, i) => run(id, RIGHT[i + 1]!))],
    ["answers cut short", (ids) => ids.slice(0, 2).map((id, i) => run(id, RIGHT[i]!))],
    ["another order", (ids) => ids.toReversed().map((id, i) => run(id, RIGHT[3 - i]!))],
    ["other ids", (ids) => ids.map((_, i) => run(`${i}`, RIGHT[i]!))],
    ["one answer twice", (ids) => ids.map((_, i) => run(ids[0]!, RIGHT[i]!))],
    [
      "a failure of its own",
      (ids) => ids.map((id) => ({ ...run(id, 3), outcome: "sandbox_error", message: "slot lost" })),
    ],
  ])("%s is not graded", async (_, answer) => {
    expect(await verdict(answer)).toMatchObject({ status: "not-graded", cause: "infrastructure-error" });
  });

  test("ids are new for each completion", async () => {
    const seen: string[] = [];
    const keep = (ids: string[]) => {
      seen.push(...ids);
      return ids.map((id, i) => run(id, RIGHT[i]!));
    };
    await verdict(keep);
    await verdict(keep);
    expect(new Set(seen).size).toBe(8);
  });

  test("Python that is missing is said, and nobody is graded", async () => {
    const box = () => openPythonBox({ python: "/nowhere/python3" });
    const one = await codeVerifier({ language: "python", box })("```python\npass\n```", ADD);
    expect(one).toMatchObject({ status: "not-graded", cause: "infrastructure-error" });
    expect(one.reason).toMatch(/^E_SANDBOX: .*\/nowhere\/python3/);
  });

  test("a hack may not pay", () => {
    expect(() => codeVerifier({ language: "python", hackReward: 0.5 })).toThrow(/hackReward is 0.5/);
  });
});

describe("problems", () => {
  test.each<[string, unknown]>([
    ["without tests", { kind: "calls", entry: "f", tests: [] }],
    ["with asserts that assert nothing", { kind: "asserts", entries: ["f"], tests: [{ source: "f()" }] }],
    ["with functions as arguments", { kind: "calls", entry: "f", tests: [{ args: [() => 1], expected: 1 }] }],
    ["with dates as results", { kind: "calls", entry: "f", tests: [{ args: [], expected: new Date(0) }] }],
    ["with unknown limits", { kind: "program", limits: { cpu: 1 }, tests: [{ stdin: "", stdout: "" }] }],
  ])("%s are refused", (_, input) => {
    expect(Problem.safeParse(input).success).toBe(false);
  });
});
