/** Text tables with aligned columns. */
import { stripVTControlCharacters } from "node:util";

export interface TableOptions {
  /** One for each column; the default is left for the first and right for the others. */
  readonly align?: readonly ("left" | "right")[];
  /** Draws a line under the first row. */
  readonly header?: boolean;
}

export function formatTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) => Math.max(0, ...rows.map((row) => textWidth(row[c] ?? ""))));
  const lines = rows.map((row) =>
    widths
      .map((width, c) => pad(row[c] ?? "", width, options.align?.[c] ?? (c === 0 ? "left" : "right")))
      .join("  ")
      .trimEnd(),
  );
  if (options.header) lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "));
  return lines.join("\n");
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  return align === "left" ? text + space : space + text;
}

/** Columns that a text takes in a terminal: wide characters take two, combining marks and color codes none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(
    stripVTControlCharacters(text),
  )) {
    width += /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u.test(segment) ? 0 : isWide(segment) ? 2 : 1;
  }
  return width;
}

/** East Asian wide and full-width ranges, and emoji. */
function isWide(segment: string): boolean {
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u.test(
    segment,
  );
}

/** 0.9375 → "93.8 %" */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
