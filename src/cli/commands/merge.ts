import { z } from "zod";
import { findModel, merge } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";

export const mergeCommand = defineCommand({
  name: "merge",
  summary: "Adds a LoRA adapter to its base model and writes the result as an ordinary model.",
  schema: z.strictObject({
    adapter: z.string().describe("folder of the adapter in PEFT's layout, or a run that trained one"),
    out: z.string().describe("folder of the model that is written"),
    format: z.enum(["F32", "BF16", "F16"]).default("F32").describe("what numbers are stored as"),
  }),
  positional: ["adapter"],
  examples: [`${PROGRAM} merge runs/gsm8k-grpo-seed1 --out merged --format BF16`],
  run: async ({ adapter, out, format }, context) => {
    await merge(await findModel(adapter, null), out, format);
    context.out.write(`${out}\n`);
  },
});
