import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { firstDecisive, min, unanimous } from "../../src/verifiers/combine.ts";
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

/** The facts that hold for every combinator of several parts. */
describe.each([
  ["weighted", weighted],
  ["min", min],
  ["unanimous", unanimous],
] as const)("%s", (name, combine) => {
  test("runs parts at the same time, `concurrency` of them at most, with one verdict whatever the order", async () => {
    const verdicts = [];
    for (const concurrency of [1, 2, 4]) {
      let running = 0;
      let most = 0;
      const slow =
        (ms: number, reward: number): Verifier<unknown> =>
        async () => {
          most = Math.max(most, ++running);
          await sleep(ms);
          running--;
          return graded(reward, "correct", `${reward}`, "waited", { ms });
        };
      const parts = { a: slow(12, 3), b: slow(1, 2), c: slow(6, 1), d: slow(1, 4) };
      verdicts.push(await combine(parts, { concurrency })("", {}));
      expect(most).toBe(concurrency);
    }
    expect(verdicts[1]).toEqual(verdicts[0]);
    expect(verdicts[2]).toEqual(verdicts[0]);
  });

  test("of several parts that are not graded, the first in order is named, whichever ends first", async () => {
    const lateDown: Verifier<unknown> = () => sleep(10, notGraded("abstained", "late"));
    expect(await combine({ a: lateDown, b: down })("", {})).toEqual({
      status: "not-graded",
      cause: "abstained",
      reason: "a: late",
    });
  });

  test("of several faults, the first in order is thrown, whichever comes first", async () => {
    const late: Verifier<unknown> = () => sleep(10).then(() => Promise.reject(new Error("late")));
    const early: Verifier<unknown> = () => {
      throw new Error("early");
    };
    await expect(combine({ a: late, b: early })("", {})).rejects.toThrow("late");
  });

  test("logs every part; a metric that is not graded costs nothing", async () => {
    const verdict = await combine({ answer, layout, length: [0, length], style: [0, down] })(RIGHT, row);
    expect(verdict).toMatchObject({
      metrics: { answer: 1, layout: 1, length: RIGHT.length, "style/not_graded": 1 },
    });
  });

  test("refuses no part that counts", () => {
    expect(() => combine({ length: [0, length] })).toThrow(`${name} has no part with a weight`);
  });
});

describe("firstDecisive", () => {
  const asked: string[] = [];
  const named =
    (name: string, verifier: Verifier<{ answer: number }>): Verifier<{ answer: number }> =>
    (...input) => {
      asked.push(name);
      return verifier(...input);
    };
  const verdictOn = async (verify: Verifier<{ answer: number }>, completion: string) => {
    asked.length = 0;
    return { verdict: await verify(completion, row), asked: [...asked] };
  };
  const lenient: Verifier<unknown> = () => graded(0.8, "correct", "judge", "good enough");
  const strict: Verifier<unknown> = () => graded(0.2, "incorrect", "judge", "not good");

  test("a rule that accepts is the last word, and the judge is not asked", async () => {
    const verify = firstDecisive({ rule: named("rule", answer), judge: named("judge", down) });
    expect(await verdictOn(verify, RIGHT)).toMatchObject({
      verdict: { reward: 1, outcome: "correct", metrics: { rule: 1 } },
      asked: ["rule"],
    });
  });

  test("what the rule refuses goes to the judge, whose word stands either way", async () => {
    const accepted = firstDecisive({ rule: named("rule", answer), judge: [0.5, named("judge", lenient)] });
    expect(await verdictOn(accepted, WRONG)).toMatchObject({
      verdict: {
        reward: 0.4,
        outcome: "correct",
        answer: "judge",
        reason: "judge: good enough",
        metrics: { rule: 0, judge: 0.8 },
      },
      asked: ["rule", "judge"],
    });
    const refused = firstDecisive({ rule: answer, judge: strict });
    expect(await refused(WRONG, row)).toMatchObject({ reward: 0.2, outcome: "incorrect", reason: "judge: not good" });
  });

  test("`decides` may settle on anything that is graded, by name", async () => {
    const verify = firstDecisive(
      { rule: named("rule", answer), judge: named("judge", lenient) },
      { decides: ({ outcome }, name) => name === "rule" && outcome !== "unparsed" },
    );
    expect((await verdictOn(verify, WRONG)).asked).toEqual(["rule"]);
    expect((await verdictOn(verify, "")).asked).toEqual(["rule", "judge"]);
  });

  test("a part that is asked and not graded leaves the whole not graded: a fault of the judge is not the rule's no", async () => {
    const verify = firstDecisive({ rule: answer, judge: down });
    expect(await verify(WRONG, row)).toEqual({
      status: "not-graded",
      cause: "infrastructure-error",
      reason: "judge: the server is down",
    });
    expect(await verify(RIGHT, row)).toMatchObject({ reward: 1 });
  });

  test("metrics are measured whoever decides", async () => {
    const verify = firstDecisive({ rule: answer, judge: lenient, length: [0, length], style: [0, down] });
    expect(await verify(RIGHT, row)).toMatchObject({ metrics: { length: RIGHT.length, "style/not_graded": 1 } });
  });
});

describe("min", () => {
  test("is the worst weighted part, with its outcome and its reason", async () => {
    const verify = min({ answer: [2, answer], layout, length: [0, length] });
    expect(await verify(RIGHT, row)).toMatchObject({ reward: 1, reason: "layout: the R1-Zero layout" });
    expect(await verify(BARE, row)).toMatchObject({
      reward: 0,
      outcome: "incorrect",
      metrics: { answer: 1, layout: 0 },
    });
    expect(await verify(WRONG, row)).toMatchObject({ reward: 0, outcome: "incorrect", answer: "5" });
  });
});

describe("unanimous", () => {
  const verify = unanimous({ answer, layout });

  test("is correct only if every part is", async () => {
    expect(await verify(RIGHT, row)).toMatchObject({ reward: 1, outcome: "correct", answer: "4" });
    expect(await verify(BARE, row)).toMatchObject({ reward: 0, outcome: "incorrect", metrics: { answer: 1 } });
    expect(await verify(WRONG, row)).toMatchObject({ reward: 0, outcome: "incorrect", metrics: { layout: 1 } });
  });

  test("half right is not correct, and does not pay", async () => {
    const half: Verifier<unknown> = () => graded(0.5, "partial", null, "half");
    expect(await unanimous({ answer, half })(RIGHT, row)).toMatchObject({
      reward: 0,
      outcome: "partial",
      reason: "half: half",
    });
  });

  test("refuses to weigh", () => {
    expect(() => unanimous({ answer: [2, answer] })).toThrow("unanimous expects 0 or 1");
  });
});
