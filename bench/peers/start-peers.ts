/** The peers of each workload: PyTorch or TRL with one thread and with all cores; the faster one counts. */
import { availableParallelism } from "node:os";
import type { Contender } from "../contender.ts";
import type { ModelShape, Workload } from "../workloads.ts";
import { startPython } from "./python-contender.ts";

/** Sequences in one backward pass of TRL. Of 16, 32, 64 and 128 with two threads, 128 was the fastest. */
const TRL_MICRO_BATCH = 128;

/** Starts the peers of `workload`, one after another, so that none warms up against another. */
export async function startPeers(python: string, workload: Workload): Promise<Contender[]> {
  const started: Contender[] = [];
  try {
    for (const threads of new Set([1, availableParallelism()])) {
      started.push(await startPeer(python, workload, threads));
    }
  } catch (error) {
    await Promise.all(started.map((peer) => peer.close()));
    throw error;
  }
  return started;
}

function startPeer(python: string, workload: Workload, threads: number): Promise<Contender> {
  const shape = { ...shapeOptions(workload.shape), threads };
  switch (workload.kind) {
    case "step": {
      const { batch, length } = workload;
      return startPython(python, `PyTorch, threads ${threads}`, "pytorch_step.py", { ...shape, batch, length });
    }
    case "decode": {
      const { batch, promptLength: prompt, newTokens } = workload;
      const options = { ...shape, batch, prompt, new: newTokens };
      return startPython(python, `PyTorch, threads ${threads}`, "pytorch_decode.py", options);
    }
    case "grpo": {
      const { prompts, group } = workload;
      return startPython(python, `TRL, threads ${threads}`, "trl_grpo.py", {
        ...shape,
        prompts,
        group,
        "prompt-length": workload.promptLength,
        "completion-length": workload.completionLength,
        "micro-batch": TRL_MICRO_BATCH,
      });
    }
    default:
      return workload satisfies never;
  }
}

function shapeOptions({ kvHeads, ...rest }: ModelShape): Record<string, number> {
  return { ...rest, "kv-heads": kvHeads };
}
