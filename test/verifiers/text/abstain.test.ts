import { describe, expect, test } from "vitest";
import {
  answerTag,
  exactNumber,
  gated,
  layout,
  type NumberRow,
  notGraded,
  type Verifier,
} from "../../../src/verifiers/index.ts";
import { abstainReward, saysUnknown } from "../../../src/verifiers/text/abstain.ts";
import { exactMatch } from "../../../src/verifiers/text/exact-match.ts";

const verify = abstainReward<NumberRow>(exactNumber(answerTag));
const row = { answer: 4 };

describe("saysUnknown", () => {
  test.each(["I don't know", "I don’t know.", "i do not know", "**I don't know**", "Unsure", " not sure! "])(
    "%j abstains",
    (text) => {
      expect(saysUnknown(text)).toBe(true);
    },
  );

  test.each(["", "4", "I don't know, maybe 4", "4 (I don't know)", "know", "I know", "I don't know I don't know"])(
    "%j does not",
    (text) => {
      expect(saysUnknown(text)).toBe(false);
    },
  );
});

describe("abstainReward", () => {
  test.each([
    ["<answer>4</answer>", 1, "correct"],
    ["<answer>I don't know</answer>", 0, "partial"],
    ["<think>4?</think><answer>I don't know.</answer>", 0, "partial"],
    ["<answer>5</answer>", -1, "incorrect"],
    ["I don't know", -1, "unparsed"],
    ["I don't know <answer>5</answer>", -1, "incorrect"],
    ["<answer>5, but I don't know</answer>", -1, "unparsed"],
    ["<answer>I don't know</answer><answer>4</answer>", -1, "unparsed"],
    ["<think><answer>I don't know</answer>", -1, "unparsed"],
    ["", -1, "unparsed"],
  ])("%j gets %d, %s", async (completion, reward, outcome) => {
    expect(await verify(completion, row)).toMatchObject({ status: "graded", reward, outcome });
  });

  test("counts abstentions", async () => {
    expect(await verify("<answer>unsure</answer>", row)).toMatchObject({ answer: "unsure", metrics: { abstained: 1 } });
    expect(await verify("<answer>4</answer>", row)).toMatchObject({ metrics: { abstained: 0 } });
  });

  test("rewards and phrases are the author's", async () => {
    const options = { correct: 2, abstain: 0.5, wrong: 0, abstains: (answer: string) => answer === "?" };
    const own = abstainReward<NumberRow>(exactNumber(answerTag), options);
    const rewards = await Promise.all(["4", "?", "unsure"].map((answer) => own(`<answer>${answer}</answer>`, row)));
    expect(rewards).toMatchObject([{ reward: 2 }, { reward: 0.5 }, { reward: 0 }]);
  });

  test("where unknown is the right answer, it is right", async () => {
    const exact = abstainReward(exactMatch(answerTag));
    expect(await exact("<answer>unsure</answer>", { answer: "unsure" })).toMatchObject({
      reward: 1,
      metrics: { abstained: 0 },
    });
  });

  test("an abstention is graded whatever becomes of the verifier; nothing else is", async () => {
    const down: Verifier<unknown> = () => notGraded("infrastructure-error", "down");
    const broken: Verifier<unknown> = () => {
      throw new Error("broken");
    };
    for (const inner of [down, broken]) {
      expect(await abstainReward(inner)("<answer>unsure</answer>", row)).toMatchObject({ status: "graded", reward: 0 });
    }
    expect(await abstainReward(down)("<answer>4</answer>", row)).toMatchObject({ status: "not-graded" });
    await expect(abstainReward(broken)("<answer>4</answer>", row)).rejects.toThrow("broken");
  });

  test("a bonus for the layout does not reach an abstention", async () => {
    const task = gated<NumberRow>(verify, { layout: [0.5, layout] });
    expect(await task("<think></think><answer>unsure</answer>", row)).toMatchObject({ reward: 0 });
    expect(await task("<think></think><answer>4</answer>", row)).toMatchObject({ reward: 1.5 });
  });

  test.each([{ wrong: 0.5 }, { abstain: 2 }, { correct: -1 }, { correct: 0, wrong: 0 }, { abstain: Number.NaN }])(
    "refuses %j",
    (rewards) => {
      expect(() => abstainReward(verify, rewards)).toThrow(expect.objectContaining({ code: "E_VERIFIER" }));
    },
  );
});
