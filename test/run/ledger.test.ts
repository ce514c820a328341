import { describe, expect, test } from "vitest";
import type { Judged } from "../../src/rollout/trajectory.ts";
import { RolloutRow, rolloutRow } from "../../src/run/ledger.ts";
import { graded, notGraded } from "../../src/verifiers/verdict.ts";

const judged: Judged = {
  id: "3/p7/1",
  promptId: "p7",
  sampleIndex: 1,
  tokens: Int32Array.of(5, 6, 7, 8),
  completionMask: Uint8Array.of(0, 0, 1, 1),
  samplerLogProbs: Float32Array.of(0, 0, -0.5, -0.25),
  stopReason: "eos",
  policyVersion: 2,
  completion: "<answer>4</answer>",
  verdict: graded(1, "correct", "4", "4 equals the reference"),
  reward: 1,
  verifyMs: 12.3,
};

describe("rolloutRow", () => {
  test("counts what the policy wrote and leaves the clock out", () => {
    const row = rolloutRow(judged, { step: 3, prompt: "2+2", advantage: 0.7 });
    expect(RolloutRow.parse(JSON.parse(JSON.stringify(row)))).toEqual({
      step: 3,
      id: "3/p7/1",
      promptId: "p7",
      prompt: "2+2",
      completion: "<answer>4</answer>",
      stopReason: "eos",
      verdict: {
        status: "graded",
        reward: 1,
        outcome: "correct",
        answer: "4",
        reason: "4 equals the reference",
        metrics: {},
      },
      reward: 1,
      advantage: 0.7,
      tokens: 2,
      policyVersion: 2,
    });
  });

  test("has the log-probs of the written tokens on request", () => {
    expect(rolloutRow(judged, { step: 3, prompt: "", advantage: 0, logProbs: true }).logProbs).toEqual([-0.5, -0.25]);
  });

  test("a trajectory without a reward has neither reward nor advantage", () => {
    const verdict = notGraded("verifier-error", "the verifier threw");
    const row = rolloutRow({ ...judged, verdict, reward: null }, { step: 3, prompt: "", advantage: null });
    expect(RolloutRow.parse(row)).toMatchObject({
      reward: null,
      advantage: null,
      verdict: { cause: "verifier-error" },
    });
  });
});
