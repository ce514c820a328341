/**
 * What does a model write? Two completions each of three held-out problems, with their verdicts.
 *
 *   node --conditions=rlvr-source examples/sample.ts
 *
 * prints six lines; a run's folder as argument takes that run's model instead of the base model.
 *
 *   …correct…=…→ …
 *   …
 */
import { sampleModel } from "rlvr";

const problems = await sampleModel({ task: "arithmetic", model: process.argv[2] ?? "", problems: 3, samples: 2 });
for (const { prompt, completions } of problems) {
  for (const { completion, verdict } of completions) {
    const outcome = verdict?.status === "graded" ? verdict.outcome : "not graded";
    console.log(`${outcome.padEnd(10)} ${prompt} → ${completion}`);
  }
}
