import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { type Change, type LineProblem, type RescoreReport, rescore } from "../../author/index.ts";
import { RlvrError } from "../../errors.ts";
import { ASIDE, publish } from "../../run/durable-file.ts";
import { readJsonIfPresent } from "../../run/read-json.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { EXIT } from "../errors.ts";
import { PROGRAM } from "../program.ts";
import { paint } from "../screen.ts";
import { formatTable } from "../table.ts";
import { indented, mark, plural, quoted, withTask } from "../task-command.ts";

const SHOWN_PROBLEMS = 5;

export const verifyCommand = defineCommand({
  name: "verify",
  summary: "Judges stored completions again, and shows what changed. Exits with 1 where lines could not be judged.",
  schema: z.strictObject({
    task: z.string().describe("name or folder of a task"),
    in: z.string().describe('rollouts.jsonl of a run, or lines such as {"row": {…}, "completion": "…", "reward": 1}'),
    out: z
      .string()
      .default("")
      .describe("file for the same lines with their new verdicts; written whole or not at all"),
    seed: z
      .int()
      .optional()
      .describe("of the run, which decides its rows; by default from config.json beside the file"),
    trustIds: z.boolean().default(false).describe("judge also where the task gives another prompt for a row's id now"),
    show: z.int().min(0).default(5).describe("changed completions to show"),
    json: z.boolean().default(false).describe("print everything as JSON"),
  }),
  positional: ["task"],
  examples: [
    `${PROGRAM} verify arithmetic --in runs/arithmetic-grpo-seed1/rollouts.jsonl`,
    `${PROGRAM} verify ./my-task --in completions.jsonl --out judged.jsonl`,
  ],
  run: ({ task: name, in: path, out, seed = seedBeside(path), trustIds, show, json }, context) =>
    withTask(name, context, async (task, judging) => {
      if (!existsSync(path)) {
        throw new RlvrError("E_RUN", `${path} does not exist, expected a file of completions`, {
          hint: "A run writes rollouts.jsonl in its folder.",
        });
      }
      const file = out === "" ? null : openAside(out);
      const onLine = (text: string) => file?.write(`${text}\n`);
      const report = await rescore(task, path, { seed, trustIds, judging, onLine }).then(
        (result) => {
          file?.publish();
          return result;
        },
        (error: unknown) => {
          file?.discard();
          throw error;
        },
      );
      context.out.write(json ? `${JSON.stringify(report, null, 2)}\n` : verifyText(report, path, show, context));
      if (out !== "" && !json) context.out.write(`${plural(report.lines, "line")} written to ${out}\n`);
      if (report.bad.length + report.unscored.length > 0) context.exitWith(EXIT.findings);
    }),
});

/** The seed of the run that the file lies in; 0 where it lies in none. */
function seedBeside(path: string): number {
  return readJsonIfPresent(join(dirname(path), "config.json"), z.looseObject({ seed: z.int().default(0) }))?.seed ?? 0;
}

function openAside(path: string) {
  const aside = join(dirname(path), `${ASIDE}${process.pid}-${basename(path)}`);
  const file = openSync(aside, "w");
  return {
    write: (text: string) => writeSync(file, text),
    publish: () => {
      fsyncSync(file);
      closeSync(file);
      publish(aside, path);
    },
    discard: () => {
      closeSync(file);
      rmSync(aside);
    },
  };
}

function verifyText(report: RescoreReport, path: string, show: number, context: CommandContext): string {
  const { out, env } = context;
  const { task, lines, scored, bad, unscored, transitions, meanBefore, meanAfter, changes } = report;
  const read = `${scored.toLocaleString("en")} of ${plural(lines, "line")} of ${path}`;
  const table = formatTable(
    [
      ["before", "now", "lines"],
      ...transitions.map(({ before, after, lines: count }) => [
        before,
        before === after ? after : paint(out, env, "yellow", after),
        count.toLocaleString("en"),
      ]),
    ],
    { header: true, align: ["left", "left", "right"] },
  );
  const means =
    meanBefore === null ? [] : [`mean reward ${meanBefore.toFixed(4)} → ${(meanAfter as number).toFixed(4)}`, ""];
  const shown = changes.slice(0, show);
  return [
    `${paint(out, env, "bold", `${task}, judged again`)}  ${paint(out, env, "dim", read)}`,
    "",
    ...(scored === 0 ? [] : [table, "", ...means]),
    ...(changes.length === 0 ? [] : [`${plural(changes.length, "verdict")} changed:`, ""]),
    ...shown.map((change) => `${changeText(change, context)}\n`),
    ...(changes.length > shown.length
      ? [`and ${changes.length - shown.length} more; --show and --json have them`, ""]
      : []),
    ...problemsText("hold nothing to judge", bad, context),
    ...problemsText("were not judged: their rows are gone", unscored, context),
    ...(changes.length === 0 && scored > 0 ? ["No verdict changed.", ""] : []),
  ].join("\n");
}

function changeText({ line, row, completion, before, after }: Change, context: CommandContext): string {
  const said = ({ outcome, reward, reason }: Change["before"]) =>
    `${outcome}${reward === null ? "" : `, reward ${reward}`}${reason === "" ? "" : ` (${reason})`}`;
  return [
    `${paint(context.out, context.env, "bold", `line ${line}`)}, row ${JSON.stringify(row)}`,
    quoted(completion, "  ", context),
    indented(`before  ${said(before)}`, "  ", context),
    indented(`now     ${said(after)}`, "  ", context),
  ].join("\n");
}

function problemsText(what: string, problems: readonly LineProblem[], context: CommandContext): string[] {
  if (problems.length === 0) return [];
  const more = problems.length - SHOWN_PROBLEMS;
  return [
    `${mark(context, "error")} ${plural(problems.length, "line")} ${what}`,
    ...problems.slice(0, SHOWN_PROBLEMS).map(({ line, reason }) => indented(`line ${line}: ${reason}`, "  ", context)),
    ...(more > 0 ? [`  and ${more} more`] : []),
    "",
  ];
}
