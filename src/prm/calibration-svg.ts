/** The reliability diagram: share of right steps over the score, a bar for each bin, as wide as its count is large. */
import type { CalibrationBin } from "./metrics.ts";

const SIZE = 320;
const MARGIN = { left: 44, right: 12, top: 28, bottom: 40 };

/** A picture of itself, without scripts or fonts; colors suit light and dark pages. */
export function calibrationSvg({ ece, bins }: { ece: number; bins: readonly CalibrationBin[] }): string {
  const [width, height] = [SIZE + MARGIN.left + MARGIN.right, SIZE + MARGIN.top + MARGIN.bottom];
  const x = (share: number) => MARGIN.left + share * SIZE;
  const y = (share: number) => MARGIN.top + (1 - share) * SIZE;
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const parts = [0, 0.25, 0.5, 0.75, 1].flatMap((tick) => [
    `<line x1="${x(0)}" x2="${x(1)}" y1="${y(tick)}" y2="${y(tick)}" stroke="currentColor" stroke-opacity=".15"/>`,
    text(x(0) - 6, y(tick) + 4, String(tick), "end"),
    text(x(tick), y(0) + 16, String(tick), "middle"),
  ]);
  for (const { from, to, count, score, right } of bins) {
    if (count === 0) continue;
    const half = ((to - from) / 2) * Math.sqrt(count / most) * SIZE;
    const center = x((from + to) / 2);
    const title = `<title>${count} steps, mean score ${score.toFixed(3)}, ${(100 * right).toFixed(1)} % right</title>`;
    parts.push(
      `<rect x="${(center - half).toFixed(1)}" y="${y(right).toFixed(1)}" width="${(2 * half).toFixed(1)}" height="${(right * SIZE).toFixed(1)}" fill="#3b82f6" fill-opacity=".55">${title}</rect>`,
      `<circle cx="${x(score).toFixed(1)}" cy="${y(right).toFixed(1)}" r="3" fill="#3b82f6"/>`,
    );
  }
  parts.push(
    `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="currentColor" stroke-dasharray="4 4" stroke-opacity=".6"/>`,
    text(x(0), 16, `right steps over score, ECE ${ece.toFixed(3)}`, "start"),
    text(x(0.5), y(0) + 34, "score", "middle"),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" color="#888">${parts.join("")}</svg>\n`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="currentColor">${words}</text>`;
}
