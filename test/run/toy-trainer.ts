/**
 * A run whose "training" is a generator: node toy-trainer.ts <root> <name> <steps> <resume|new>
 *
 * Everything that the loop needs to go on is in its checkpoints, as in a real run; so a resumed run must write the bytes
 * of an uninterrupted one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "../../src/rng.ts";
import { openRun } from "../../src/run/directory.ts";
import { graded } from "../../src/verifiers/verdict.ts";

const EVERY = 4; // steps from checkpoint to checkpoint
const WEIGHTS = 50_000;

export async function train(root: string, name: string, steps: number, resume: boolean): Promise<void> {
  const run = openRun({
    root,
    name,
    resume,
    config: { steps, lr: 0.1 },
    mayChange: ["steps"],
    seed: 3,
    engine: "toy/cpu",
  });
  const rng = new Rng(3, "toy");
  const weights = new Float64Array(WEIGHTS);
  let from = 0;
  if (run.resumed) {
    from = run.resumed.step;
    rng.position = (run.resumed.state as { position: number }).position;
    weights.set(new Float64Array(new Uint8Array(readFileSync(join(run.resumed.path, "weights.bin"))).buffer));
  }
  for (let step = from + 1; step <= steps; step++) {
    for (let i = 0; i < WEIGHTS; i++) weights[i] = weights[i]! * 0.9 + rng.next();
    const reward = weights[step % WEIGHTS]!;
    const rollouts = Array.from({ length: 20 }, (_, i) => ({
      step,
      id: `${step}/p/${i}`,
      promptId: "p",
      prompt: "prompt",
      completion: `${rng.next()}`.repeat(20),
      stopReason: "eos" as const,
      verdict: graded(reward, "partial", null, "made up"),
      reward,
      advantage: 0,
      tokens: 3,
      policyVersion: step,
    }));
    run.recordStep(step, { step_time: performance.now(), grad_norm: rng.next(), reward }, rollouts);
    if (step % EVERY === 0) {
      await run.saveCheckpoint({ state: { position: rng.position } }, async (folder) => {
        writeFileSync(join(folder, "weights.bin"), new Uint8Array(weights.buffer));
      });
    }
  }
  run.close("finished");
}

if (import.meta.main) {
  const [root, name, steps, mode] = process.argv.slice(2);
  await train(root!, name!, Number(steps), mode === "resume");
}
