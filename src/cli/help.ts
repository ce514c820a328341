/** Help texts and documentation tables, made from schemas. */
import { kebab, type Setting } from "./settings.ts";

const NAME_WIDTH = 34;

export interface HelpPage {
  readonly usage: string;
  readonly summary: string;
  readonly settings: readonly Setting[];
  /** Settings that are words without a flag. */
  readonly positional: readonly string[];
  readonly examples: readonly string[];
}

/** Settings grouped by their first part; those that must be given come first. Lines are at most `width` wide. */
export function helpText(page: HelpPage, width = 100): string {
  const flags = page.settings.filter(({ name }) => !page.positional.includes(name));
  const words = page.settings.filter(({ name }) => page.positional.includes(name));
  const blocks = [
    page.summary,
    `Usage: ${page.usage}`,
    ...(words.length > 0 ? [`Arguments\n${words.map((word) => entry(`<${word.name}>`, word, width)).join("\n")}`] : []),
    ...groups(flags).map(
      ([title, group]) => `${title}\n${group.map((flag) => entry(flagOf(flag), flag, width)).join("\n")}`,
    ),
    ...(page.examples.length > 0 ? [`Examples\n${page.examples.map((example) => `  ${example}`).join("\n")}`] : []),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function groups(settings: readonly Setting[]): [string, Setting[]][] {
  const byTitle = new Map<string, Setting[]>([["Options", []]]);
  for (const setting of settings) {
    const title = setting.path.length === 1 ? "Options" : setting.path[0]!;
    byTitle.set(title, [...(byTitle.get(title) ?? []), setting]);
  }
  return [...byTitle].filter(([, group]) => group.length > 0);
}

function flagOf(setting: Setting): string {
  const flag = `--${setting.fallback === true ? "[no-]" : ""}${kebab(setting.name)}`;
  if (setting.kind === "boolean") return flag;
  return setting.alone ? `${flag} [${setting.shape.replace("|true", "")}]` : `${flag} <${setting.shape}>`;
}

function entry(left: string, setting: Setting, width: number): string {
  const text = [setting.description, defaultText(setting)].filter((part) => part !== "").join(" ");
  const indent = " ".repeat(NAME_WIDTH + 2);
  const lines = wrap(text, width - indent.length);
  const first = `  ${left}`;
  if (first.length >= indent.length) return [first, ...lines.map((line) => indent + line)].join("\n");
  return [first.padEnd(indent.length) + (lines[0] ?? ""), ...lines.slice(1).map((line) => indent + line)]
    .join("\n")
    .trimEnd();
}

function defaultText({ fallback, required, kind }: Setting): string {
  if (required) return "(required)";
  if (fallback === undefined || fallback === "" || (kind === "boolean" && fallback === false)) return "";
  return `(default ${typeof fallback === "string" ? fallback : JSON.stringify(fallback)})`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The same as a Markdown table, for docs/config.md. */
export function settingsTable(settings: readonly Setting[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = settings.map((setting) => {
    const fallback = setting.required
      ? "required"
      : setting.fallback === undefined
        ? ""
        : JSON.stringify(setting.fallback);
    return `| \`--${kebab(setting.name)}\` | ${cell(setting.shape)} | ${cell(fallback)} | ${cell(setting.description)} |`;
  });
  return ["| flag | value | default | meaning |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}
