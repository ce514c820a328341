import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { judge } from "../../src/rollout/judge.ts";
import { defineTask, graded, notGraded, type Verdict, type Verifier } from "../../src/rollout/task.ts";

const Row = z.strictObject({ id: z.string(), answer: z.string() });
const row = { id: "1", answer: "yes" };

/** A small real task around a verifier. */
function taskWith(verify: Verifier<z.infer<typeof Row>>) {
  return defineTask({
    name: "echo",
    description: "say the answer",
    row: Row,
    prompt: ({ answer }) => answer,
    verify,
    load: () => [row],
    cases: [{ row, completion: "yes", reward: 1 }],
    maxTokens: 8,
  });
}

const says = (text: string, answer: string) => graded(text === answer ? 1 : 0, "correct", text, "compared");
const texts = (...all: string[]) => all.map((completion, i) => ({ id: `t${i}`, completion }));

/** The one verdict of a verifier that returns this, whatever its type. */
async function verdictFor(returned: unknown, timeoutMs?: number) {
  const task = taskWith(() => returned as Verdict);
  const judgments = await judge(task, row, texts("yes"), { concurrency: 1, ...(timeoutMs && { timeoutMs }) });
  return judgments.get("t0");
}

describe("judge", () => {
  test("gives rewards by id, in the order of the completions, whatever order the verdicts come in", async () => {
    const task = taskWith(async (completion, { answer }) => {
      await sleep(completion === "no" ? 30 : 1);
      return says(completion, answer);
    });
    const judgments = await judge(task, row, texts("no", "yes"), { concurrency: 2 });
    expect([...judgments].map(([id, { reward }]) => [id, reward])).toEqual([
      ["t0", 0],
      ["t1", 1],
    ]);
    expect(judgments.get("t0")?.verifyMs).toBeGreaterThan(20);
  });

  test("a throw is not graded and never a reward of 0; its neighbors keep theirs", async () => {
    const task = taskWith((completion, { answer }) => {
      if (completion === "bug") throw new TypeError("answer is undefined");
      return says(completion, answer);
    });
    const judgments = await judge(task, row, texts("yes", "bug", "no"), { concurrency: 3 });
    expect([...judgments.values()].map(({ reward }) => reward)).toEqual([1, null, 0]);
    expect(judgments.get("t1")?.verdict).toEqual({
      status: "not-graded",
      cause: "verifier-error",
      reason: "TypeError: answer is undefined",
    });
  });

  test("a rejected promise, and a thrown text, count like a throw", async () => {
    expect(await verdictFor(Promise.reject(new Error("lost")))).toMatchObject({
      verdict: { reason: "Error: lost" },
      reward: null,
    });
    const task = taskWith(() => {
      throw "a text";
    });
    const judgments = await judge(task, row, texts("yes"), { concurrency: 1 });
    expect(judgments.get("t0")?.verdict).toMatchObject({ cause: "verifier-error", reason: "a text" });
  });

  test.each([
    ["NaN", graded(Number.NaN, "correct", null, "")],
    ["infinity", graded(Number.POSITIVE_INFINITY, "correct", null, "")],
    ["an unknown outcome", { ...graded(1, "correct", null, ""), outcome: "great" }],
    ["a metric that is NaN", graded(1, "correct", null, "", { length: Number.NaN })],
    ["a misspelled field", { ...graded(1, "correct", null, ""), rewards: 1 }],
    ["a bare number", 1],
    ["nothing", undefined],
  ])("%s is no verdict: not graded, the verifier's error", async (_name, returned) => {
    expect(await verdictFor(returned)).toMatchObject({
      verdict: {
        status: "not-graded",
        cause: "verifier-error",
        reason: expect.stringContaining("returned no verdict"),
      },
      reward: null,
    });
  });

  test("a verifier that abstains stays so", async () => {
    expect(await verdictFor(notGraded("abstained", "unclear"))).toMatchObject({
      verdict: { cause: "abstained" },
      reward: null,
    });
  });

  test("a missed deadline is our fault: not graded", async () => {
    const late = sleep(2000, graded(1, "correct", "yes", ""), { ref: false });
    const judgment = await verdictFor(late, 20);
    expect(judgment?.verdict).toEqual({
      status: "not-graded",
      cause: "infrastructure-error",
      reason: "no verdict within 20 ms",
    });
  });

  test("a verifier that only computes keeps its verdict, however long it took", async () => {
    const task = taskWith((completion, { answer }) => {
      const until = performance.now() + 15;
      while (performance.now() < until);
      return says(completion, answer);
    });
    const judgments = await judge(task, row, texts("yes"), { concurrency: 1, timeoutMs: 5 });
    expect(judgments.get("t0")?.reward).toBe(1);
  });

  test("at most `concurrency` verifiers are under way", async () => {
    let running = 0;
    let most = 0;
    const task = taskWith(async (completion, { answer }) => {
      most = Math.max(most, ++running);
      await sleep(2);
      running--;
      return says(completion, answer);
    });
    await judge(task, row, texts(..."abcdefghij"), { concurrency: 3 });
    expect(most).toBe(3);
  });

  test("refuses two completions with one id", async () => {
    const twice = [...texts("yes"), ...texts("no")];
    await expect(
      judge(
        taskWith(() => notGraded("abstained", "")),
        row,
        twice,
        { concurrency: 1 },
      ),
    ).rejects.toMatchObject({
      code: "E_MISMATCH",
      message: 'two completions have the id "t0"',
    });
  });
});
