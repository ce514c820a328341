import { GrpoRun } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { formatPlan } from "../plan.ts";
import { PROGRAM } from "../program.ts";
import { grpoPlan } from "../training-plan.ts";

export const planCommand = defineCommand({
  name: "plan",
  summary: "Says what a GRPO run would take: batches, tokens, peak memory; and what to change where it does not fit.",
  schema: GrpoRun,
  examples: [
    `${PROGRAM} plan --model Qwen2.5-0.5B --task gsm8k --lora.rank 8 --grpo.promptsPerStep 4 --grpo.groupSize 4`,
    `${PROGRAM} plan --config tasks/arithmetic/grpo.yaml`,
  ],
  run: async (settings, context) => {
    context.out.write(formatPlan(await grpoPlan(settings, false)));
  },
});
