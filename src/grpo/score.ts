/** Step 2 of training: log-probs of the completions under the old and the reference policy. */
import { klOfToken, REF_LOG_PROB_FLOOR } from "../policy/kl.ts";
import { written } from "../policy/sampled.ts";
import { average } from "../policy/statistics.ts";
import type { Candidate } from "./batch.ts";
import type { StepMetrics } from "./step-metrics.ts";
import type { TrainOptions } from "./train.ts";
import type { Variants } from "./variants.ts";

/** Fills in old and reference log-probs where the variants need them. Returns the KL, where the loss does not see it. */
export async function scoreCandidates(
  candidates: readonly Candidate[],
  { scoresOld, needsReference, klInReward }: Variants,
  { config, learner, referenceScore }: TrainOptions,
): Promise<StepMetrics> {
  if (candidates.length === 0) return {};
  const rows = candidates.map(({ trajectory: { id, tokens } }) => ({ id, tokens }));
  const old = scoresOld ? await learner.score(rows, config.temperature) : [];
  const reference = needsReference ? await referenceScore!(rows, config.temperature) : [];
  for (const [i, candidate] of candidates.entries()) {
    if (scoresOld) candidate.oldLogProbs = old[i]!.logProbs;
    if (needsReference) candidate.refLogProbs = reference[i]!.logProbs.map((x) => Math.max(x, REF_LOG_PROB_FLOOR));
  }
  if (klInReward === null) return {};

  const nats = candidates.flatMap((candidate) => {
    const mask = candidate.trajectory.completionMask;
    const oldLogProbs = written(candidate.oldLogProbs!, mask);
    const refLogProbs = written(candidate.refLogProbs!, mask);
    candidate.penalty = oldLogProbs.map((logProb, t) => config.klCoef * klInReward(logProb, refLogProbs[t]!));
    return oldLogProbs.map((logProb, t) => klOfToken.k3(logProb, refLogProbs[t]!));
  });
  return { kl: average(nats) };
}
