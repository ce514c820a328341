import { describe, expect, test } from "vitest";
import { tagCount, thinkPair } from "../../src/verifiers/tags.ts";

describe("tagCount", () => {
  test.each([
    ["<think>a</think><answer>4</answer>", 1, "correct"],
    ["</answer><answer></think><think>", 1, "correct"], // order is not its business
    ["<think>a</think>4", 0.5, "partial"],
    ["<think>a</think></think><answer>4</answer>", 0.75, "partial"],
    ["<answer>4", 0.25, "partial"],
    ["<THINK>", 0, "incorrect"],
    ["", 0, "incorrect"],
  ])("%j gets %d", (completion, reward, outcome) => {
    expect(tagCount(completion)).toMatchObject({ reward, outcome });
  });
});

describe("thinkPair", () => {
  test.each([
    ["<think>a</think>4", 1, "one think pair"],
    [" <think></think>\n4 ", 1, "one think pair"],
    ["4", 0, "0 <think>, expected 1"],
    ["<think>a", 0, "0 </think>, expected 1"],
    ["<think>a</think>", 0, "nothing is shown after </think>"],
    ["so <think>a</think>4", 0, "text before <think>"],
    ["<think>a</think>4<think>b</think>5", 0, "2 <think>, expected 1"],
    ["</think>4<think>", 0, "text before <think>"],
  ])("%j gets %d: %s", (completion, reward, reason) => {
    expect(thinkPair()(completion)).toMatchObject({ reward, reason });
  });

  test.each([
    ["a</think>4", 1, "one think pair"],
    ["</think>4", 1, "one think pair"],
    ["<think>a</think>4", 0, "1 <think>, expected 0"],
    ["4", 0, "0 </think>, expected 1"],
    ["a</think>", 0, "nothing is shown after </think>"],
  ])("where the prompt opens it, %j gets %d: %s", (completion, reward, reason) => {
    expect(thinkPair({ opened: "by-prompt" })(completion)).toMatchObject({ reward, reason });
  });
});
