import { describe, expect, test } from "vitest";
import { afterThink, answerTag } from "../../src/verifiers/index.ts";

describe("answerTag", () => {
  test.each([
    ["<answer>4</answer>", "4"],
    ["so <answer> 4 </answer>, done", "4"],
    ["<think>2+2</think><answer>4</answer>", "4"],
    ["<think><answer>5</answer></think><answer>4</answer>", "4"], // what was only thought does not count
    ["<think></think><answer>5</answer></think><answer>4</answer>", "4"], // after the last closer
    ["2+2</think><answer>4</answer>", "4"], // the prompt may have opened it
    ["<answer>a < b</answer>", "a < b"],
  ])("%j answers %j", (completion, answer) => {
    expect(answerTag(completion)).toEqual({ found: true, answer });
  });

  test.each([
    ["", /0 <answer>/],
    ["4", /0 <answer>/],
    ["<answer></answer>", /empty/],
    ["<answer> \n </answer>", /empty/],
    ["<answer>4", /1 <answer> and 0 <\/answer>/],
    ["4</answer>", /0 <answer> and 1 <\/answer>/],
    ["</answer>4<answer>", /before/],
    ["<answer>4</answer><answer>5</answer>", /2 <answer>/],
    ["<answer><answer>4</answer></answer>", /2 <answer>/],
    ["<answer>4</answer></answer>", /2 <\/answer>/],
    ["<think><answer>4</answer></think>", /0 <answer>/],
    ["<think>2+2 <answer>4</answer>", /never closed/],
    ["<think></think><think><answer>4</answer>", /never closed/],
    ["<ANSWER>4</ANSWER>", /0 <answer>/],
    ["< answer >4</ answer >", /0 <answer>/],
  ])("%j has no answer", (completion, reason) => {
    expect(answerTag(completion)).toEqual({ found: false, reason: expect.stringMatching(reason) });
  });

  test("is linear: two million characters of tags take less than a second", () => {
    const start = performance.now();
    for (const tag of ["<answer>", "</answer>", "<think>", "</think>", "<answer>4</answer>", "<"]) {
      expect(answerTag(tag.repeat(Math.floor(2_000_000 / tag.length))).found).toBe(false);
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe("afterThink", () => {
  test.each([
    ["a", "a"],
    ["<think>a</think>b", "b"],
    ["a</think>b</think>c", "c"],
    ["<think>a", null],
    ["a</think>b<think>c", null],
  ])("%j leaves %j", (completion, rest) => {
    expect(afterThink(completion)).toBe(rest);
  });
});
