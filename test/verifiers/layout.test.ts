import { describe, expect, test } from "vitest";
import { layout, layoutAnswer, parseLayout } from "../../src/verifiers/index.ts";

describe("parseLayout", () => {
  test.each([
    ["<think>2+2=4</think><answer>4</answer>", "2+2=4", "4"],
    ["<think></think><answer>4</answer>", "", "4"],
    ["\n<think>\na\n</think>\n<answer>\n4\n</answer>\n", "a", "4"],
    ["<think>a < b > c</think><answer><b>4</b></answer>", "a < b > c", "<b>4</b>"],
  ])("%j has the layout", (completion, think, answer) => {
    expect(parseLayout(completion)).toEqual({ ok: true, think, answer });
  });

  test.each([
    ["", "0 <think>, expected one"],
    ["4", "0 <think>, expected one"],
    ["<answer>4</answer>", "0 <think>, expected one"],
    ["<think>a</think>", "0 <answer>, expected one"],
    ["<think>a<answer>4</answer>", "0 </think>, expected one"],
    ["<think>a</think><answer>4", "0 </answer>, expected one"],
    ["<think>a</think><answer>4</answer> done", "text after </answer>"],
    ["so <think>a</think><answer>4</answer>", "text before <think>"],
    ["<think>a</think> so <answer>4</answer>", "text between </think> and <answer>"],
    ["<think>a<think></think><answer>4</answer>", "2 <think>, expected one"],
    ["<think>a</think></think><answer>4</answer>", "2 </think>, expected one"],
    ["<think>a</think><answer>4</answer><answer>4</answer>", "2 <answer>, expected one"],
    ["<think><answer>4</answer></think>", "the tags are not in the order <think> </think> <answer> </answer>"],
    ["<answer>4</answer><think>a</think>", "the tags are not in the order <think> </think> <answer> </answer>"],
    ["<think>a</think></answer>4<answer>", "the tags are not in the order <think> </think> <answer> </answer>"],
    ["<think>a</think><answer> </answer>", "the answer is empty"],
    ["<THINK>a</THINK><answer>4</answer>", "0 <think>, expected one"],
  ])("%j has not: %s", (completion, reason) => {
    expect(parseLayout(completion)).toEqual({ ok: false, reason });
  });
});

describe("layout", () => {
  test("pays for the layout and not for what it holds", () => {
    expect(layout("<think>a</think><answer>wrong</answer>")).toMatchObject({ reward: 1, outcome: "correct" });
    expect(layout("44")).toMatchObject({ reward: 0, outcome: "incorrect", reason: "0 <think>, expected one" });
  });
});

describe("layoutAnswer", () => {
  test("an answer outside the layout is none", () => {
    expect(layoutAnswer("<think>a</think><answer>4</answer>")).toEqual({ found: true, answer: "4" });
    expect(layoutAnswer("<answer>4</answer>").found).toBe(false);
  });
});
