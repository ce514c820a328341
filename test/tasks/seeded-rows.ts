/** What every task with a difficulty must show: rows of each level for an oracle, and splits that share no content. */
import { expect } from "vitest";
import type { z } from "zod";
import { configureTask, readRows, type Task } from "../../src/rollout/index.ts";

export const LEVELS = [1, 2, 3, 4, 5];

/** 300 train rows and 100 eval rows of a level. */
export async function rowsOf<Schema extends z.ZodType>(task: Task<Schema>, level: number) {
  const one = configureTask(task, { difficulty: String(level) });
  const [train, evaluation] = [await readRows(one, "train", level, 300), await readRows(one, "eval", 0, 100)];
  return [...train, ...evaluation];
}

/**
 * eval is 1,000 problems that differ in content, and none of 4,000 train rows of two seeds is one of them. Solutions get
 * reward 1 and fit `maxTokens`, one character a token and one for the end.
 */
export async function expectSoundRows<Schema extends z.ZodType>(
  task: Task<Schema>,
  content: (row: z.output<Schema>) => string,
): Promise<void> {
  const evaluation = await readRows(task, "eval", 1, 5000);
  const contents = new Set(evaluation.map(content));
  expect(contents.size).toBe(1000);
  expect(evaluation).toHaveLength(1000);
  expect(await readRows(task, "eval", 2, 5000)).toEqual(evaluation);

  const [train, other] = [await readRows(task, "train", 1, 2000), await readRows(task, "train", 2, 2000)];
  expect([...train, ...other].filter((row) => contents.has(content(row)))).toEqual([]);
  expect(other).not.toEqual(train);

  for (const row of [...train, ...evaluation]) {
    const solution = task.solution?.(row) ?? "";
    expect(solution.length).toBeLessThan(task.maxTokens);
    expect(await task.verify(solution, row)).toMatchObject({ reward: 1, outcome: "correct" });
  }
}

/** The last answer of a solution. */
export function answerIn(solution: string | undefined): string {
  return /<answer>([^<]*)<\/answer>$/.exec(solution ?? "")?.[1] ?? "";
}
