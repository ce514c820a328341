import { SftRun, sft } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { Resume, savedSettings } from "../resume.ts";
import { showTraining } from "../training-output.ts";
import { sftPlan } from "../training-plan.ts";

export const sftCommand = defineCommand({
  name: "sft",
  summary: "Fine-tunes a model on a task's solutions, or on a file of prompts and completions.",
  schema: SftRun.extend({ resume: Resume }),
  examples: [
    `${PROGRAM} sft --task arithmetic --sft.steps 300`,
    `${PROGRAM} sft --model my-model --data examples.jsonl --held-out held-out.jsonl`,
  ],
  inherit: (given) => savedSettings(given, "sft"),
  plan: ({ resume, ...settings }) => sftPlan(settings, resume !== undefined),
  run: ({ resume, ...settings }, context) =>
    showTraining({ command: "sft", task: settings.task }, context, (hooks) =>
      sft(settings, { ...hooks, resume: resume !== undefined }),
    ),
});
