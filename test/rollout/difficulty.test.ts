import { describe, expect, test } from "vitest";
import { DifficultyOptions, graded, Levels, notGraded, withDifficulty } from "../../src/rollout/task.ts";

describe("Levels", () => {
  test.each([
    ["3", [[3, 1]]],
    [
      "1-3",
      [
        [1, 1 / 3],
        [2, 1 / 3],
        [3, 1 / 3],
      ],
    ],
    [
      "5, 1",
      [
        [1, 0.5],
        [5, 0.5],
      ],
    ],
    [
      "1-2:3,5:2",
      [
        [1, 3 / 8],
        [2, 3 / 8],
        [5, 2 / 8],
      ],
    ],
    [
      "2,1-3",
      [
        [1, 0.25],
        [2, 0.5],
        [3, 0.25],
      ],
    ],
    ["4:0.5", [[4, 1]]],
  ])("%s", (text, mixture) => {
    expect(Levels.parse(text)).toEqual(mixture);
  });

  test.each(["", "0", "6", "1-6", "3-1", "1:0", "1:0.0", "1;2", "1,,2", "one", "1:-1", "1:1e9", "1-2-3"])(
    "refuses %j, and says what a level is",
    (text) => {
      const parsed = Levels.safeParse(text);
      expect(parsed.error?.issues[0]?.message).toMatch(/is no level, expected 1 to 5/);
    },
  );

  test("all five levels, each as often, where nothing is said", () => {
    expect(DifficultyOptions.parse({}).difficulty).toEqual([1, 2, 3, 4, 5].map((level) => [level, 0.2]));
  });
});

describe("withDifficulty", () => {
  const right = withDifficulty(() => graded(0.5, "partial", "a", "half", { other: 2 }));

  test("logs the reward under the row's level", async () => {
    expect(await right("", { difficulty: 3 })).toMatchObject({ reward: 0.5, metrics: { other: 2, difficulty_3: 0.5 } });
  });

  test("logs nothing where the level is not known or nothing was graded", async () => {
    expect(await right("", { difficulty: null })).toMatchObject({ metrics: { other: 2 } });
    const failed = withDifficulty(() => notGraded("abstained", "why not"));
    expect(await failed("", { difficulty: 3 })).toEqual({
      status: "not-graded",
      cause: "abstained",
      reason: "why not",
    });
  });
});
