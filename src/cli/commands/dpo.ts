import { DpoRun, dpo } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { Resume, savedSettings } from "../resume.ts";
import { showTraining } from "../training-output.ts";

export const dpoCommand = defineCommand({
  name: "dpo",
  summary: "Trains a model directly on preferences: DPO, IPO, KTO, SimPO, ORPO, RRHF.",
  schema: DpoRun.extend({ resume: Resume }),
  examples: [
    `${PROGRAM} dpo --model runs/data-sft-seed1 --data pairs.jsonl --held-out test.jsonl`,
    `${PROGRAM} dpo --model my-model --data ratings.jsonl --dpo.loss kto --dpo.steps 500`,
    `${PROGRAM} dpo --model my-model --data votes.jsonl --dpo.labels trust --dpo.loss robust-dpo --dpo.label-smoothing 0.1`,
  ],
  inherit: (given) => savedSettings(given, "dpo"),
  run: ({ resume, ...settings }, context) =>
    showTraining({ command: "dpo", task: "" }, context, (hooks) =>
      dpo(settings, { ...hooks, resume: resume !== undefined }),
    ),
});
