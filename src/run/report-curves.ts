/** The curves of report.html, read from metrics.jsonl and timings.jsonl. */
import { join } from "node:path";
import { z } from "zod";
import { type MetricName, metricInfo } from "../metrics.ts";
import { readJsonLines } from "./json-lines.ts";

export interface Line {
  readonly name: string;
  readonly label: string;
  readonly steps: readonly number[];
  /** Null = measured, and not a finite number. */
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  readonly meaning: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

/** Longer curves are averaged down to this many points: more would not be visible. */
export const MOST_POINTS = 800;

interface ChartPlan {
  readonly title: string;
  /** Metric and its label in the legend. A chart of one line needs no label. */
  readonly lines: readonly (readonly [MetricName, string])[];
}

const CHARTS: readonly ChartPlan[] = [
  { title: "Reward", lines: [["reward", "mean"]] },
  {
    title: "Held-out accuracy",
    lines: [
      ["eval/pass1", "sampled"],
      ["eval/greedy", "greedy"],
      ["eval/pass8", "pass@8"],
    ],
  },
  {
    title: "Completion length",
    lines: [
      ["completions/mean_length", "all"],
      ["completions/mean_terminated_length", "ended by themselves"],
    ],
  },
  { title: "Truncated completions", lines: [["completions/clipped_ratio", ""]] },
  { title: "Groups without signal", lines: [["frac_reward_zero_std", ""]] },
  { title: "Reward spread in a group", lines: [["reward_std", ""]] },
  { title: "Entropy", lines: [["entropy", ""]] },
  { title: "KL to the reference", lines: [["kl", ""]] },
  {
    title: "Clipped tokens",
    lines: [
      ["clip_ratio/region_mean", "either side"],
      ["clip_ratio/low_mean", "low"],
      ["clip_ratio/high_mean", "high"],
    ],
  },
  { title: "Gradient norm", lines: [["grad_norm", ""]] },
  {
    title: "Sampler against trainer",
    lines: [
      ["sampling/sampling_logp_difference/max", "largest"],
      ["sampling/sampling_logp_difference/mean", "mean"],
    ],
  },
  { title: "Loss", lines: [["loss", ""]] },
  {
    title: "Steps on the right side",
    lines: [
      ["prm/accuracy", "of the update"],
      ["eval/prm_accuracy", "held out"],
    ],
  },
  { title: "Score of a step", lines: [["process/mean_score", ""]] },
  { title: "Steps of a completion", lines: [["process/mean_steps", ""]] },
  { title: "Held-out loss", lines: [["eval/loss", ""]] },
  { title: "Learning rate", lines: [["learning_rate", ""]] },
  {
    title: "Without a reward",
    lines: [
      ["verify/ungraded", "not graded"],
      ["verify/failed", "verifier failed"],
    ],
  },
  { title: "No answer found", lines: [["verify/unparsed", ""]] },
  { title: "Discarded groups", lines: [["dynamic/discarded_share", ""]] },
  {
    title: "Seconds a step",
    lines: [
      ["step_time", "whole"],
      ["timing/sample", "sample"],
      ["timing/update", "update"],
    ],
  },
  { title: "Tokens per second", lines: [["perf/tokens_per_second", ""]] },
];

const Row = z.looseObject({ step: z.int() });

/** The charts that have something to show. */
export async function readCharts(run: string): Promise<Chart[]> {
  const columns = new Map<string, { steps: number[]; values: (number | null)[] }>();
  for (const file of ["metrics.jsonl", "timings.jsonl"]) {
    for await (const row of readJsonLines(join(run, file), Row)) addRow(columns, row);
  }
  return CHARTS.flatMap(({ title, lines }) => {
    const found = lines.flatMap(([name, label]) => {
      const column = columns.get(name);
      return column ? [{ name, label, ...thinned(column) }] : [];
    });
    const info = metricInfo(found[0]?.name ?? "");
    return info ? [{ title, meaning: info.meaning, unit: info.unit, lines: found }] : [];
  });
}

function addRow(
  columns: Map<string, { steps: number[]; values: (number | null)[] }>,
  row: Record<string, unknown>,
): void {
  for (const [name, value] of Object.entries(row)) {
    if (name === "step" || (typeof value !== "number" && value !== null)) continue;
    const column = columns.get(name) ?? { steps: [], values: [] };
    column.steps.push(row.step as number);
    column.values.push(value === null ? null : Number(value.toPrecision(6)));
    columns.set(name, column);
  }
}

/** Means of runs of neighbors. A value that is not finite stays visible: it makes the mean of its run null. */
function thinned({ steps, values }: { steps: number[]; values: (number | null)[] }): Pick<Line, "steps" | "values"> {
  const size = Math.ceil(steps.length / MOST_POINTS);
  if (size <= 1) return { steps, values };
  const starts = Array.from({ length: Math.ceil(steps.length / size) }, (_, i) => i * size);
  return {
    steps: starts.map((start) => steps[Math.min(start + size, steps.length) - 1]!),
    values: starts.map((start) => {
      const run = values.slice(start, start + size);
      if (run.includes(null)) return null;
      return Number((run.reduce<number>((sum, value) => sum + value!, 0) / run.length).toPrecision(6));
    }),
  };
}
