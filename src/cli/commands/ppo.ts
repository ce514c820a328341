import { PpoRun, ppo } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { Resume, savedSettings } from "../resume.ts";
import { showTraining } from "../training-output.ts";
import { ppoPlan } from "../training-plan.ts";

export const ppoCommand = defineCommand({
  name: "ppo",
  summary:
    "Trains a model on a task by PPO: from the verifier's reward, with a critic that says how good each token is.",
  schema: PpoRun.extend({ resume: Resume }),
  examples: [
    `${PROGRAM} ppo --config tasks/arithmetic/ppo.yaml`,
    `${PROGRAM} ppo --config tasks/arithmetic/ppo.yaml --ppo.critic own --ppo.value-warmup-steps 5 --dry-run`,
    `${PROGRAM} ppo --resume runs/arithmetic-ppo-seed1 --ppo.steps 120`,
  ],
  inherit: (given) => savedSettings(given, "ppo"),
  plan: ({ resume, ...settings }) => ppoPlan(settings, resume !== undefined),
  run: ({ resume, ...settings }, context) =>
    showTraining({ command: "ppo", task: settings.task }, context, (hooks) =>
      ppo(settings, { ...hooks, resume: resume !== undefined }),
    ),
});
