import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RolloutRow } from "../../src/run/ledger.ts";
import { readReport, reportPage, writeReport } from "../../src/run/report.ts";
import { MOST_POINTS, readCharts } from "../../src/run/report-curves.ts";
import { chooseSamples } from "../../src/run/report-samples.ts";
import { graded, notGraded } from "../../src/verifiers/verdict.ts";
import { HOSTILE, writeSmallRun } from "./small-run.ts";
import { temporaryFolder } from "./temporary.ts";

const root = temporaryFolder();
let run: string;
beforeAll(() => {
  run = writeSmallRun({ root, name: "report" });
});

/** The JSON block of a page, as a browser finds it: up to the first "</script". */
function embedded(page: string): { samples: { samples: { completion: string }[] } } {
  const block = page.split('<script type="application/json" id="data">')[1]!;
  return JSON.parse(block.slice(0, block.toLowerCase().indexOf("</script")));
}

describe("reportPage", () => {
  test("keeps hostile text inside its JSON block, unchanged", async () => {
    const page = reportPage(await readReport(run));
    expect(embedded(page).samples.samples.map(({ completion }) => completion)).toContain(HOSTILE);
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toContain("<img");
  });

  test("a run's name is text", async () => {
    const page = reportPage({ ...(await readReport(run)), name: "</title><script>1</script>" });
    expect(page).toContain("<title>&#60;/title&#62;&#60;script&#62;1");
  });

  test("names nothing outside itself", () => {
    const page = readFileSync(new URL("../../assets/report/page.js", import.meta.url), "utf8");
    const style = readFileSync(new URL("../../assets/report/page.css", import.meta.url), "utf8");
    expect(page.match(/https?:\/\/[^"]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
    expect(style).not.toMatch(/url\(|@import/);
  });
});

describe("writeReport", () => {
  test("works for a run that has only begun", async () => {
    const begun = writeSmallRun({ root, name: "begun", steps: 0, finished: false });
    expect(await readReport(begun)).toMatchObject({ summary: null, examples: [], charts: [], samples: { of: 0 } });
    expect(readFileSync(await writeReport(begun), "utf8")).toContain("<title>begun · rlvr</title>");
  });

  test("stays below 3 MB however long the run and its completions are", async () => {
    const long = writeSmallRun({ root, name: "long", steps: 3, finished: false });
    const row = (step: number, i: number): RolloutRow => ({
      step,
      id: `${step}/p/${i}`,
      promptId: "p",
      prompt: "prompt ".repeat(1000),
      completion: "x<y ".repeat(20_000),
      stopReason: "length",
      verdict: graded(0, "unparsed", null, "cut off"),
      reward: 0,
      advantage: null,
      tokens: 60_000,
      policyVersion: 0,
    });
    const rows = Array.from({ length: 600 }, (_, i) => `${JSON.stringify(row(4 + Math.floor(i / 100), i))}\n`);
    appendFileSync(join(long, "rollouts.jsonl"), rows.join(""));
    const metrics = Array.from(
      { length: 20_000 },
      (_, i) => `${JSON.stringify({ step: i + 4, reward: i / 3, loss: 1 / (i + 1), kl: i })}\n`,
    );
    appendFileSync(join(long, "metrics.jsonl"), metrics.join(""));
    const { size } = statSync(await writeReport(long));
    expect(size).toBeGreaterThan(500_000);
    expect(size).toBeLessThan(3_000_000);
  });

  test("a folder that is no run is refused", async () => {
    await expect(writeReport(root)).rejects.toThrow("has no manifest.json, expected a run directory");
  });
});

describe("readCharts", () => {
  test("a curve longer than the page is averaged; a value that is not finite stays visible", async () => {
    const folder = temporaryFolder();
    const rows = Array.from(
      { length: 2 * MOST_POINTS },
      (_, i) => `${JSON.stringify({ step: i, reward: i === 7 ? null : i })}\n`,
    );
    writeFileSync(join(folder, "metrics.jsonl"), rows.join(""));
    const [chart] = await readCharts(folder);
    const line = chart!.lines[0]!;
    expect(line.values.slice(0, 5)).toEqual([0.5, 2.5, 4.5, null, 8.5]);
    expect([line.steps.length, line.steps[0], line.steps.at(-1)]).toEqual([MOST_POINTS, 1, 2 * MOST_POINTS - 1]);
  });
});

describe("chooseSamples", () => {
  const row = (step: number, index: number, kind: "right" | "wrong" | "ungraded"): RolloutRow => ({
    step,
    id: `${step}/p/${index}`,
    promptId: "p",
    prompt: "p",
    completion: "c",
    stopReason: "eos",
    verdict:
      kind === "ungraded"
        ? notGraded("abstained", "no idea")
        : graded(kind === "right" ? 1 : 0, kind === "right" ? "correct" : "incorrect", "1", ""),
    reward: kind === "ungraded" ? null : 1,
    advantage: null,
    tokens: 1,
    policyVersion: step,
  });

  test("has the first and last step whole, and the rare endings between", async () => {
    const folder = temporaryFolder();
    const rows = Array.from({ length: 500 }, (_, step) =>
      Array.from({ length: 8 }, (_, i) =>
        row(step, i, step % 100 === 50 && i === 0 ? "ungraded" : i < 4 ? "right" : "wrong"),
      ),
    ).flat();
    writeFileSync(join(folder, "rollouts.jsonl"), rows.map((one) => `${JSON.stringify(one)}\n`).join(""));
    const { samples, of } = await chooseSamples(folder, 1);
    expect(of).toBe(4000);
    expect(samples.filter(({ step }) => step === 0)).toHaveLength(8);
    expect(samples.filter(({ step }) => step === 499)).toHaveLength(8);
    expect(samples.filter(({ kind }) => kind === "ungraded")).toHaveLength(5);
    const between = samples.filter(({ step }) => step > 0 && step < 499);
    expect(between.filter(({ kind }) => kind === "right")).toHaveLength(120);
    // Drawn by chance over the whole run: the mean step of 120 is near 250 (standard error 13).
    const mean = between.reduce((sum, { step }) => sum + step, 0) / between.length;
    expect(Math.abs(mean - 250)).toBeLessThan(45);
    expect(await chooseSamples(folder, 1)).toEqual({ samples, of });
  });
});
