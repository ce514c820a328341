/**
 * report.html: the curves, figures and completions of a run in one file that needs neither server nor network.
 *
 * Completions are hostile text. They enter the page as JSON in which every "<" is escaped, are shown as text nodes only,
 * and a content security policy allows no script but the page's own, by its hash, and no request at all.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { flatSettings } from "./config-change.ts";
import { readConfig } from "./directory.ts";
import { writeDurably } from "./durable-file.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { readJsonIfPresent } from "./read-json.ts";
import { type Chart, readCharts } from "./report-curves.ts";
import { embeddedJson } from "./report-json.ts";
import { chooseSamples, type SampleChoice } from "./report-samples.ts";
import { Examples, Summary } from "./summary.ts";

/** What the page gets. */
export interface ReportData {
  readonly name: string;
  readonly manifest: Manifest;
  readonly summary: Summary | null;
  readonly examples: Examples;
  readonly charts: readonly Chart[];
  readonly samples: SampleChoice;
  /** [dotted name, value as text] */
  readonly config: readonly (readonly [string, string])[];
}

const PAGE = new URL("../../assets/report/", import.meta.url); // the same way from src and dist

/** Makes report.html in a run directory, also while the run goes on; returns its path. */
export async function writeReport(run: string): Promise<string> {
  const path = join(run, "report.html");
  writeDurably(path, reportPage(await readReport(run)));
  return path;
}

/** @throws {RlvrError} E_RUN if the folder is no run directory or one of its files is damaged. */
export async function readReport(run: string): Promise<ReportData> {
  const manifest = readManifest(run);
  return {
    name: basename(resolve(run)),
    manifest,
    summary: readJsonIfPresent(join(run, "summary.json"), Summary),
    examples: readJsonIfPresent(join(run, "examples.json"), Examples) ?? [],
    charts: await readCharts(run),
    samples: await chooseSamples(run, manifest.seed),
    config: flatSettings(readConfig(run)).map(([name, value]) => [name, JSON.stringify(value)]),
  };
}

export function reportPage(data: ReportData): string {
  const script = asset("page.js");
  const style = asset("page.css");
  const policy = `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(`${data.name} · rlvr`)}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page is drawn by JavaScript. Its figures are in summary.json and metrics.jsonl beside it.</noscript>
<main id="page"></main>
<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function asset(name: string): string {
  return readFileSync(new URL(name, PAGE), "utf8").replaceAll("\r\n", "\n"); // the browser hashes it so
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
