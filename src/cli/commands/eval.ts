import { writeFileSync } from "node:fs";
import { z } from "zod";
import { type Estimate, type EvalResult, EvalRun, evaluateModel } from "../../run/index.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { isLive } from "../screen.ts";
import { formatTable, percent } from "../table.ts";

export const evalCommand = defineCommand({
  name: "eval",
  summary: "Measures a model on a task's eval split: greedy, avg@n, pass@k, maj@k with 95 % intervals.",
  schema: EvalRun.extend({
    json: z.string().default("").describe("write the figures to this file too; - prints them instead of the table"),
  }),
  examples: [
    `${PROGRAM} eval --task arithmetic`,
    `${PROGRAM} eval --task arithmetic --model runs/arithmetic-grpo-seed1 --samples 32 --k 1,8,32 --json after.json`,
    `${PROGRAM} eval --task arithmetic --select prm --prm runs/arithmetic-prm-seed1 --score min`,
  ],
  run: async ({ json, ...settings }, context) => {
    const { signal } = context;
    const result = await evaluateModel(settings, { signal, onProgress: progressOf(context) }).finally(() => {
      if (isLive(context.err, context.env)) context.err.write("\r\x1b[K");
    });
    const text = `${JSON.stringify(result, null, 2)}\n`;
    context.out.write(json === "-" ? text : evalText(result));
    if (json !== "" && json !== "-") writeFileSync(json, text);
  },
});

function progressOf({ err, env }: CommandContext) {
  return (done: number, total: number) => {
    if (isLive(err, env) && done % Math.ceil(total / 100) === 0) err.write(`\r\x1b[K${done} of ${total} completions`);
  };
}

function evalText(result: EvalResult): string {
  const { greedy, avg, pass, maj, best = {}, vote = {}, samples } = result;
  const row = (name: string, { value, ci95: [low, high] }: Estimate) => [
    name,
    percent(value),
    `${(100 * low).toFixed(1)} – ${(100 * high).toFixed(1)}`,
  ];
  const rows = [
    ["", "accuracy", "95 % interval"],
    ...(greedy ? [row("greedy", greedy)] : []),
    ...(avg ? [row(`avg@${samples}`, avg)] : []),
    ...Object.entries(pass).map(([k, estimate]) => row(`pass@${k}`, estimate)),
    ...Object.entries(maj).map(([k, estimate]) => row(`maj@${k}`, estimate)),
    ...Object.entries(best).map(([k, estimate]) => row(`best@${k}`, estimate)),
    ...Object.entries(vote).map(([k, estimate]) => row(`vote@${k}`, estimate)),
  ];
  const ungraded = result.ungraded > 0 ? `, ${percent(result.ungraded)} not graded and counted as wrong` : "";
  const drawn = samples > 0 ? `, ${samples} samples each at temperature ${result.temperature}` : "";
  return [
    `${result.model} on ${result.task}: ${result.problems} held-out problems${drawn}, seed ${result.seed}`,
    "",
    formatTable(rows, { header: true }),
    "",
    `mean length ${result.meanLength.toFixed(1)} tokens, ${percent(result.truncated)} cut off${ungraded}; ${result.seconds.toFixed(1)} s`,
    "",
  ].join("\n");
}
