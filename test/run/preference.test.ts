import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/command.ts";
import { prefsCommand } from "../../src/cli/commands/prefs.ts";
import { loadModel } from "../../src/policy/index.ts";
import { dpo, rm } from "../../src/run/preference.ts";
import { readPreferences } from "../../src/run/preference-data.ts";
import { temporaryFolder } from "./temporary.ts";
import { LETTERS, ONE, saveTinyModel } from "./tiny.ts";

let root: string;
let model: string;
let pairs: string;
beforeAll(async () => {
  root = temporaryFolder();
  model = await saveTinyModel(root);
  pairs = write(
    "pairs.jsonl",
    LETTERS.flatMap((letter) =>
      LETTERS.filter((other) => other !== letter).map((other) => ({
        prompt: `${letter}=`,
        chosen: letter,
        rejected: other,
      })),
    ),
  );
});

function write(name: string, rows: readonly object[]): string {
  const path = join(root, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

const metricsOf = (run: string) =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);

const common = () => ({ model, data: pairs, heldOut: pairs, out: root, engine: ONE, evalEvery: 0 });
const QUICK = { batchSize: 12, learningRate: 3e-3, warmupSteps: 2, schedule: "constant" } as const;

describe("rm", () => {
  test("learns to order comparisons, and hands on scores of mean 0 and deviation 1", async () => {
    const { path } = await rm({ ...common(), name: "rm", rm: { ...QUICK, steps: 40 } });
    const rows = metricsOf(path);
    expect(rows[0]!["eval/preference_accuracy"]).toBeLessThan(0.9);
    expect(rows.at(-1)!["eval/preference_accuracy"]).toBe(1);
    expect(rows.at(-1)!["eval/preference_loss"]).toBeLessThan(0.3);
    expect((await loadModel(join(path, "model"))).config.head).toBe("score");
  });
});

describe("dpo", () => {
  test("starts at ln 2, learns the pairs, and goes on from a checkpoint as it would have", async () => {
    const settings = { ...common(), checkpointEvery: 10, dpo: { ...QUICK, steps: 30 } };
    const { path } = await dpo({ ...settings, name: "whole" });
    const rows = metricsOf(path);
    expect(rows[1]!.loss).toBeCloseTo(Math.LN2, 5);
    expect(rows[0]!["eval/preference_accuracy"]).toBe(0.5); // at the reference every reward is 0
    expect(rows.at(-1)!["eval/preference_accuracy"]).toBeGreaterThan(0.9);

    const stop = new AbortController();
    const onEvent = (event: { kind: string; step?: number }) => event.step === 13 && stop.abort();
    const half = await dpo({ ...settings, name: "halves" }, { signal: stop.signal, onEvent });
    expect(half.finished).toBe(false);
    const rest = await dpo({ ...settings, name: "halves" }, { resume: true });
    expect(metricsOf(rest.path)).toEqual(rows);
  });

  test.each(["kto", "rrhf", "simpo"] as const)("%s lowers its loss", async (loss) => {
    const { path } = await dpo({ ...common(), name: loss, dpo: { ...QUICK, loss, steps: 15 } });
    const rows = metricsOf(path);
    expect(rows.at(-1)!.loss).toBeLessThan(rows[1]!.loss!);
  });

  test("names the lines that are wrong", async () => {
    const bad = write("bad.jsonl", [
      { prompt: "a=", chosen: "a", rejected: "b" },
      { prompt: "a=", chosen: "x", rejected: "b" },
    ]);
    await expect(dpo({ ...common(), data: bad, name: "bad" })).rejects.toThrow(/bad\.jsonl:2.*not in the vocabulary/);
    await expect(dpo({ ...common(), data: "" })).rejects.toThrow("data is empty");
  });
});

describe("rlvr prefs check", () => {
  const run = async (...argv: string[]) => {
    let text = "";
    const screen = { write: (part: string) => (text += part), isTTY: false } as never;
    const line = { program: "rlvr", summary: "", commands: [prefsCommand], out: screen, err: screen, env: {} };
    return { code: await runCommandLine(line, ["prefs", "check", ...argv]), text: () => text };
  };

  test("prints what is wrong with line numbers, and exits with 1", async () => {
    const path = join(root, "wrong.jsonl");
    writeFileSync(
      path,
      '{"prompt": "p", "chosen": "a", "rejected": "b"}\nnonsense\n{"prompt": "p", "chosen": "b", "rejected": "a"}\n{"x": 1}\n',
    );
    const { code, text } = await run(path);
    expect(code).toBe(1);
    const lines = text().replaceAll("\n  ", " ").replaceAll(`${path}:`, "line ").split("\n");
    expect(lines.filter((one) => one.startsWith("✗"))).toEqual([
      '✗ line 2 is not JSON: "nonsense"',
      "✗ line 4 has x, expected prompt, chosen and rejected, or another known layout",
      "✗ line 3 contradicts line 1: the same pair with the labels swapped",
    ]);
  });

  test("has nothing to say of good data, and exits with 0", async () => {
    const { code, text } = await run(pairs);
    expect(text()).toContain("Nothing to complain about.");
    expect(code).toBe(0);
  });

  test("reads Parquet as it reads lines", async () => {
    const file = join(import.meta.dirname, "../fixtures/parquet/preferences.parquet");
    const { records, faults } = await readPreferences(file);
    expect(faults).toEqual([]);
    expect(records.map(({ record }) => record.kind)).toEqual(["comparison", "comparison"]);
  });
});
