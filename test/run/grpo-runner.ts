/** A GRPO run in a process of its own that gets stuck in the middle of step 4, to be killed: <model> <root> <name> */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Task } from "../../src/rollout/index.ts";
import { grpo } from "../../src/run/index.ts";
import { echo, ONE } from "./tiny.ts";

export async function runGrpo(
  model: string,
  root: string,
  name: string,
  { resume = false, steps = 5, task = echo as Task } = {},
): Promise<void> {
  await grpo(
    {
      ...{ model, out: root, name, engine: ONE, checkpointEvery: 2, ledgerLogProbs: true },
      grpo: { steps, promptsPerStep: 4, groupSize: 4, learningRate: 3e-3, minibatches: 2, klCoef: 0.01 },
      eval: { every: 2, quickProblems: 4, problems: 4, samples: 8 },
    },
    { task, resume },
  );
}

/** Lines of metrics.jsonl: steps that are written, that of the base model included. */
export function stepsWritten(root: string, name: string): number {
  const log = join(root, name, "metrics.jsonl");
  return existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0;
}

if (import.meta.main) {
  const [model, root, name] = process.argv.slice(2) as [string, string, string];
  const stuck: Task = {
    ...(echo as Task),
    verify: async (completion, row) => {
      if (stepsWritten(root, name) >= 4) await new Promise(() => setInterval(() => undefined, 1000)); // for ever
      return echo.verify(completion, row as Parameters<typeof echo.verify>[1]);
    },
  };
  await runGrpo(model, root, name, { task: stuck });
}
