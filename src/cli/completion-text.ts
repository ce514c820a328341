/** Completions on the screen: hostile text, wrapped, two of them side by side. */
import { textWidth } from "./table.ts";

/** Control characters are shown as such: a completion must not move the cursor or color what follows. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (sign) => {
    if (sign === "\n") return sign;
    const code = sign.codePointAt(0) as number;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "\ufffd";
  });
}

/** Lines of at most `width` columns; broken after a space or comma or before a tag where that is near, else anywhere. */
export function wrapText(text: string, width: number): string[] {
  return printable(text)
    .split("\n")
    .flatMap((line) => wrapLine(line, Math.max(1, width)));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(line)) {
    if (current !== "" && textWidth(current) + textWidth(segment) > width) {
      const near = Math.max(current.lastIndexOf(" ") + 1, current.lastIndexOf(",") + 1, current.lastIndexOf("<"));
      const cut = near > current.length / 2 ? near : current.length;
      lines.push(current.slice(0, cut).trimEnd());
      current = current.slice(cut);
    }
    current += segment;
  }
  return [...lines, current];
}

/** Screens with fewer columns get one text below the other. */
const NARROW = 72;
const GAP = "   ";

export interface TitledText {
  /** May hold color codes; one line. */
  readonly title: string;
  readonly text: string;
}

/** Two texts with their titles: next to each other, or on narrow screens one below the other. */
export function sideBySideText(left: TitledText, right: TitledText, width: number): string {
  if (width < NARROW) {
    return [left, right].map(({ title, text }) => [title, ...indent(wrapText(text, width - 2))].join("\n")).join("\n");
  }
  const half = Math.floor((width - GAP.length) / 2);
  const columns = [left, right].map(({ title, text }) => [title, ...wrapText(text, half)]);
  const rows = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: rows }, (_, row) => {
    const [first = "", second = ""] = columns.map((column) => column[row]);
    return `${first}${" ".repeat(Math.max(0, half - textWidth(first)))}${GAP}${second}`.trimEnd();
  }).join("\n");
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
