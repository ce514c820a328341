/** What a command would do, for --dry-run. */
import { formatTable } from "./table.ts";

export interface Plan {
  readonly title: string;
  readonly sections: readonly PlanSection[];
}

export interface PlanSection {
  readonly title: string;
  /** What, how much, and where the figure comes from: ["sequences a step", "256", "32 prompts × 8 completions"]. */
  readonly rows: readonly (readonly [what: string, value: string, why?: string])[];
}

export function formatPlan(plan: Plan): string {
  const sections = plan.sections.map(({ title, rows }) => {
    const cells = rows.map(([what, value, why]) => [`  ${what}`, value, why ?? ""]);
    return `${title}\n${formatTable(cells, { align: ["left", "left", "left"] })}`;
  });
  return `${[plan.title, ...sections].join("\n\n")}\n`;
}

/** 12345678 → "12.3 M"; for counts. */
export function count(value: number): string {
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e4],
  ] as const) {
    const scale = unit === "k" ? 1e3 : size;
    if (Math.abs(value) >= size) return `${(value / scale).toPrecision(3)} ${unit}`;
  }
  return String(Math.round(value));
}

/** 12345678 → "11.8 MiB" */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)));
  return step === 0 ? `${value} B` : `${(value / 1024 ** step).toFixed(1)} ${units[step]}`;
}
