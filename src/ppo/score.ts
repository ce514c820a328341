/** Step 2 of training: log-probs and values of the completions before the update, and log-probs of the reference policy. */
import { RlvrError } from "../errors.ts";
import { REF_LOG_PROB_FLOOR } from "../policy/kl.ts";
import type { RowScores } from "../policy/loss.ts";
import { written } from "../policy/sampled.ts";
import type { Episode } from "./episode.ts";
import type { StepOptions } from "./train.ts";

export async function scoreEpisodes(episodes: readonly Episode[], options: StepOptions): Promise<void> {
  if (episodes.length === 0) return;
  const { config, learner, critic, referenceScore } = options;
  const rows = episodes.map(({ trajectory: { id, tokens } }) => ({ id, tokens }));
  const old = await learner.score(rows, config.temperature);
  const judged = config.critic === "own" ? await critic!.score(rows, config.temperature) : old;
  const reference = config.klCoef > 0 ? await referenceScore!(rows, config.temperature) : null;
  for (const [i, episode] of episodes.entries()) {
    const { completionMask } = episode.trajectory;
    episode.oldLogProbs = old[i]!.logProbs;
    const scores = scoresOf(judged[i]!);
    episode.values = written(valuesBefore(scores), completionMask);
    episode.lastValue = scores[completionMask.lastIndexOf(1)]!;
    episode.refLogProbs =
      reference && written(reference[i]!.logProbs, completionMask).map((x) => Math.max(x, REF_LOG_PROB_FLOOR));
  }
}

function scoresOf({ scores }: RowScores): Float32Array {
  if (scores !== undefined) return scores;
  throw new RlvrError("E_CONFIG", "the critic gives no scores, expected a model with a score head", {
    hint: 'give the model one: withHead(model, "both", seed, 0), or "score" for a critic of its own',
  });
}

/** The score at token t is of the state that has read it: the value before token t is the one at t − 1. [T] → [T] */
function valuesBefore(scores: Float32Array): Float32Array {
  const values = new Float32Array(scores.length);
  values.set(scores.subarray(0, -1), 1);
  return values;
}
