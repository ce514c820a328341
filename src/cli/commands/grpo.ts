import { GrpoRun, grpo } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { Resume, savedSettings } from "../resume.ts";
import { showTraining } from "../training-output.ts";
import { grpoPlan } from "../training-plan.ts";

export const grpoCommand = defineCommand({
  name: "grpo",
  summary: "Trains a model on a task by GRPO, from the verifier's reward alone.",
  schema: GrpoRun.extend({ resume: Resume }),
  examples: [
    `${PROGRAM} grpo --config tasks/arithmetic/grpo.yaml`,
    `${PROGRAM} grpo --config tasks/countdown/grpo.yaml --seed 2 --grpo.clip-high 0.2 --dry-run`,
    `${PROGRAM} grpo --resume runs/arithmetic-grpo-seed1 --grpo.steps 120`,
  ],
  inherit: (given) => savedSettings(given, "grpo"),
  plan: ({ resume, ...settings }) => grpoPlan(settings, resume !== undefined),
  run: ({ resume, ...settings }, context) =>
    showTraining({ command: "grpo", task: settings.task }, context, (hooks) =>
      grpo(settings, { ...hooks, resume: resume !== undefined }),
    ),
});
