/**
 * rollouts.jsonl, the ledger: one line for each completion that was trained on or left out, with its verdict.
 *
 * It holds nothing that depends on the clock, so a repeated run writes the same bytes.
 */
import { z } from "zod";
import type { Judged } from "../rollout/trajectory.ts";
import { Verdict } from "../verifiers/verdict.ts";

export const RolloutRow = z.strictObject({
  step: z.int().min(0).describe("training step that sampled it"),
  id: z.string().describe("<step>/<promptId>/<sampleIndex>"),
  promptId: z.string().describe("id of the task's row"),
  prompt: z.string().describe("text that the policy continued"),
  completion: z.string().describe("text that the policy wrote"),
  stopReason: z
    .enum(["eos", "stop-string", "length", "lost"])
    .describe("why it ended; length = cut off, lost = the engine never delivered it"),
  verdict: Verdict.describe("what the verifier said, with its reason"),
  reward: z.number().nullable().describe("null exactly when the verdict is not graded"),
  advantage: z.number().nullable().describe("what the loss saw; null = left out of the loss"),
  tokens: z.int().min(0).describe("tokens that the policy wrote"),
  policyVersion: z.int().min(0).describe("updates that the sampling weights had seen"),
  logProbs: z.array(z.number()).optional().describe("sampler log-prob of each token that the policy wrote, on request"),
});
export type RolloutRow = z.infer<typeof RolloutRow>;

export interface RolloutDetails {
  readonly step: number;
  readonly prompt: string;
  readonly advantage: number | null;
  /** Also writes the sampler's log-probs, about 10 bytes a token. */
  readonly logProbs?: boolean;
}

/** The ledger's row of one judged trajectory. */
export function rolloutRow(trajectory: Judged, details: RolloutDetails): RolloutRow {
  const written = trajectory.completionMask.reduce((sum, mask) => sum + mask, 0);
  return {
    step: details.step,
    id: trajectory.id,
    promptId: trajectory.promptId,
    prompt: details.prompt,
    completion: trajectory.completion,
    stopReason: trajectory.stopReason,
    verdict: trajectory.verdict,
    reward: trajectory.reward,
    advantage: details.advantage,
    tokens: written,
    policyVersion: trajectory.policyVersion,
    ...(details.logProbs ? { logProbs: writtenLogProbs(trajectory) } : {}),
  };
}

function writtenLogProbs({ samplerLogProbs, completionMask }: Judged): number[] {
  return [...samplerLogProbs].filter((_, position) => completionMask[position] === 1);
}
