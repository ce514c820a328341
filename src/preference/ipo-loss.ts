/**
 * Identity preference optimization — https://arxiv.org/abs/2310.12036 eq. 17
 *
 *   L = (h − 1/(2τ))²      h as in DPO
 *
 * A gap wider than 1/(2τ) is punished again, so labels that all agree do not drive the policy to certainty.
 */
import { implicitRewards, type LogProbPair, type PairLoss } from "./pair-loss.ts";

export interface IpoOptions {
  readonly tau: number;
  /** "token": h of averages over each completion's tokens, what the paper's figures were made with (TRL asked its authors). */
  readonly per: "token" | "sequence";
}

export function ipoLoss({ tau, per }: IpoOptions): PairLoss {
  return (pair) => {
    const { chosen, rejected }: LogProbPair = pair;
    const [nW, nL] = per === "token" ? [chosen.length, rejected.length] : [1, 1];
    const h = (chosen.sum - chosen.reference) / nW - (rejected.sum - rejected.reference) / nL;
    const gradH = 2 * (h - 1 / (2 * tau));
    return {
      loss: (h - 1 / (2 * tau)) ** 2,
      gradChosen: gradH / nW,
      gradRejected: -gradH / nL,
      ...implicitRewards(pair, tau),
    };
  };
}
