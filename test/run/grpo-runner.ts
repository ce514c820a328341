/** A GRPO run in a process of its own, to be killed: node grpo-runner.ts <model> <root> <name> <resume|new> */
import { grpo } from "../../src/run/index.ts";
import { echo, ONE } from "./tiny.ts";

export async function runGrpo(model: string, root: string, name: string, resume: boolean, steps = 5): Promise<void> {
  await grpo(
    {
      ...{ model, out: root, name, engine: ONE, checkpointEvery: 2, ledgerLogProbs: true },
      grpo: { steps, promptsPerStep: 4, groupSize: 4, learningRate: 3e-3, minibatches: 2, klCoef: 0.01 },
      eval: { every: 2, quickProblems: 4, problems: 4, samples: 8 },
    },
    { task: echo, resume },
  );
}

if (import.meta.main) {
  const [model, root, name, mode] = process.argv.slice(2);
  await runGrpo(model!, root!, name!, mode === "resume");
}
