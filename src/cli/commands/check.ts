import { z } from "zod";
import { type CheckResult, inspectTask, type TaskReport } from "../../author/index.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { EXIT } from "../errors.ts";
import { PROGRAM } from "../program.ts";
import { paint } from "../screen.ts";
import { indented, mark, plural, withTask } from "../task-command.ts";

/** Findings of one check that are shown; --json has all. */
const SHOWN = 3;

export const checkCommand = defineCommand({
  name: "check",
  summary:
    "Checks a task before a run: rows, cases, solutions, leaks, guessing. Exits with 1 on errors, 2 without a task.",
  schema: z.strictObject({
    task: z.string().describe("name or folder of a task"),
    rows: z.int().min(1).default(1000).describe("rows read of each split"),
    seed: z.int().default(0).describe("of the rows, and of what is changed in solutions"),
    json: z.boolean().default(false).describe("print everything as JSON"),
  }),
  positional: ["task"],
  examples: [`${PROGRAM} check arithmetic`, `${PROGRAM} check ./my-task --rows 200 --json`],
  run: ({ task: name, rows, seed, json }, context) =>
    withTask(name, context, async (task, judging) => {
      const report = await inspectTask(task, { rows, seed, judging });
      context.out.write(json ? `${JSON.stringify(report, null, 2)}\n` : checkText(report, context));
      if (report.checks.some(({ status }) => status === "error")) context.exitWith(EXIT.findings);
    }),
});

function checkText({ task, seed, rows, checks }: TaskReport, context: CommandContext): string {
  const { out, env } = context;
  const read = `${plural(rows.train, "train row")}, ${plural(rows.eval, "eval row")}, seed ${seed}`;
  const width = Math.max(...checks.map(({ check }) => check.length));
  return [
    `${paint(out, env, "bold", `Check of ${task}`)}  ${paint(out, env, "dim", read)}`,
    "",
    ...checks.map((result) => resultText(result, width, context)),
    "",
    conclusion(checks),
    "",
  ].join("\n");
}

function resultText({ check, status, seen, findings }: CheckResult, width: number, context: CommandContext): string {
  const head = `${mark(context, status)} ${check.padEnd(width)}  ${seen === "" ? "nothing to look at" : seen}`;
  const more = findings.length - SHOWN;
  return [
    head.trimEnd(),
    ...findings.slice(0, SHOWN).map(({ message }) => indented(message, " ".repeat(width + 4), context)),
    ...(more > 0 ? [`${" ".repeat(width + 4)}and ${more} more`] : []),
  ].join("\n");
}

function conclusion(checks: readonly CheckResult[]): string {
  const all = checks.flatMap(({ findings }) => findings);
  const errors = all.filter(({ severity }) => severity === "error").length;
  const warnings = all.length - errors;
  if (all.length === 0) return "Nothing to complain about.";
  return `${plural(errors, "error")}, ${plural(warnings, "warning")}. A warning may be meant; an error breaks training.`;
}
