import { describe, expect, test } from "vitest";
import { bytes, count, formatPlan } from "../../src/cli/plan.ts";
import { formatTable, percent, textWidth } from "../../src/cli/table.ts";

describe("formatTable", () => {
  test("aligns the first column left and figures right", () => {
    const rows = [
      ["", "base", "trained"],
      ["greedy", "42.0 %", "96.5 %"],
      ["sampled (pass@1)", "31.1 %", "100.0 %"],
    ];
    expect(`\n${formatTable(rows, { header: true })}\n`).toBe(`
                    base  trained
────────────────  ──────  ───────
greedy            42.0 %   96.5 %
sampled (pass@1)  31.1 %  100.0 %
`);
  });

  test("wide characters and color codes keep columns straight", () => {
    const rows = [
      ["数学", "1"],
      ["\x1b[31mred\x1b[39m", "2"],
      ["é👍🏽", "3"],
    ];
    expect(formatTable(rows)).toBe("数学  1\n\x1b[31mred\x1b[39m   2\né👍🏽   3");
  });

  test("rows may be short", () => {
    expect(formatTable([["a"], ["b", "1"]])).toBe("a\nb  1");
    expect(formatTable([])).toBe("");
  });
});

describe("textWidth", () => {
  test.each([
    ["abc", 3],
    ["数学", 4],
    ["e\u0301", 1],
    ["👨‍👩‍👧", 2],
    ["\x1b[1mx\x1b[22m", 1],
    ["", 0],
  ])("%j takes %i columns", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe("formatPlan", () => {
  test("has its figures in columns, with where they come from", () => {
    const plan = {
      title: "GRPO on arithmetic",
      sections: [
        {
          title: "Batch",
          rows: [
            ["sequences a step", "256", "32 prompts × 8 completions"],
            ["tokens a step, at most", count(256 * 160)],
          ] as const,
        },
        { title: "Memory", rows: [["weights", bytes(3_500_000)]] as const },
      ],
    };
    expect(`\n${formatPlan(plan)}`).toBe(`
GRPO on arithmetic

Batch
  sequences a step        256     32 prompts × 8 completions
  tokens a step, at most  41.0 k

Memory
  weights  3.3 MiB
`);
  });

  test("counts and sizes are short", () => {
    expect([0, 9999, 10_000, 1_893_412, 3e9].map(count)).toEqual(["0", "9999", "10.0 k", "1.89 M", "3.00 G"]);
    expect([0, 1023, 1024, 5 * 2 ** 30].map(bytes)).toEqual(["0 B", "1023 B", "1.0 KiB", "5.0 GiB"]);
    expect([0, 0.9375, 1].map(percent)).toEqual(["0.0 %", "93.8 %", "100.0 %"]);
  });
});
