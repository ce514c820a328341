import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { withDeadline } from "../../../src/verifiers/deadline.ts";
import { sglangScore, vllmScore } from "../../../src/verifiers/model/http-reward-model.ts";
import { type Pair, rewardModel, type Score } from "../../../src/verifiers/model/reward-model.ts";
import { notGraded, type Verdict } from "../../../src/verifiers/verdict.ts";
import { loopback, type Received } from "./loopback.ts";

const prompt = (row: { question: string }) => row.question;
const row = { question: "Why?" };
const rewardOf = (verdict: Verdict) => (verdict.status === "graded" ? verdict.reward : verdict.reason);

/** Scores a completion by its length. */
const length: Score = (pairs) => pairs.map(({ completion }) => completion.length);

describe("rewardModel", () => {
  test("scores pairs; a score is neither right nor wrong", async () => {
    let seen: readonly Pair[] = [];
    const verify = rewardModel(
      (pairs) => {
        seen = pairs;
        return [0.25];
      },
      { prompt },
    );
    expect(await verify("Because.", row)).toEqual({
      status: "graded",
      reward: 0.25,
      outcome: "partial",
      answer: null,
      reason: "the reward model's score is 0.25",
      metrics: { score: 0.25 },
    });
    expect(seen).toEqual([{ prompt: "Why?", completion: "Because." }]);
  });

  test("what is asked in one turn goes in batches, and everyone gets his own score", async () => {
    const sizes: number[] = [];
    const verify = rewardModel(
      async (pairs, signal) => {
        sizes.push(pairs.length);
        await sleep(sizes.length === 1 ? 10 : 0);
        return length(pairs, signal);
      },
      { prompt, batch: 4 },
    );
    const lengths = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
    const rewards = (await Promise.all(lengths.map((n) => verify("x".repeat(n), row)))).map(rewardOf);
    expect(rewards).toEqual(lengths);
    expect(sizes).toEqual([4, 4, 2]);
    await sleep(1);
    expect(rewardOf(await verify("xx", row))).toBe(2);
    expect(sizes).toEqual([4, 4, 2, 1]);
  });

  test("normalizes, and holds rewards to their range", async () => {
    const verify = rewardModel(length, { prompt, mean: 4, std: 2, range: [-1, 1] });
    const verdicts = await Promise.all([2, 3, 6, 7].map((n) => verify("x".repeat(n), row)));
    expect(verdicts.map(rewardOf)).toEqual([-1, -0.5, 1, "the reward is 1.5, expected it within [-1, 1]"]);
    expect(verdicts[1]).toMatchObject({ metrics: { score: 3 } });
    expect(verdicts[3]).toMatchObject({ status: "not-graded", cause: "verifier-error" });
  });

  test("a score that is no number hurts nobody else", async () => {
    const scores = [1, Number.NaN, Number.POSITIVE_INFINITY, 2];
    const verify = rewardModel(() => scores, { prompt });
    const verdicts = await Promise.all(scores.map(() => verify("x", row)));
    expect(verdicts.map(({ status }) => status)).toEqual(["graded", "not-graded", "not-graded", "graded"]);
    expect(verdicts[1]).toMatchObject({ cause: "verifier-error", reason: "the reward model's score is NaN" });
  });

  test.each<[name: string, score: Score, cause: string, reason: string]>([
    ["too few scores", () => [1], "verifier-error", "1 scores, expected 2"],
    ["too many", () => [1, 2, 3], "verifier-error", "3 scores, expected 2"],
    ["a rejection", () => Promise.reject(new Error("out of memory")), "infrastructure-error", "out of memory"],
    ["a fault that is said", () => notGraded("infrastructure-error", "down"), "infrastructure-error", "down"],
    [
      "a throw",
      () => {
        throw new TypeError("no model");
      },
      "infrastructure-error",
      "TypeError: no model",
    ],
  ])("%s leaves all of the batch not graded", async (_name, score, cause, reason) => {
    const verify = rewardModel(score, { prompt });
    for (const verdict of await Promise.all([verify("a", row), verify("b", row)])) {
      expect(verdict).toMatchObject({ status: "not-graded", cause, reason: expect.stringContaining(reason) });
    }
  });

  test("a batch is given up when all who wait for it have", async () => {
    const signals: AbortSignal[] = [];
    const verify = rewardModel(
      async (pairs, signal) => {
        signals.push(signal);
        await sleep(30);
        return pairs.map(() => 1);
      },
      { prompt },
    );
    const impatient = withDeadline(verify, 5);
    await Promise.all([impatient("a", row), impatient("b", row)]);
    expect(signals[0]?.aborted).toBe(true);
    const [, patient] = await Promise.all([impatient("a", row), verify("b", row)]);
    expect(patient).toMatchObject({ reward: 1 });
    expect(signals[1]?.aborted).toBe(false);
  });

  test.each([
    { batch: 0 },
    { batch: 1.5 },
    { std: 0 },
    { std: Number.NaN },
    { mean: Number.NaN },
    { range: [1, 1] as const },
  ])("refuses %j", (options) => {
    expect(() => rewardModel(length, { prompt, ...options })).toThrow("rewardModel has");
  });
});

