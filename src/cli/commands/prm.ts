/** `rlvr prm label`, `rlvr prm train`, `rlvr prm eval`: labels for steps, a reward model of them, and how good it is. */
import { writeFileSync } from "node:fs";
import { z } from "zod";
import {
  type Estimate,
  evaluatePrm,
  type LabelLedger,
  labelSteps,
  type PrmEvalResult,
  PrmEvalRun,
  PrmLabelRun,
  PrmTrainRun,
  prmTrain,
} from "../../run/index.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { count } from "../plan.ts";
import { PROGRAM } from "../program.ts";
import { Resume, savedSettings } from "../resume.ts";
import { isLive } from "../screen.ts";
import { formatTable, percent } from "../table.ts";
import { showTraining } from "../training-output.ts";

export const prmLabelCommand = defineCommand({
  name: "prm label",
  summary: "Labels the steps of a model's own solutions, by completing them or by the task's step verifier.",
  schema: PrmLabelRun,
  examples: [
    `${PROGRAM} prm label --task arithmetic --out labels.jsonl`,
    `${PROGRAM} prm label --task arithmetic --method soft --rollouts 16 --min-steps 2 --out soft.jsonl`,
  ],
  run: async (settings, context) => {
    const onProgress = progressOf(context, "solutions");
    const ledger = await labelSteps(settings, { signal: context.signal, onProgress }).finally(() => clear(context));
    context.out.write(ledgerText(ledger));
  },
});

export const prmTrainCommand = defineCommand({
  name: "prm train",
  summary: "Trains a process reward model on labeled steps: a model with a score head.",
  schema: PrmTrainRun.extend({ resume: Resume }),
  examples: [
    `${PROGRAM} prm train --task arithmetic --data labels.jsonl`,
    `${PROGRAM} prm train --task arithmetic --data labels.jsonl --prm.last-step-only`,
    `${PROGRAM} prm train --task "" --model my-model --data math-shepherd.jsonl --format math-shepherd --split.rule line`,
  ],
  inherit: (given) => savedSettings(given, "prm"),
  run: ({ resume, ...settings }, context) =>
    showTraining({ command: "prm train", task: settings.task }, context, (hooks) =>
      prmTrain(settings, { ...hooks, resume: resume !== undefined }),
    ),
});

export const prmEvalCommand = defineCommand({
  name: "prm eval",
  summary: "Measures a process reward model on held-out problems: first errors, steps, calibration, best-of-k.",
  schema: PrmEvalRun.extend({
    json: z.string().default("").describe("write the figures to this file too; - prints them instead of the table"),
  }),
  examples: [
    `${PROGRAM} prm eval --task arithmetic --prm runs/arithmetic-prm-seed1`,
    `${PROGRAM} prm eval --task arithmetic --prm runs/arithmetic-prm-seed1 --calibration-plot calibration.svg`,
  ],
  run: async ({ json, ...settings }, context) => {
    const onProgress = progressOf(context, "completions");
    const result = await evaluatePrm(settings, { signal: context.signal, onProgress }).finally(() => clear(context));
    const text = `${JSON.stringify(result, null, 2)}\n`;
    context.out.write(json === "-" ? text : evalText(result));
    if (json !== "" && json !== "-") writeFileSync(json, text);
  },
});

function progressOf({ err, env }: CommandContext, what: string) {
  return (done: number, total: number) => {
    if (isLive(err, env) && done % Math.ceil(total / 100) === 0) err.write(`\r\x1b[K${done} of ${total} ${what}`);
  };
}

function clear({ err, env }: CommandContext): void {
  if (isLive(err, env)) err.write("\r\x1b[K");
}

function ledgerText(ledger: LabelLedger): string {
  const { file, solutions, dropped, labels, positive, rollouts, tokens, solutionTokens, agreement, seconds } = ledger;
  const perLabel = rollouts / Math.max(1, labels);
  const rows: [string, string][] = [
    ["solutions", `${count(solutions)} written, ${count(dropped)} left out`],
    ["labels", `${count(labels)}, ${percent(positive / Math.max(1, labels))} of them right`],
    ["rollouts", `${count(rollouts)} completions (${perLabel.toFixed(2)} a label), ${count(tokens)} tokens`],
    ["solutions' tokens", count(solutionTokens)],
  ];
  if (agreement) {
    const { all, inner, firstError } = agreement;
    rows.push([
      "as the task says",
      `${percent(all)} of labels, ${percent(inner)} before the last step, ${percent(firstError)} of first errors`,
    ]);
  }
  return `${file}: ${ledger.method} labels of ${ledger.model} on ${ledger.task}, seed ${ledger.seed}\n\n${formatTable(rows, { align: ["left", "left"] })}\n\n${seconds.toFixed(1)} s; the same as JSON in ${file}.ledger.json\n`;
}

function evalText(result: PrmEvalResult): string {
  const { firstError, f1Interval, steps, calibration, selection } = result;
  const lines = [
    `${result.prm} on ${result.task}: ${result.problems} held-out problems, ${result.samples} solutions each by ${result.model}, seed ${result.seed}`,
  ];
  if (firstError && steps && calibration) {
    const interval = f1Interval ? ` [${percent(f1Interval[0])}, ${percent(f1Interval[1])}]` : "";
    const found = `${percent(firstError.onErroneous)} of ${count(firstError.erroneous)} wrong solutions`;
    const passed = `${percent(firstError.onCorrect)} of ${count(firstError.correct)} right ones let pass`;
    const table: [string, string][] = [
      [
        "first error F1",
        `${percent(firstError.f1)}${interval}: ${found}, ${passed}; threshold ${firstError.threshold.toFixed(3)}`,
      ],
      [
        "steps",
        `PRM score ${percent(steps.prmScore)}, AUC ${steps.auc.toFixed(3)}, accuracy ${percent(steps.accuracy)} of ${count(steps.count)}`,
      ],
      ["calibration", `ECE ${calibration.ece.toFixed(3)}`],
    ];
    lines.push("", formatTable(table, { align: ["left", "left"] }));
  }
  const row = (name: string, { value, ci95: [low, high] }: Estimate) => [
    name,
    percent(value),
    `${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)}`,
  ];
  const { k, one, majority, any, best, vote } = selection;
  const rows = [
    [`of ${k} solutions`, "accuracy", "95 % interval"],
    row("one by chance", one),
    row("majority", majority),
    ...Object.entries(best).map(([name, estimate]) => row(`best by ${name}`, estimate)),
    ...Object.entries(vote).map(([name, estimate]) => row(`vote weighted by ${name}`, estimate)),
    row("any of them", any),
  ];
  return [...lines, "", formatTable(rows, { header: true }), "", `${result.seconds.toFixed(1)} s`, ""].join("\n");
}
