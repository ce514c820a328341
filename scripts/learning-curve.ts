/**
 * The picture of the README, from runs: `node scripts/learning-curve.ts runs/a runs/b runs/c > docs/images/learning-curve.svg`.
 * Held-out accuracy of a sampled completion, and the mean length of a completion, over the steps; one line a run.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const WIDTH = 820;
const HEIGHT = 300;
const PANEL = { left: 52, top: 46, width: 330, height: 200, gap: 76 };
const COLORS = ["#2563eb", "#ea580c", "#0d9488", "#7c3aed", "#be123c"];

interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [step: number, value: number])[];
}

function curves(runs: readonly string[], metric: string): Curve[] {
  return runs.map((run) => {
    const lines = readFileSync(join(run, "metrics.jsonl"), "utf8").trim().split("\n");
    const rows = lines.map((line) => JSON.parse(line) as Record<string, number>);
    const seed = JSON.parse(readFileSync(join(run, "config.json"), "utf8")).seed;
    const points = rows.flatMap((row) => (row[metric] === undefined ? [] : [[row.step!, row[metric]] as const]));
    return { name: `seed ${seed}`, points };
  });
}

function panel(index: number, title: string, all: readonly Curve[], top: number, label: (value: number) => string) {
  const left = PANEL.left + index * (PANEL.width + PANEL.gap);
  const last = Math.max(...all.flatMap(({ points }) => points.map(([step]) => step)));
  const x = (step: number) => left + (step / last) * PANEL.width;
  const y = (value: number) => PANEL.top + PANEL.height * (1 - value / top);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top);
    const line = `<line x1="${left}" x2="${left + PANEL.width}" y1="${at}" y2="${at}" class="grid"/>`;
    return `${line}<text x="${left - 8}" y="${at + 4}" text-anchor="end">${label(share * top)}</text>`;
  });
  const steps = [0, 0.5, 1].map((share) => {
    const step = Math.round(share * last);
    return `<text x="${x(step)}" y="${PANEL.top + PANEL.height + 20}" text-anchor="middle">${step}</text>`;
  });
  const lines = all.map(({ points }, i) => {
    const path = points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" stroke="${COLORS[i % COLORS.length]}"/>`;
  });
  return [`<text x="${left}" y="24" class="title">${title}</text>`, ...grid, ...steps, ...lines].join("\n");
}

const runs = process.argv.slice(2);
if (runs.length === 0) throw new Error("give the folders of runs");
const accuracy = curves(runs, "eval/pass1");
const lengths = curves(runs, "completions/mean_length");
const longest = Math.max(...lengths.flatMap(({ points }) => points.map(([, value]) => value)));
const legend = accuracy.map(({ name }, i) => {
  const at = PANEL.left + i * 90;
  const color = COLORS[i % COLORS.length];
  return `<circle cx="${at}" cy="${HEIGHT - 14}" r="4" fill="${color}"/><text x="${at + 10}" y="${HEIGHT - 10}">${name}</text>`;
});
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<style>
  svg { background: #fff } text { fill: #52525b } .title { font-size: 14px; font-weight: 600; fill: #18181b }
  .grid { stroke: #e4e4e7 } polyline { fill: none; stroke-width: 2 }
</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${panel(0, "Held-out accuracy of a sampled completion", accuracy, 1, (value) => `${Math.round(100 * value)} %`)}
${panel(1, "Mean length of a completion, in tokens", lengths, Math.ceil(longest / 20) * 20, (value) => `${Math.round(value)}`)}
${legend.join("\n")}
</svg>`);
