import { type SampledCompletion, SampleRun, sampleModel } from "../../run/index.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { printable, wrapText } from "../completion-text.ts";
import { PROGRAM } from "../program.ts";
import { paint } from "../screen.ts";

export const sampleCommand = defineCommand({
  name: "sample",
  summary: "Shows completions of held-out problems with their verdicts, or of a prompt.",
  schema: SampleRun,
  examples: [
    `${PROGRAM} sample --task arithmetic --problems 2 --samples 4`,
    `${PROGRAM} sample --task arithmetic --model runs/arithmetic-grpo-seed1 --prompt 13+22-31+40= --temperature 0`,
  ],
  run: async (settings, context) => {
    const problems = await sampleModel(settings, { signal: context.signal });
    const width = Math.min((context.out.columns ?? 100) - 1, 140);
    for (const { promptId, prompt, completions } of problems) {
      const { out, env } = context;
      const id = settings.prompt === "" ? `  ${paint(out, env, "dim", promptId)}` : "";
      out.write(`${paint(out, env, "bold", printable(prompt))}${id}\n`);
      for (const completion of completions) out.write(`${completionText(completion, width, context)}\n`);
      out.write("\n");
    }
  },
});

function completionText(completion: SampledCompletion, width: number, { out, env }: CommandContext): string {
  const { verdict, tokens, stopReason, logProb } = completion;
  const text = wrapText(completion.completion, width - 2).map((line) => `  ${line}`);
  const ending = stopReason === "length" ? ", cut off" : "";
  const figures = `${tokens} tokens${ending}, log-prob ${logProb.toFixed(2)}`;
  if (verdict === null) return [...text, paint(out, env, "dim", `  ${figures}`)].join("\n");
  const isRight = verdict.status === "graded" && verdict.outcome === "correct";
  const reward = verdict.status === "graded" ? `reward ${verdict.reward}` : `not graded (${verdict.cause})`;
  const mark = paint(out, env, isRight ? "green" : "red", isRight ? "✓" : "✗");
  const reason = verdict.reason === "" ? "" : `: ${printable(verdict.reason)}`;
  return [...text, `  ${mark} ${reward}${reason} ${paint(out, env, "dim", `(${figures})`)}`].join("\n");
}
