import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import type { AnnotatorReport, PreferenceFinding, PreferenceReport } from "../../preference/index.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { EXIT } from "../errors.ts";
import { PROGRAM } from "../program.ts";
import { paint } from "../screen.ts";
import { formatTable, percent } from "../table.ts";
import { indented, mark, plural } from "../task-command.ts";

/** Findings that are shown; --json has all. */
const SHOWN = 40;

export const prefsCommand = defineCommand({
  name: "prefs",
  summary: "Preference files. check: what is wrong in one, with line numbers; exits with 1 on errors.",
  schema: z.strictObject({
    action: z.enum(["check"]).describe("check = contradictions, annotators far from the rest, length bias, leaks"),
    file: z.string().describe(".jsonl, .json or .parquet, in TRL's layouts, HH's or rlvr's own"),
    against: z.string().default("").describe("file of another split, whose prompts this one must not have"),
    json: z.boolean().default(false).describe("print everything as JSON"),
  }),
  positional: ["action", "file"],
  examples: [`${PROGRAM} prefs check pairs.jsonl`, `${PROGRAM} prefs check train.jsonl --against test.jsonl --json`],
  run: async ({ file, against, json }, context) => {
    const { inspectPreferences } = await import("../../preference/index.ts");
    const { promptsOf, readPreferences } = await import("../../run/preference-data.ts");
    const own = await readPreferences(file);
    if (own.records.length === 0 && own.faults.length === 0) {
      throw new RlvrError("E_TASK_DATA", `${file} has no rows, expected at least one`);
    }
    const others = against === "" ? [] : promptsOf(await readPreferences(against));
    const inspected = inspectPreferences(own.records, { against: others });
    const report = { ...inspected, findings: [...own.faults, ...inspected.findings] };
    context.out.write(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(file, report, context));
    if (report.findings.some(({ severity }) => severity === "error")) context.exitWith(EXIT.findings);
  },
});

function reportText(file: string, report: PreferenceReport, context: CommandContext): string {
  const { out, env } = context;
  const { records, kinds, comparisons, alpha, annotators, length, findings } = report;
  const held = Object.entries(kinds).map(([kind, count]) => plural(count, kind));
  const more = findings.length - SHOWN;
  return [
    `${paint(out, env, "bold", file)}  ${plural(records, "record")}: ${held.join(", ") || "none"}`,
    "",
    `comparisons   ${comparisons.toLocaleString("en")}`,
    ...(length.pairs > 0 ? [`longer chosen ${percent(length.longerChosen)} of ${length.pairs}`] : []),
    ...(alpha === null ? [] : [`agreement     Krippendorff's α ${alpha.toFixed(3)}`]),
    ...(annotators.length > 0 ? ["", annotatorTable(annotators)] : []),
    "",
    ...findings.slice(0, SHOWN).map((finding) => findingText(finding, context)),
    ...(more > 0 ? [`and ${more} more: --json has all`] : []),
    conclusion(findings),
    "",
  ].join("\n");
}

function annotatorTable(annotators: readonly AnnotatorReport[]): string {
  const number = (value: number, text: string) => (Number.isNaN(value) ? "–" : text);
  return formatTable(
    [
      ["annotator", "comparisons", "shared", "with the others", "κ", ""],
      ...annotators.map(({ annotator, comparisons, shared, agreement, kappa, isOutlier }) => [
        annotator,
        comparisons.toLocaleString("en"),
        shared.toLocaleString("en"),
        number(agreement, percent(agreement)),
        number(kappa, kappa.toFixed(2)),
        isOutlier ? "far from the rest" : "",
      ]),
    ],
    { header: true, align: ["left", "right", "right", "right", "right", "left"] },
  );
}

function findingText({ severity, where, message }: PreferenceFinding, context: CommandContext): string {
  return `${mark(context, severity)} ${indented(`${where} ${message}`, "  ", context).trimStart()}`;
}

function conclusion(findings: readonly PreferenceFinding[]): string {
  if (findings.length === 0) return "Nothing to complain about.";
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return `${plural(errors, "error")}, ${plural(findings.length - errors, "warning")}.`;
}
