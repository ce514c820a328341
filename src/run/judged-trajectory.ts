/** From what a sampler gave and a verifier said to what training, ledger and report read. */
import type { RlvrError } from "../errors.ts";
import type { SampleRequest } from "../policy/index.ts";
import type { Judged, Judgment, VersionedSample } from "../rollout/index.ts";
import { notGraded } from "../verifiers/verdict.ts";

/** In its group for the ledger; without a token that the policy wrote, it is no part of loss or statistics. */
export function lostTrajectory(request: SampleRequest, lost: RlvrError, policyVersion: number): Judged {
  const { id, promptId, sampleIndex, prompt } = request;
  return {
    ...{ id, promptId, sampleIndex, policyVersion },
    tokens: prompt,
    completionMask: new Uint8Array(prompt.length),
    samplerLogProbs: new Float32Array(prompt.length),
    stopReason: "lost",
    completion: "",
    verdict: notGraded("infrastructure-error", lost.message),
    reward: null,
    verifyMs: 0,
  };
}

/** Prompt and completion as one array of tokens, with what the policy wrote marked. */
export function judgedTrajectory(
  { prompt, promptId, sampleIndex }: SampleRequest,
  { id, tokens: written, logProbs, stopReason, text, policyVersion }: VersionedSample,
  judgment: Judgment,
): Judged {
  const T = prompt.length + written.length;
  const tokens = new Int32Array(T);
  tokens.set(prompt);
  tokens.set(written, prompt.length);
  const samplerLogProbs = new Float32Array(T);
  samplerLogProbs.set(logProbs, prompt.length);
  const completionMask = new Uint8Array(T).fill(1, prompt.length);
  const sampled = { id, promptId, sampleIndex, tokens, completionMask, samplerLogProbs };
  return { ...sampled, stopReason, policyVersion, completion: text, ...judgment };
}
