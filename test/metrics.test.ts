import { describe, expect, test } from "vitest";
import { METRICS, type MetricValues, metricInfo, metricOrder, tableName } from "../src/metrics.ts";

function documentation(): string {
  const rows = (machine: boolean) =>
    Object.entries(METRICS)
      .filter(([, info]) => "machine" in info === machine)
      .map(([name, { meaning, unit }]) => `| \`${name}\` | ${meaning} | ${unit} |`);
  const head = ["| name | meaning | unit |", "| --- | --- | --- |"];
  return [
    "# Metrics",
    "",
    "What a run logs, one line a step. Names are TRL's wherever TRL has one. `{part}` is a name that the task chooses.",
    "A value of `null` was measured and is not a finite number; a name that is missing was not measured in that step.",
    "",
    "This page is made from `src/metrics.ts`: `npx vitest run test/metrics.test.ts -u` writes it.",
    "",
    "## metrics.jsonl",
    "",
    "Depends on the settings and the seed alone: a repeated or resumed run writes the same bytes.",
    "",
    ...head,
    ...rows(false),
    "",
    "## timings.jsonl",
    "",
    "Depends on the machine and the moment.",
    "",
    ...head,
    ...rows(true),
    "",
  ].join("\n");
}

describe("METRICS", () => {
  test("docs/metrics.md lists every metric", async () => {
    await expect(documentation()).toMatchFileSnapshot("../docs/metrics.md");
  });

  test("an unlisted name does not compile", () => {
    const listed: MetricValues = { reward: 1, "rewards/format/mean": 0.5, "clip_ratio/low_mean": 0 };
    // @ts-expect-error the name is "reward"
    const misspelled: MetricValues = { rewrad: 1 };
    expect([Object.keys(listed).map(tableName), Object.keys(misspelled).map(tableName)]).toEqual([
      ["reward", "rewards/{part}/mean", "clip_ratio/low_mean"],
      [undefined],
    ]);
  });

  test("a part needs a name", () => {
    expect(tableName("rewards//mean")).toBeUndefined();
    expect(tableName("rewards/{part}/mean")).toBe("rewards/{part}/mean");
  });

  test("clock values are marked, results are not", () => {
    expect(metricInfo("step_time")?.machine).toBe(true);
    expect(metricInfo("reward")?.machine).toBeUndefined();
    expect(metricInfo("constructor")).toBeUndefined();
  });

  test("the order is the table's", () => {
    expect(metricOrder("reward")).toBe(0);
    expect(metricOrder("rewards/a/mean")).toBeLessThan(metricOrder("entropy"));
  });
});
