import { z } from "zod";
import { type AuditReport, auditTask, FAMILIES, type Hole, type Rate } from "../../author/index.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { EXIT } from "../errors.ts";
import { PROGRAM } from "../program.ts";
import { isLive, paint } from "../screen.ts";
import { formatTable, percent } from "../table.ts";
import { indented, mark, plural, quoted, withTask } from "../task-command.ts";

export const auditCommand = defineCommand({
  name: "audit",
  summary: "Attacks a task's verifier and measures its error rates. Exits with 1 on a breach, 2 without a task.",
  schema: z.strictObject({
    task: z.string().describe("name or folder of a task"),
    rows: z.int().min(1).default(100).describe("rows on which the error rates are measured"),
    attackedRows: z.int().min(1).default(10).describe("rows on which every attack runs"),
    seed: z.int().default(0).describe("of the rows, and of what is changed in solutions"),
    only: z
      .string()
      .default("")
      .describe(`one family: ${FAMILIES.map(({ name }) => name).join(", ")}`),
    json: z.boolean().default(false).describe("print everything as JSON"),
  }),
  positional: ["task"],
  examples: [`${PROGRAM} audit arithmetic`, `${PROGRAM} audit ./my-task --only padding`],
  run: ({ task: name, only, json, ...options }, context) =>
    withTask(name, context, async (task, judging) => {
      const live = isLive(context.err, context.env);
      const onFamily = (family: string) => live && context.err.write(`\r\x1b[K${family} …`);
      const report = await auditTask(task, { ...options, ...(only === "" ? {} : { only }), judging, onFamily }).finally(
        () => live && context.err.write("\r\x1b[K"),
      );
      context.out.write(json ? `${JSON.stringify(report, null, 2)}\n` : auditText(report, context));
      if (report.holes.some(({ severity }) => severity === "breach")) context.exitWith(EXIT.findings);
    }),
});

function auditText(report: AuditReport, context: CommandContext): string {
  const { out, env } = context;
  const { task, attackedRows, rows, seed, families, holes } = report;
  const read = `every attack on ${plural(attackedRows, "row")}, rates on ${rows}, seed ${seed}`;
  const table = formatTable(
    [
      ["  family", "texts", "breaches", "doubts", ""],
      ...families.map(({ family, texts, breaches, doubts, summary }) => [
        `${mark(context, breaches > 0 ? "error" : doubts > 0 ? "warning" : texts > 0 ? "ok" : "skipped")} ${family}`,
        texts.toLocaleString("en"),
        breaches === 0 ? "–" : String(breaches),
        doubts === 0 ? "–" : String(doubts),
        paint(out, env, "dim", summary),
      ]),
    ],
    { header: true, align: ["left", "right", "right", "right", "left"] },
  );
  return [
    `${paint(out, env, "bold", `Audit of ${task}`)}  ${paint(out, env, "dim", read)}`,
    "",
    table,
    "",
    ...holes.map((hole) => `${holeText(hole, context)}\n`),
    ratesText(report),
    "",
    conclusion(holes),
    "",
  ].join("\n");
}

function holeText(hole: Hole, context: CommandContext): string {
  const { out, env } = context;
  const { family, attack, kind, severity, why, texts, rows, example } = hole;
  const isBreach = severity === "breach";
  const title = paint(out, env, "bold", kind === "accepted" ? `${family}: ${attack}` : `${family}: ${KINDS[kind]}`);
  const { verdict } = example;
  const said = verdict.status === "graded" ? `${verdict.outcome}, reward ${verdict.reward}` : "not graded";
  const time = kind === "slow" ? `, ${Math.round(example.ms)} ms` : "";
  const reason = verdict.reason === "" ? "" : `: ${verdict.reason}`;
  return [
    `${mark(context, isBreach ? "error" : "warning")} ${title} (${plural(texts, "text")} on ${plural(rows, "row")})`,
    indented(why, "  ", context),
    quoted(example.completion, "  ", context),
    indented(`row ${JSON.stringify(example.row)} → ${said}${time}${reason}`, "  ", context),
  ].join("\n");
}

const KINDS: Readonly<Record<Exclude<Hole["kind"], "accepted">, string>> = {
  pays: "pays for nothing",
  "not-graded": "is not graded",
  slow: "takes long",
  unstable: "is not the same twice",
  "out-of-range": "has a reward out of range",
};

function ratesText({ falsePositives, falseNegatives, refused }: AuditReport): string {
  const row = (name: string, { share, ci95: [low, high], errors, of, rows }: Rate) => [
    name,
    percent(share),
    `${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)}`,
    `${errors.toLocaleString("en")} of ${of.toLocaleString("en")}`,
    String(rows),
  ];
  return formatTable(
    [
      ["", "rate", "95 % interval", "texts", "rows"],
      ...(falsePositives === null ? [] : [row("wrong answers accepted", falsePositives)]),
      row("right answers refused", falseNegatives),
      ...refused.map(({ rewrite, rate }) => row(`  with ${rewrite}`, rate)),
    ],
    { header: true },
  );
}

function conclusion(holes: readonly Hole[]): string {
  const breaches = holes.filter(({ severity }) => severity === "breach").length;
  const doubts = holes.length - breaches;
  if (holes.length === 0) return "No breach.";
  const look = doubts === 0 ? "" : ` ${plural(doubts, "doubt")} to look at: what is marked ! may be right.`;
  return `${breaches === 0 ? "No breach." : `${plural(breaches, "breach", "breaches")}.`}${look}`;
}
