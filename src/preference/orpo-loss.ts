/**
 * Odds ratio preference optimization — https://arxiv.org/abs/2403.07691 eq. 6, 7
 *
 *   L = −a_w − λ·log σ(log odds(a_w) − log odds(a_l))      a = log π(y | x) / |y|,  odds = e^a / (1 − e^a)
 *
 * ∂log odds/∂a = 1 / (1 − e^a). The first term is the mean negative log-likelihood of the chosen completion; TRL takes it
 * over the prompt's tokens too, and over all tokens of a batch.
 */
import { logSigmoid, sigmoid } from "./logistic.ts";
import type { PairLoss } from "./pair-loss.ts";

/** The odds of certainty are infinite: a mean log-prob closer to 0 than float32 resolves counts as this. */
const MOST = -1e-7;

export interface OrpoOptions {
  /** λ; TRL calls it beta. */
  readonly lambda: number;
}

export function orpoLoss({ lambda }: OrpoOptions): PairLoss {
  return ({ chosen, rejected }) => {
    const aW = Math.min(chosen.sum / chosen.length, MOST);
    const aL = Math.min(rejected.sum / rejected.length, MOST);
    const logOdds = aW - logOneMinusExp(aW) - (aL - logOneMinusExp(aL));
    const slope = lambda * sigmoid(-logOdds);
    return {
      loss: -aW - lambda * logSigmoid(logOdds),
      gradChosen: (-1 - slope / -Math.expm1(aW)) / chosen.length,
      gradRejected: slope / -Math.expm1(aL) / rejected.length,
      rewardChosen: lambda * aW,
      rewardRejected: lambda * aL,
    };
  };
}

/** log(1 − e^a) for a < 0, exact at both ends. */
function logOneMinusExp(a: number): number {
  return a > -Math.LN2 ? Math.log(-Math.expm1(a)) : Math.log1p(-Math.exp(a));
}
