import { describe, expect, test } from "vitest";
import { writtenSteps } from "../../src/verifiers/index.ts";

describe("writtenSteps", () => {
  test.each([
    ["13+22=35,35-31=4,4+40=44", 3, 1],
    ["<think>13+22=35,35-31=5</think><answer>5</answer>", 2, 0.5],
    ["3+7=10;3*7=21,21+25=46;28/7=4", 4, 1],
    ["3-7=-4", 1, 1],
    ["3-7=4", 1, 0],
    ["7/2=3", 1, 0],
    ["7/0=0", 1, 0],
    ["", 0, 0],
    ["44", 0, 0],
    ["13+22-31=4", 0, 0], // no single step
    ["1234567+1=2", 0, 0], // nor is a part of it
    ["1+1=22222222222", 0, 0],
    ["1.5+2=3.5", 0, 0],
  ])("%j has %d steps, %d of them true", (text, count, trueShare) => {
    expect(writtenSteps(text)).toEqual({ count, trueShare });
  });

  test("is linear in hostile text", () => {
    const start = performance.now();
    for (const text of ["1", "1+", "1+1=", "-", "1+1=2"]) writtenSteps(text.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
