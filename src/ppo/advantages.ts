/** Step 3 of training: token rewards, and from them and the values the advantages and the critic's targets. */
import { written } from "../policy/sampled.ts";
import { rescale, whiten } from "../policy/whiten.ts";
import type { PpoConfig } from "./config.ts";
import type { Episode } from "./episode.ts";
import { decoupledGae, lengthAdaptiveLambda } from "./gae.ts";
import { tokenRewards } from "./token-rewards.ts";

/** Fills in rewards, returns and advantages of graded episodes. `klCoef` is β of this step. */
export function assignAdvantages(episodes: readonly Episode[], klCoef: number, config: PpoConfig): void {
  for (const episode of episodes) {
    const { trajectory, length, reward, refLogProbs, oldLogProbs } = episode;
    const { rewards, seqKl } = tokenRewards(
      reward!,
      {
        ...{ id: trajectory.id, length, finished: !trajectory.truncated, refLogProbs },
        logProbs: refLogProbs && written(oldLogProbs, trajectory.completionMask),
      },
      { missingEosPenalty: config.missingEosPenalty, klCoef },
    );
    episode.rewards = rewards;
    episode.seqKl = seqKl;
  }
  const all = ones(episodes);
  const rewards = episodes.map((episode) => episode.rewards);
  const scaled = config.rewards === "rescaled" ? rescale(rewards, all) : rewards;
  for (const [i, episode] of episodes.entries()) {
    const isCutOff = episode.trajectory.truncated && config.afterTruncation === "bootstrap";
    const lambda =
      config.adaptiveLambda === null ? config.lambda : lengthAdaptiveLambda(episode.length, config.adaptiveLambda);
    const { advantages, returns } = decoupledGae(scaled[i]!, episode.values, {
      gamma: config.gamma,
      lambdaPolicy: lambda,
      lambdaCritic: config.lambdaCritic ?? lambda,
      lastValue: isCutOff ? episode.lastValue : 0,
    });
    episode.advantages = advantages;
    episode.returns = returns;
  }
  if (config.advantages !== "whitened") return;
  for (const [i, advantages] of whitenedAdvantages(episodes).entries()) episodes[i]!.advantages = advantages;
}

/** Mean 0 and variance 1 over all tokens of these episodes together. [B][length] */
export function whitenedAdvantages(episodes: readonly Episode[]): number[][] {
  return whiten(
    episodes.map(({ advantages }) => advantages),
    ones(episodes),
  );
}

/** All tokens that the policy wrote are valid. [B][length] */
function ones(episodes: readonly Episode[]): number[][] {
  return episodes.map(({ length }) => new Array<number>(length).fill(1));
}