describe.each([
  ["vllmScore", vllmScore, "/classify", (score: number) => ({ probs: [0.1, score] })],
  ["sglangScore", sglangScore, "/v1/embeddings", (score: number) => ({ embedding: [0.1, score] })],
] as const)("%s", (_name, score, path, item) => {
  const reward = ({ body }: Received) => body.input.map((text: string) => text.length);

  test("sends the batch as one request and reads the last number of each", async () => {
    const { baseUrl, received } = await loopback((request) => ({
      body: {
        data: reward(request)
          .map((n: number, index: number) => ({ index, ...item(n) }))
          .reverse(),
      },
    }));
    const verify = rewardModel(score({ server: { baseUrl }, model: "rm" }), { prompt });
    const verdicts = await Promise.all([verify(" x", row), verify(" xyz", row)]);
    expect(verdicts.map(rewardOf)).toEqual([6, 8]);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ path, body: { model: "rm", input: ["Why? x", "Why? xyz"] } });
    expect(received[0]?.body.use_activation).toBe(path === "/classify" ? false : undefined);
  });

  test("takes the model's own template and further fields", async () => {
    const { baseUrl, received } = await loopback(() => ({ body: { data: [item(0.5)] } }));
    const text = ({ prompt, completion }: Pair) => `<user>${prompt}<bot>${completion}`;
    const one = score({ server: { baseUrl }, model: "rm", text, body: { truncate_prompt_tokens: -1 } });
    expect(await rewardModel(one, { prompt })("x", row)).toMatchObject({ reward: 0.5 });
    expect(received[0]?.body).toMatchObject({ input: ["<user>Why?<bot>x"], truncate_prompt_tokens: -1 });
  });

  test.each([
    ["500", { status: 500 }],
    ["torn JSON", { body: '{"data": [' }],
    ["something else", { body: { error: "no such model" } }],
    ["no number", { body: { data: [{ index: 0 }] } }],
    ["null for NaN", { body: { data: [item(Number.NaN)] } }],
    ["too many", { body: { data: [item(1), item(2)] } }],
    [
      "an index twice",
      {
        body: {
          data: [
            { index: 0, ...item(1) },
            { index: 0, ...item(2) },
          ],
        },
      },
    ],
    ["none", { body: { data: [] } }],
  ])("%s is an infrastructure error, never a reward", async (_name, reply) => {
    const { baseUrl } = await loopback(() => reply);
    const verify = rewardModel(score({ server: { baseUrl, retries: 0 }, model: "rm" }), { prompt });
    expect(await verify("x", row)).toMatchObject({ status: "not-graded", cause: "infrastructure-error" });
  });
});
