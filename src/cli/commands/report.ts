import { z } from "zod";
import { newestRun, writeReport } from "../../run/index.ts";
import { defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";

export const reportCommand = defineCommand({
  name: "report",
  summary: "Makes report.html in the folder of a run, also while the run goes on.",
  schema: z.strictObject({
    run: z.string().default("").describe("folder of the run; empty = the newest in `out`"),
    out: z.string().default("runs").describe("folder of all runs"),
  }),
  positional: ["run"],
  examples: [`${PROGRAM} report runs/arithmetic-grpo-seed1`],
  run: async ({ run, out }, context) => {
    context.out.write(`${await writeReport(run === "" ? newestRun(out) : run)}\n`);
  },
});
