import { describe, expect, test } from "vitest";
import {
  answerTag,
  exactNumber,
  gated,
  graded,
  layout,
  notGraded,
  type Verifier,
  weighted,
  withMetrics,
} from "../../src/verifiers/index.ts";

const answer = exactNumber(answerTag);
const down: Verifier<unknown> = () => notGraded("infrastructure-error", "the server is down");
const length: Verifier<unknown> = (completion) => graded(completion.length, "partial", null, "its length");
const row = { answer: 4 };
const RIGHT = "<think>2+2</think><answer>4</answer>";
const WRONG = "<think>2+2</think><answer>5</answer>";
const BARE = "<answer>4</answer>";

describe("weighted", () => {
  const verify = weighted({ answer: [1, answer], layout: [0.1, layout], length: [0, length] });

  test.each([
    [RIGHT, 1.1, "correct"],
    [WRONG, 0.1, "incorrect"],
    [BARE, 1, "correct"],
    ["", 0, "unparsed"],
  ])("%j gets %d, and the outcome of the first part", async (completion, reward, outcome) => {
    expect(await verify(completion, row)).toMatchObject({ status: "graded", reward, outcome });
  });

  test("logs each part; a weight of 0 makes a metric only", async () => {
    expect(await verify(WRONG, row)).toMatchObject({
      reward: 0.1,
      metrics: { answer: 0, layout: 1, length: WRONG.length },
    });
  });

  test("nests: the metrics of a part carry its name", async () => {
    const nested = weighted({ both: [2, verify] });
    expect(await nested(RIGHT, row)).toMatchObject({
      reward: 2.2,
      metrics: { both: 1.1, "both/answer": 1, "both/layout": 1 },
    });
  });

  test("one weighted part that is not graded leaves the whole not graded, with its cause", async () => {
    const verdict = await weighted({ answer: [1, answer], style: [0.1, down] })(RIGHT, row);
    expect(verdict).toEqual({
      status: "not-graded",
      cause: "infrastructure-error",
      reason: "style: the server is down",
    });
  });

  test("a metric that is not graded costs nothing and is counted", async () => {
    const verdict = await weighted({ answer: [1, answer], style: [0, down] })(RIGHT, row);
    expect(verdict).toMatchObject({ reward: 1, metrics: { answer: 1, "style/not_graded": 1 } });
  });

  test("a fault of a part is thrown on", async () => {
    await expect(weighted({ answer: [1, answer] })(RIGHT, { answer: "four" })).rejects.toThrow("expected a number");
  });

  test("refuses weights that are not finite, and none at all", () => {
    expect(() => weighted({ answer: [Number.NaN, answer] })).toThrow('the weight of "answer" is NaN');
    expect(() => weighted({ answer: [0, answer] })).toThrow("expected at least one");
  });
});

describe("gated", () => {
  test.each([
    [RIGHT, 1.5],
    [BARE, 1],
    [WRONG, 0], // the layout alone pays nothing
    ["", 0],
  ])("%j gets %d: format pays only where the answer is right", async (completion, reward) => {
    expect(await gated(answer, { layout: [0.5, layout] })(completion, row)).toMatchObject({ reward });
  });

  test("a bonus never outweighs the answer", async () => {
    expect(await gated(answer, { layout: [10, layout] })(RIGHT, row)).toMatchObject({ reward: 2 });
  });

  test("a penalty never puts a right answer below a wrong one", async () => {
    const penalized = gated(answer, { length: [-1, length] });
    expect(await penalized(RIGHT, row)).toMatchObject({ reward: 0 });
    expect(await penalized(WRONG, row)).toMatchObject({ reward: 0 });
  });

  test("a bonus or an answer that is not graded leaves the whole not graded", async () => {
    expect(await gated(answer, { style: [0.1, down] })(WRONG, row)).toMatchObject({ cause: "infrastructure-error" });
    expect(await gated(down, { layout: [0.1, layout] })(RIGHT, row)).toMatchObject({ cause: "infrastructure-error" });
  });
});

describe("withMetrics", () => {
  test("adds numbers and leaves the reward", async () => {
    const verify = withMetrics(answer, (completion) => ({ characters: completion.length }));
    expect(await verify(BARE, row)).toMatchObject({ reward: 1, metrics: { characters: 18 } });
    expect(await withMetrics(down, () => ({ x: 1 }))(BARE, row)).toEqual(await down(BARE, row));
  });
});
