import { afterAll, describe, expect, test } from "vitest";
import { judgeApart } from "../../src/author/index.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { linkPackages, writeTask } from "./copied-task.ts";

const folder = temporaryFolder();
linkPackages(folder);
const path = writeTask(
  folder,
  "successor",
  'if (text === "hang") for (;;); if (text === "die") process.exit(3); return sound(text, row);',
);
const judging = judgeApart(path, { cwd: folder, hangMs: 4000 });
afterAll(() => judging.close());

const row = { id: "7", n: 7, answer: 8 };

describe("judgeApart", () => {
  test("gives the verdicts of the task", async () => {
    const [right, wrong] = await Promise.all(
      ["<answer>8</answer>", "<answer>9</answer>"].map((t) => judging.judge(row, t)),
    );
    expect(right?.verdict).toMatchObject({ status: "graded", reward: 1 });
    expect(wrong?.verdict).toMatchObject({ status: "graded", reward: 0 });
  });

  test("outlives a verifier that hangs, and charges it to that text alone", { timeout: 60_000 }, async () => {
    const texts = ["<answer>8</answer>", "hang", "<answer>9</answer>", "<answer>10</answer>", "8"];
    const verdicts = await Promise.all(texts.map((text) => judging.judge(row, text)));
    const rewards = verdicts.map(({ verdict }) => (verdict.status === "graded" ? verdict.reward : verdict.reason));
    expect(rewards).toEqual([1, "no verdict within 4000 ms: its process was killed", 0, 0, 0]);
    expect(verdicts[1]?.ms).toBe(4000);
  });

  test("outlives a verifier that takes its process along", { timeout: 60_000 }, async () => {
    const verdicts = await Promise.all(["die", "<answer>8</answer>"].map((text) => judging.judge(row, text)));
    expect(verdicts[0]?.verdict).toMatchObject({ status: "not-graded", reason: "its process died (exit code 3)" });
    expect(verdicts[1]?.verdict).toMatchObject({ reward: 1 });
  });

  test("ends whoever waits when it is closed", { timeout: 60_000 }, async () => {
    const other = judgeApart(path, { cwd: folder, hangMs: 4000 });
    const waiting = other.judge(row, "hang");
    other.close();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    await expect(other.judge(row, "8")).rejects.toMatchObject({ name: "AbortError" });
  });
});
