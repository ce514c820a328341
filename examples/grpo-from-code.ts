/**
 * A GRPO run as a function call: what the command `rlvr grpo` does, for programs.
 *
 *   node --conditions=rlvr-source examples/grpo-from-code.ts
 *
 * trains the base model that ships for 20 steps, or for as many as the argument says, and prints (N stands for a number)
 *
 *   before: N % of held-out problems solved by a sample
 *   step 1: reward N, N tokens
 *   …
 *   after: N %; the run is in runs…
 */
import { grpo } from "rlvr";

const steps = Number(process.argv[2] ?? 20);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const { summary, path } = await grpo(
  {
    task: "arithmetic",
    seed: 1,
    grpo: { steps, promptsPerStep: 32, groupSize: 16, learningRate: 1e-4, warmupSteps: 5 },
    eval: { every: 0, problems: 50, samples: 8 },
  },
  {
    onEvent: (event) => {
      if (event.kind === "measured" && event.when === "before") {
        console.log(`before: ${percent(event.measured.measurement.pass1)} of held-out problems solved by a sample`);
      }
      if (event.kind === "step") {
        const { reward, "completions/mean_length": length } = event.metrics;
        console.log(`step ${event.step}: reward ${reward?.toFixed(2)}, ${length?.toFixed(0)} tokens`);
      }
    },
  },
);
if (summary) console.log(`after: ${percent(summary.after.pass1)}; the run is in ${path}`);
