import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rescore } from "../../src/author/index.ts";
import { loadTask, readRows, type Task } from "../../src/rollout/index.ts";
import { RolloutRow } from "../../src/run/index.ts";
import { graded, notGraded, type Verdict } from "../../src/verifiers/index.ts";
import { temporaryFolder } from "../run/temporary.ts";

const folder = temporaryFolder();
const task = await loadTask("arithmetic");
const SEED = 3;

/** A ledger's line on a train row. */
function ledgerLine(row: { id: string }, completion: string, verdict: Verdict, prompt = task.prompt(row)): string {
  return JSON.stringify(
    RolloutRow.parse({
      step: 1,
      id: `1/${row.id}/0`,
      promptId: row.id,
      prompt,
      completion,
      stopReason: "eos",
      verdict,
      reward: verdict.status === "graded" ? verdict.reward : null,
      advantage: 0.5,
      tokens: 4,
      policyVersion: 0,
    }),
  );
}

const rows = (await readRows(task, "train", SEED, 40)) as { id: string; answer: number }[];
const row = rows[30] as { id: string; answer: number };
const rightText = (task.solution as NonNullable<Task["solution"]>)(row);
const wrongText = "<think></think><answer>-5</answer>";

async function rescoreLines(lines: readonly string[], options = {}) {
  const path = join(folder, "rollouts.jsonl");
  writeFileSync(path, lines.join("\n"));
  const written: string[] = [];
  const report = await rescore(task, path, { seed: SEED, onLine: (text) => written.push(text), ...options });
  return { report, written };
}

describe("rescore", () => {
  test("finds a ledger's rows again, and what changed", async () => {
    const lines = [
      ledgerLine(row, rightText, graded(1, "correct", null, "")),
      ledgerLine(row, rightText, graded(0, "incorrect", null, "a stricter verifier")),
      ledgerLine(row, wrongText, notGraded("verifier-error", "broken")),
    ];
    const { report, written } = await rescoreLines(lines);
    expect(report).toMatchObject({ lines: 3, scored: 3, bad: [], unscored: [], meanBefore: 0.5, meanAfter: 1 });
    expect(report.transitions).toEqual([
      { before: "correct", after: "correct", lines: 1 },
      { before: "incorrect", after: "correct", lines: 1 },
      { before: "verifier-error", after: "incorrect", lines: 1 },
    ]);
    expect(report.changes.map(({ line, before, after }) => [line, before.reward, after.reward])).toEqual([
      [2, 0, 1],
      [3, null, 0],
    ]);
    const again = written.map((text) => RolloutRow.parse(JSON.parse(text)));
    expect(again.map(({ reward, advantage }) => [reward, advantage])).toEqual([
      [1, 0.5],
      [1, 0.5],
      [0, 0.5],
    ]);
  });

  test("reads lines that hold their row, with and without a reward", async () => {
    const lines = [
      JSON.stringify({ row, completion: rightText, reward: 0, model: "x" }),
      JSON.stringify({ row, completion: wrongText }),
    ];
    const { report, written } = await rescoreLines(lines);
    expect(report.changes.map(({ line }) => line)).toEqual([1]);
    expect(report).toMatchObject({ scored: 2, meanBefore: 0, meanAfter: 1 });
    expect(JSON.parse(written[0] as string)).toMatchObject({ model: "x", reward: 1, verdict: { outcome: "correct" } });
    expect(JSON.parse(written[1] as string)).toMatchObject({ reward: 0 });
  });

  test("loses nothing: lines that cannot be judged stand as they were, and are named", async () => {
    const lines = [
      "{ torn",
      JSON.stringify({ row: { id: "x" }, completion: "" }),
      JSON.stringify({ completion: "" }),
      "",
      ledgerLine({ ...row, id: "nowhere" }, rightText, graded(1, "correct", null, "")),
      ledgerLine(row, rightText, graded(1, "correct", null, ""), "another prompt"),
    ];
    const { report, written } = await rescoreLines(lines);
    expect(written).toEqual(lines.filter((line) => line !== ""));
    expect(report.bad.map(({ line, reason }) => [line, reason.slice(0, 40)])).toEqual(
      [
        [1, "it is not JSON"],
        [2, expect.stringContaining("its row does not fit the task")],
        [3, "it has neither row nor promptId, expected"],
      ].map(([line, reason]) => [line, typeof reason === "string" ? reason.slice(0, 40) : reason]),
    );
    expect(report.unscored).toEqual([
      { line: 5, reason: 'the task has no row "nowhere"' },
      { line: 6, reason: `the row ${JSON.stringify(row.id)} has another prompt now` },
    ]);
    expect(report).toMatchObject({ lines: 5, scored: 0, meanBefore: null });
  });

  test("judges by id alone where that is asked for", async () => {
    const lines = [ledgerLine(row, rightText, graded(1, "correct", null, ""), "another prompt")];
    expect((await rescoreLines(lines, { trustIds: true })).report).toMatchObject({ scored: 1, unscored: [] });
  });

  test("keeps the order of many lines", async () => {
    const lines = rows.flatMap((one) => [
      ledgerLine(one, `<think></think><answer>${one.answer}</answer>`, graded(0, "unparsed", null, "")),
      ledgerLine(one, "?", graded(0, "unparsed", null, "")),
    ]);
    const { written, report } = await rescoreLines([...lines, ...lines]);
    expect(written.map((text) => JSON.parse(text).reward)).toEqual([...lines, ...lines].map((_, i) => 1 - (i % 2)));
    expect(report.changes).toHaveLength(80);
    expect(readFileSync(join(folder, "rollouts.jsonl"), "utf8").split("\n")).toEqual([...lines, ...lines]);
  });
});
