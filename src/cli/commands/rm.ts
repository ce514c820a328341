import { RmRun, rm } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { Resume, savedSettings } from "../resume.ts";
import { showTraining } from "../training-output.ts";

export const rmCommand = defineCommand({
  name: "rm",
  summary: "Trains a reward model on preferences: the model's trunk with a head that scores completions.",
  schema: RmRun.extend({ resume: Resume }),
  examples: [
    `${PROGRAM} rm --model runs/data-sft-seed1 --data pairs.jsonl --held-out test.jsonl`,
    `${PROGRAM} rm --model my-model --data rankings.jsonl --rm.loss rankings`,
  ],
  inherit: (given) => savedSettings(given, "rm"),
  run: ({ resume, ...settings }, context) =>
    showTraining({ command: "rm", task: "" }, context, (hooks) =>
      rm(settings, { ...hooks, resume: resume !== undefined }),
    ),
});
