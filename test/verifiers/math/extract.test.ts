import { describe, expect, test } from "vitest";
import { extractAnswer, type MathOptions, verifyResponse } from "../../../src/verifiers/math/index.ts";

const REWARD: MathOptions = { extraction: "reward" };

describe("rules of reward mode", () => {
  test.each([
    ["so \\boxed{5}.", "boxed", ["5"]],
    ["\\boxed{3} … later \\boxed{\\frac{1}{2}}", "boxed", ["\\frac{1}{2}"]],
    ["\\boxed 5", "boxed", ["5"]],
    ["\\fbox{7}", "boxed", ["7"]],
    ["\\boxed{\\{1,2\\}}", "boxed", ["\\{1,2\\}"]],
    ["\\boxed{\\boxed{5}}", "boxed", ["\\boxed{5}"]],
    ["\\boxed{1} and \\boxed{2}", "boxed", ["1", "2"]],
    ["\\boxed{1}\\boxed{2}", "boxed", ["1", "2"]],
    ["\\boxed{1}, \\boxed{2}", "boxed", ["1", "2"]],
    ["\\boxed{2}, \\boxed{2}", "boxed", ["2"]],
    ["\\boxed{1}. So \\boxed{2}", "boxed", ["2"]],
    ["\\boxed{1} no no no no no \\boxed{2}", "boxed", ["2"]],
    ["\\boxed{2+3} = \\boxed{5}", "boxed", ["5"]],
    ["\\boxed{5} and then put it into \\boxed{}", "boxed", ["5"]],
    ["work\n#### 18", "hash", ["18"]],
    ["#### 17\n#### 18", "hash", ["18"]],
    ["<think>\\boxed{1}</think>\\boxed{2}", "boxed", ["2"]],
    ["<think>a</think>\\boxed{1}</think>\\boxed{2}", "boxed", ["2"]],
    ["\\boxed{1}<|im_end|>\\boxed{2}", "boxed", ["1"]],
  ])("%j: %s %j", (response, rule, candidates) => {
    expect(extractAnswer(response, REWARD)).toMatchObject({ rule, candidates });
  });

  test.each([
    "the answer is 5",
    "$5$",
    "5",
    "",
    "\\boxed{5",
    "<think>\\boxed{5}",
    "<think>\\boxed{5}</think>",
    "\\boxed{}",
    "#### ",
    "<answer>5</answer>",
  ])("%j has no answer", (response) => {
    expect(extractAnswer(response, REWARD)).toEqual({ candidates: [], rule: null, span: null });
    expect(verifyResponse("5", response, REWARD)).toMatchObject({ outcome: "unparsed", stage: "extract" });
  });

  test("the span points into the response", () => {
    const response = "<think>hm</think> we find \\boxed{42}.";
    const { span } = extractAnswer(response, REWARD);
    expect(response.slice(...span!)).toBe("\\boxed{42}");
  });

  test("only the last 16 KiB count", () => {
    const { rule } = extractAnswer(`\\boxed{5}${"x ".repeat(10_000)}`, REWARD);
    expect(rule).toBeNull();
  });

  test("answer tags, where the format asks for them: exactly one", () => {
    const options: MathOptions = { ...REWARD, answerTag: true };
    expect(extractAnswer("<answer>5</answer>", options)).toMatchObject({ rule: "answer-tag", candidates: ["5"] });
    expect(extractAnswer("<answer>\\boxed{5}</answer>", options)).toMatchObject({ candidates: ["5"] });
    expect(extractAnswer("<answer>5</answer><answer>6</answer>", options).rule).toBeNull();
    expect(extractAnswer("\\boxed{5}", options).rule).toBeNull();
  });
});

describe("lenient mode looks further", () => {
  test.each([
    ["The answer is 5.", "phrase", "5"],
    ["Answer: 12", "phrase", "12"],
    ["Final Answer: The largest $n$ is 34.", "phrase", "34"],
    ["Final Answer: Jane started 3 hours ago. I hope it is correct.", "phrase", "3"],
    ["The final answer is $10,455$. I hope it is correct.", "phrase", "$10,455$"],
    ["\\boxed{255} so the final answer is $10,455$. I hope it is correct.", "phrase", "$10,455$"],
    ["Ответ: 7", "phrase", "7"],
    ["答案是 7", "phrase", "7"],
    ["We find that $x \\lt 3$.", "span", "x \\lt 3"],
    ["$x=1$", "span", "x=1"],
    ["$28$ percent", "span", "28 \\%"],
    ["1,000.99", "bare", "1,000.99"],
    ["there are 12 of them", "number", "12"],
    ["not 10, it is 1,000.99€", "number", "1,000.99"],
    ["P = 2/3 as said", "number", "2/3"],
  ])("%j: %s %j", (response, rule, answer) => {
    expect(extractAnswer(response)).toMatchObject({ rule, candidates: [answer] });
  });

  test("numbers that are only listed are one list: no fishing", () => {
    expect(verifyResponse("4", "I tried 1, 2, 3 and 4 here").outcome).not.toBe("correct");
    expect(verifyResponse("4", "it was 1 2 3 4 I think").outcome).not.toBe("correct");
  });

  test("digits inside words and broken math are no numbers", () => {
    expect(extractAnswer("AZYUK2A").candidates).not.toEqual(["2"]);
    expect(verifyResponse("9", "Answer $ \n 9 \n $").outcome).toBe("unparsed");
  });
});
